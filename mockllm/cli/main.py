"""`mockllm`."""

from __future__ import annotations

import click

from mockllm import __version__
from mockllm.cli.explain import explain
from mockllm.cli.init import init
from mockllm.cli.schema import schema
from mockllm.cli.start import start
from mockllm.cli.tail import tail
from mockllm.cli.validate import validate
from mockllm.cli.verify import verify


@click.group()
@click.version_option(__version__, prog_name="mockllm")
def main() -> None:
    """A mock LLM server: OpenAI's, Anthropic's, Gemini's and Ollama's APIs, answered from YAML."""


main.add_command(start)
main.add_command(validate)
main.add_command(init)
main.add_command(explain)
main.add_command(schema)
main.add_command(tail)
main.add_command(verify)
