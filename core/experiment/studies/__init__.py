"""A study is a file: what it says, how it is read, and the runs that it needs."""
