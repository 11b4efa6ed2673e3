"""Gold labels in the store: those of runs that are stored are the same, those of sealed runs are joined last."""
