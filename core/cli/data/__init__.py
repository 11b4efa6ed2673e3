"""`data`: which data sets are on this machine, how much they hold, and how to get those that are not."""

from core.cli.data import get, listing
from core.cli.data.app import app

__all__ = ["app", "get", "listing"]
