"""`mockllm-validate` and `mockllm validate`."""

from __future__ import annotations

import gc
import io
import os
import sys
from pathlib import Path

import click

from mockllm.cli.formats import FORMATS, Report
from mockllm.core.problems import has_errors


@click.command("validate")
@click.argument("sources", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--format",
    "format_name",
    type=click.Choice(list(FORMATS)),
    default="text",
    help="How problems are printed.",
)
@click.option("--together", is_flag=True, help="Check the FILEs as one, as `start -r` serves them.")
@click.option("--warnings-as-errors", is_flag=True, help="Exit with 1 for warnings too.")
@click.pass_context
def validate(
    context: click.Context,
    sources: tuple[str, ...],
    format_name: str,
    together: bool,
    warnings_as_errors: bool,
) -> None:
    """Check responses files. Each FILE is a ruleset of its own; so is a folder. With --together
    they are one ruleset, in which a later FILE overrides the earlier ones.

    Exits with 0 when all is well, 1 when there are problems, 2 when a FILE is missing or cannot
    be read.
    """
    rulesets = [sources] if together else [(source,) for source in sources]
    reports = [_report(tuple(map(Path, names))) for names in rulesets]
    output = FORMATS[format_name](reports)
    if output:
        click.echo(output)
    if not all(map(_is_readable, sources)):
        context.exit(2)
    problems = tuple(problem for report in reports for problem in report.problems)
    context.exit(int(has_errors(problems) or (warnings_as_errors and bool(problems))))


def _report(paths: tuple[Path, ...]) -> Report:
    from mockllm.config.files import shown  # slow to import: the collector is off by now
    from mockllm.config.load import load

    loaded = load(*paths)
    answers = len(loaded.ruleset.answers) if loaded.ruleset else None
    rules = len(loaded.ruleset.rules) if loaded.ruleset else 0
    return Report(shown(paths), answers, loaded.problems, rules)


def _is_readable(source: str) -> bool:
    return os.path.exists(source) and os.access(source, os.R_OK)


def main() -> None:
    """Run `mockllm-validate`."""
    gc.disable()  # the process is short: to look for garbage takes a fifth of its time
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a prompt may hold what it cannot show
    try:
        validate(prog_name="mockllm-validate")
    finally:
        gc.freeze()  # Python would look once more when it ends
