"""The results that ship with the project: packed into a few files, unpacked, checked and verified.

`layout` says where they lie and what the files hold, `select` which runs belong to them, `pack` and `export` write
them, `unpack` reads them back as a run's own tables, `verify` recomputes what they claim.
"""
