"""Isogloss's storing half: DuckDB files under the workspace. The only package that knows SQL.

`results` keeps what runs gave: its `importer` and `reference_import` write, the rest reads. `user` keeps what people
made, `report` gathers what a report shows. Every function opens its file briefly, waits its turn, and returns pandas
tables or plain values; where there is no file yet, tables come back empty with the same columns and none is made.
"""
