"""`predictions`: another model's predictions on a stored benchmark, added beside the runs, listed, removed."""

from core.cli.predictions.app import app

__all__ = ["app"]
