"""`mockllm init`."""

from __future__ import annotations

from pathlib import Path

import click

from mockllm.config.discover import STARTER


@click.command()
@click.argument("file", default="responses.yml", type=click.Path(path_type=Path))
def init(file: Path) -> None:
    """Write a commented starter file (FILE, or responses.yml)."""
    try:
        with file.open("x", encoding="utf-8") as new:
            new.write(STARTER.read_text(encoding="utf-8"))
    except FileExistsError:
        raise click.ClickException(f"{file} exists already; it was left as it is") from None
    except OSError as error:
        raise click.ClickException(f"{file} cannot be written: {error.strerror}") from None
    named = "" if file == Path("responses.yml") else f" -r {file}"
    click.echo(f"wrote {file}; now run: mockllm start{named}")
