"""`mockllm tail`."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator

import click

from mockllm.admin.guard import TOKEN_VARIABLE

_DEFAULT_URL = "http://127.0.0.1:8000"


@click.command("tail")
@click.option("--url", default=_DEFAULT_URL, show_default=True, help="Where mockllm serves.")
def tail(url: str) -> None:
    """Show the requests of a running server, as they end."""
    address = f"{url.rstrip('/')}/_mockllm/events"
    token = os.environ.get(TOKEN_VARIABLE)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers)) as response:
            for line in lines(response):
                click.echo(line)
    except urllib.error.HTTPError as error:
        reason = error.read().decode(errors="replace")[:500]
        raise click.ClickException(f"{address} answers {error.code}: {reason}") from None
    except OSError as error:
        raise click.ClickException(f"nobody answers at {url}: {error}") from None
    except KeyboardInterrupt:
        pass


def lines(stream: Iterable[bytes]) -> Iterator[str]:
    """Yield the console line of each event in a stream."""
    for line in stream:
        if line.startswith(b"data: "):
            yield json.loads(line.removeprefix(b"data: "))["line"]
