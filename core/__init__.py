"""Isogloss's computing half: data, encoder, arms, training, evaluation and figures.

Nothing here imports streamlit or duckdb; only `core.cli` may import `store`.
"""
