"""`suites`: small behavioural sets of our own, listed, shown, and run on stored models."""

from core.cli.suites import running, showing
from core.cli.suites.app import app

__all__ = ["app", "running", "showing"]
