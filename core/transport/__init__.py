"""Optimal transport between the tokens of two sentences, or between two batches of posteriors."""
