"""`mockllm start`."""

from __future__ import annotations

import os

import click

from mockllm.cli.options import responses_option


@click.command(context_settings={"ignore_unknown_options": True})
@responses_option
@click.option("-h", "--host", help="The address to listen on (127.0.0.1 unless given).")
@click.option(
    "-p", "--port", type=click.IntRange(0, 65535), help="The port (PORT, or 8000, unless given)."
)
@click.argument("gunicorn_options", nargs=-1, type=click.UNPROCESSED)
def start(
    responses: tuple[str, ...],
    host: str | None,
    port: int | None,
    gunicorn_options: tuple[str, ...],
) -> None:
    """Serve. Further options go to gunicorn: --workers 2, --certfile cert.pem, --bind ..."""
    from mockllm.config.discover import VARIABLES, discover
    from mockllm.serving.port import check_port, default_port
    from mockllm.serving.start import serve  # gunicorn is slow to import; other commands skip it

    if gunicorn_options and not gunicorn_options[0].startswith("-"):
        raise click.UsageError(
            f"unexpected argument {gunicorn_options[0]!r}; did you mean --responses?"
        )
    if responses:
        discover(responses, os.environ)
        os.environ[VARIABLES[0]] = os.pathsep.join(responses)
    bind = None
    if port is None:
        check_port(os.environ)
    if host is not None or port is not None:
        chosen = default_port(os.environ) if port is None else port
        bind = f"{_bracketed(host or '127.0.0.1')}:{chosen}"
    serve(bind, gunicorn_options)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
