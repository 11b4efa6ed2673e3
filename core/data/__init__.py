"""Data: loaders by format, what was found on this machine, and the starter set."""
