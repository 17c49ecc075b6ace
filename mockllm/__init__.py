"""A mock LLM server: it speaks the providers' HTTP dialects and answers from YAML."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask

__version__ = "0.1.0"


def create_app(responses: str | Path | None = None) -> Flask:
    """Return the WSGI application (Flask's factory name, so `flask --app mockllm` finds it).

    `responses` is a YAML file or a folder of them; None looks where `mockllm start` looks.

    Raises:
        ConfigError: the responses cannot be used; it carries every problem found.
    """
    from mockllm.app import create_app as create  # flask is slow to import; validators skip it

    return create(responses)
