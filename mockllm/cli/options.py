"""The options that several commands have."""

from __future__ import annotations

import click

responses_option = click.option(
    "-r",
    "--responses",
    multiple=True,
    help="The YAML file or folder to answer from. Given again, the later one overrides.",
)
