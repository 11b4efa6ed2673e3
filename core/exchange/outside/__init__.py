"""Predictions of another model from a file: read, held against gold labels, written as a run folder."""
