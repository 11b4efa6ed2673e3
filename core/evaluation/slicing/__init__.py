"""Slices that a person writes as one line: read, measured, evaluated, compared."""
