"""Training: one loop, the batches of a run and their order, checkpoints."""
