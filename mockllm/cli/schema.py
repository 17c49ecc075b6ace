"""`mockllm schema`."""

from __future__ import annotations

import click
import msgspec

from mockllm.config.json_schema import json_schema


@click.command()
def schema() -> None:
    """Print a JSON Schema of responses files, for editors.

    Save it as mockllm.schema.json beside the file; the starter's first line names it.
    """
    click.echo(msgspec.json.format(msgspec.json.encode(json_schema())).decode())
