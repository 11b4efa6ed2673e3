"""What the errors page asks of a selection of predictions."""
