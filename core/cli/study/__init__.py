"""`study`: questions as files. List them, write one of your own, check it, see what it can show, lock it, run it."""

from core.cli.study import files, plan, run, verdict
from core.cli.study.app import app

__all__ = ["app", "files", "plan", "run", "verdict"]
