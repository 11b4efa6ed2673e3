"""Encoders: the embedded weights, any Hub name or local folder; words, states and sentence vectors."""
