"""A mock LLM server: it speaks the providers' HTTP dialects and answers from YAML."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from mockllm.config.discover import Named
    from mockllm.errors import ConfigError

__version__ = "0.1.0"


def create_app(responses: Named = None) -> Flask:
    """Return the WSGI application (Flask's factory name, so `flask --app mockllm` finds it).

    `responses` is a YAML file or a folder of them, or several, of which a later one overrides the
    earlier ones; None looks where `mockllm start` looks.

    Raises:
        ConfigError: the responses cannot be used; it carries every problem found.
    """
    from mockllm.app import create_app as create  # flask is slow to import; validators skip it
    from mockllm.errors import ConfigError

    try:
        return create(responses)
    except ConfigError as error:
        _leave_if_preloading(error)
        raise


def _leave_if_preloading(error: ConfigError) -> None:
    """Exit as every other start does. `gunicorn --preload` makes the application before any of
    our hooks has run, and would show a traceback."""
    settings = sys.modules.get("mockllm.serving.settings")
    if settings is not None and settings.is_preloading:
        error.show()
        sys.exit(error.exit_code)
