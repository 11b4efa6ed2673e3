"""A person's own bitext: read in the formats that people have, checked pair by pair, scored, cleaned and written again.

`opening` and `encodings` turn a file into bounded streams of text; one file a format family yields numbered pairs;
`propose` says which column is which language; `check` gives each pair its reasons to be left out; `scores` says how
near the two sides are, `noise` and `cut` how far to trust that. Everything streams: memory does not grow with the file.
"""
