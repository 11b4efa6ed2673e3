"""Training: the NLI model, batches, one loop, checkpoints and run folders."""
