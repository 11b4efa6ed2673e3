"""What is measured of a trained run: one file a measure, one row each in `registry`."""
