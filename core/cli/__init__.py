"""The command line: `python -m core <verb>`, one file a verb."""

from __future__ import annotations

import logging
import os
import sys

import typer
from typer.exceptions import TyperException
from typer.main import get_command

from core.cli import (
    align,
    alignment_error,
    bitext,
    data,
    doctor,
    errors,
    export_reference,
    import_,
    predict,
    report,
    retrieval_experiment,
    retrieve,
    run,
    runs,
    score_alignment,
    trial,
    tune,
    verdict,
    verify_reference,
)
from core.errors import IsoglossError

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Isogloss from the command line.")
app.command("doctor")(doctor.doctor)
app.command("data")(data.data)
app.command("run")(run.run)
app.command("predict")(predict.predict)
app.command("verdict")(verdict.verdict)
app.command("import")(import_.import_)
app.command("trial")(trial.trial)
app.command("tune")(tune.tune)
app.command("align")(align.align)
app.command("score-alignment")(score_alignment.score_alignment)
app.command("alignment-error")(alignment_error.alignment_error)
app.command("errors")(errors.errors)
app.command("export-reference")(export_reference.export_reference)
app.command("report")(report.report)
app.command("verify-reference")(verify_reference.verify_reference)
app.command("retrieval-experiment")(retrieval_experiment.retrieval_experiment)
app.command("retrieve")(retrieve.retrieve)
app.add_typer(bitext.app, name="bitext")
app.add_typer(runs.app, name="runs")

log = logging.getLogger("isogloss")


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
        given = spread(sys.argv[1:] if arguments is None else arguments, "--arms")
        outcome = get_command(app).main(given, prog_name="python -m core", standalone_mode=False)
        return outcome if isinstance(outcome, int) else 0
    except IsoglossError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        print("Stopped.", file=sys.stderr)
        return 1
    except TyperException as error:
        told = error.format_message() if hasattr(error, "format_message") else str(error)
        print(told, file=sys.stderr)
        return 2
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
