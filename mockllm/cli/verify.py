"""`mockllm verify`."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

import click

from mockllm.admin.guard import TOKEN_VARIABLE
from mockllm.cli.verify_formats import FORMATS
from mockllm.core.verdict import KINDS

_DEFAULT_URL = "http://127.0.0.1:8000"
_TIMEOUT_S = 60.0


class CannotVerify(click.ClickException):
    """Nothing could be verified, which is not the same as a failure."""

    exit_code = 2


@click.command("verify")
@click.option("--url", default=_DEFAULT_URL, show_default=True, help="Where mockllm serves.")
@click.option("--session", help="Whose requests; everyone's unless given.")
@click.option(
    "--format", "format_name", type=click.Choice(list(FORMATS)), default="text", help="How."
)
@click.option(
    "--ignore",
    "ignored",
    metavar="VERDICT",
    multiple=True,
    type=click.Choice(list(KINDS)),
    help="A verdict to leave out, such as gave_up. May be repeated.",
)
@click.option("--warnings-as-errors", is_flag=True, help="Exit with 1 for warnings too.")
@click.pass_context
def verify(
    context: click.Context,
    url: str,
    session: str | None,
    format_name: str,
    ignored: tuple[str, ...],
    warnings_as_errors: bool,
) -> None:
    """Say whether the requests of a running server are as its rules expect, and what the program
    that sent them does wrong.

    Exits with 0 when all is well, 1 when anything failed, 2 when nothing could be verified.
    """
    report = fetch(url, session, ignored)
    click.echo(FORMATS[format_name](report, warnings_as_errors))
    is_bad = not report["passed"] or (warnings_as_errors and report["has_warnings"])
    context.exit(int(is_bad))


def fetch(url: str, session: str | None, ignored: tuple[str, ...]) -> dict[str, Any]:
    """Return the report of a running server.

    Raises:
        CannotVerify: it gives none.
    """
    query = "" if session is None else f"?{urllib.parse.urlencode({'session': session})}"
    address = f"{url.rstrip('/')}/_mockllm/verify{query}"
    token = os.environ.get(TOKEN_VARIABLE)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    body = json.dumps({"ignore": ignored} if ignored else {}).encode()
    if not url.startswith(("http://", "https://")):
        raise CannotVerify(f"{url!r} is no URL; write for example {_DEFAULT_URL}")
    try:
        request = urllib.request.Request(address, body, headers)
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as response:
            found: dict[str, Any] = json.load(response)
    except urllib.error.HTTPError as error:
        raise CannotVerify(f"{address} answers {error.code}: {_reason(error)}") from None
    except OSError as error:
        raise CannotVerify(f"nobody answers at {url}: {error}") from None
    except ValueError as error:
        raise CannotVerify(f"{address} is not mockllm's: {error}") from None
    return found


def _reason(error: urllib.error.HTTPError) -> str:
    """Return what the server says of it: a text, or the error in its JSON."""
    text = error.read().decode(errors="replace")
    try:
        return str(json.loads(text)["error"])
    except (ValueError, TypeError, KeyError):
        return text[:500]
