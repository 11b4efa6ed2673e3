"""The command line: `python -m core <verb>`, one file a verb."""

from __future__ import annotations

import logging
import os
import sys

import typer
from click.exceptions import ClickException, UsageError
from typer.main import get_command

from core.cli import data, doctor, import_, predict, run, trial
from core.errors import IsoglossError

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Isogloss from the command line.")
app.command("doctor")(doctor.doctor)
app.command("data")(data.data)
app.command("run")(run.run)
app.command("predict")(predict.predict)
app.command("import")(import_.import_)
app.command("trial")(trial.trial)

log = logging.getLogger("isogloss")


def main(arguments: list[str] | None = None) -> int:
    """Run a verb; the exit status is 0, 2 for bad input, 1 for any other failure, told in one sentence."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s")
    try:
        outcome = get_command(app).main(arguments, prog_name="python -m core", standalone_mode=False)
        return outcome if isinstance(outcome, int) else 0
    except IsoglossError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except (UsageError, ClickException) as error:
        print(error.format_message(), file=sys.stderr)
        return 2
    except (KeyboardInterrupt, typer.Abort):
        print("Stopped.", file=sys.stderr)
        return 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:  # the contract: one sentence, never a stack trace
        if os.environ.get("ISOGLOSS_DEBUG"):
            raise
        told = str(error).splitlines()[0] if str(error) else ""
        print(
            f"Unexpected failure ({type(error).__name__}: {told[:200]}); set ISOGLOSS_DEBUG=1 for the details.",
            file=sys.stderr,
        )
        return 1
