"""The command line: `python -m core <verb>`, one file a verb."""

from __future__ import annotations

import logging
import os
import sys

import typer
from typer.exceptions import TyperException
from typer.main import get_command

from core.cli.verbs import listed_verbs
from core.errors import IsoglossError

app = listed_verbs()

#: Options that may be followed by several values: of every verb, and of one.
SEVERAL = ("--arms",)
SEVERAL_OF = {"patch": ("--languages", "--layers")}


def spread(arguments: list[str], option: str) -> list[str]:
    """`--arms a b` as `--arms a --arms b`: one option may be followed by several values."""
    result: list[str] = []
    inside = False
    for argument in arguments:
        if inside and not argument.startswith("-") and result[-1] != option:
            result.append(option)
        inside = argument == option or (inside and not argument.startswith("-"))
        result.append(argument)
    return result


def main(arguments: list[str] | None = None) -> int:
    """Run a verb; the exit status is 0, 2 for bad input, 1 for any other failure, told in one sentence."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s")
    try:
        given = sys.argv[1:] if arguments is None else arguments
        for option in (*SEVERAL, *SEVERAL_OF.get(given[0] if given else "", ())):
            given = spread(given, option)
        outcome = get_command(app).main(given, prog_name="python -m core", standalone_mode=False)
        return outcome if isinstance(outcome, int) else 0
    except IsoglossError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        print("Stopped.", file=sys.stderr)
        return 1
    except TyperException as error:
        print(error.format_message() if hasattr(error, "format_message") else error, file=sys.stderr)
        return 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:  # the contract: one sentence, never a stack trace
        if os.environ.get("ISOGLOSS_DEBUG"):
            raise
        reason = str(error).splitlines()[0] if str(error) else ""
        print(
            f"Unexpected failure ({type(error).__name__}: {reason[:200]}); set ISOGLOSS_DEBUG=1 for the details.",
            file=sys.stderr,
        )
        return 1
