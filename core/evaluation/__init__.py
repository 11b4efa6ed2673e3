"""Evaluation: predictions, accuracy, intervals, held-out objectives, probes and retrieval."""
