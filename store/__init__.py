"""Isogloss's storing half: DuckDB files under the workspace. The only package that knows SQL.

`importer` is the one writer of the results; `runs`, `scores`, `curves`, `predictions`, `plans` and
`rankings` read them. Every function opens the file briefly, waits its turn, and returns pandas tables or
plain values; where there is no file yet, tables come back empty with the same columns and none is made.
"""
