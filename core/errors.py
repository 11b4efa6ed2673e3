"""Errors that a person can cause or meet, each with one sentence that says what to do."""

from __future__ import annotations


class IsoglossError(Exception):
    """A failure told in one sentence; `exit_code` is what the command line ends with."""

    exit_code = 1


class BadInput(IsoglossError):
    """The input (a file, a column, a language, an option) cannot be used as it is."""

    exit_code = 2


class MissingData(BadInput):
    """Data that the request needs is not on this machine."""


class Cancelled(IsoglossError):
    """The person asked for the work to stop; what was finished is kept."""
