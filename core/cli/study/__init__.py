"""`study`: questions as files. List them, write one of your own, check it, see what it can show, lock it, run it, pass
its results on."""

from core.cli.study import files, floors, plan, run, share, status, strengths, verdict
from core.cli.study.app import app

__all__ = ["app", "files", "floors", "plan", "run", "share", "status", "strengths", "verdict"]
