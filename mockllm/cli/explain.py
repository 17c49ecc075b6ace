"""`mockllm explain`."""

from __future__ import annotations

import os
from typing import IO

import click
import msgspec

from mockllm.admin.explain import (
    explain_body,
    explanation_lines,
    explanation_object,
    refusal,
)
from mockllm.cli.options import responses_option
from mockllm.config.discover import discover
from mockllm.config.load import load
from mockllm.errors import RequestError
from mockllm.providers.registry import ASKED


@click.command("explain")
@click.argument("request", metavar="REQUEST.json", type=click.File("rb"))
@click.option(
    "--provider",
    type=click.Choice(list(ASKED)),
    default="openai",
    show_default=True,
    help="Whose request it is: a provider's chat, or an operation.",
)
@responses_option
@click.option(
    "--format", "format_name", type=click.Choice(["text", "json"]), default="text", help="How."
)
def explain(
    request: IO[bytes], provider: str, responses: tuple[str, ...], format_name: str
) -> None:
    """Say which rule answers a request, and why. REQUEST.json is its body; - reads it from
    standard input."""
    ruleset = load(*discover(responses, os.environ).paths).usable
    body = request.read()
    try:
        found = explain_body(body, provider, ruleset)
    except RequestError as error:
        raise click.ClickException(refusal(body, provider, error)) from None
    if format_name == "json":
        click.echo(msgspec.json.encode(explanation_object(found)).decode())
    else:
        click.echo("\n".join(explanation_lines(found)))
