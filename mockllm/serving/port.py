"""The port in the variable `PORT`."""

from __future__ import annotations

from collections.abc import Mapping

import click

DEFAULT_PORT = 8000
MAX_PORT = 65535


def check_port(environ: Mapping[str, str]) -> None:
    """See that `PORT`, if it is set, is a port.

    Raises:
        click.UsageError: it is not.
    """
    port = environ.get("PORT", "")
    if port and not (port.isdecimal() and port.isascii() and int(port) <= MAX_PORT):
        raise click.UsageError(f"the variable PORT is {port!r}, which is not a port")


def default_port(environ: Mapping[str, str]) -> int:
    """Return the port in `PORT`; 8000 when it is not set, or not a port (see `check_port`)."""
    try:
        check_port(environ)
    except click.UsageError:
        return DEFAULT_PORT
    return int(environ.get("PORT") or DEFAULT_PORT)
