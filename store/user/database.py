"""`user.duckdb`: what people make in the app. Nothing in it can be rebuilt, so nothing here deletes it."""

from __future__ import annotations

from core.workspace import Workspace
from store.connection import writing
from store.database import MIGRATIONS, Database


def user_database(workspace: Workspace) -> Database:
    """What people made: an audit of their acts, and tables that later migrations add."""
    return Database(
        path=workspace.user.resolve(),
        migrations=MIGRATIONS / "user",
        title="user store",
        remedy="put the newest backup in its place with `python -m core restore`",
        irreplaceable=True,
    )


def prepare(workspace: Workspace) -> None:
    """Make the user store if there is none, and bring an older one up to date.

    Raises `IsoglossError` if the file is damaged, in use for too long, or made by a newer Isogloss.
    """
    with writing(user_database(workspace)):
        pass
