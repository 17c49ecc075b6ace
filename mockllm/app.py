"""The composition root: what talks to what is decided here."""

from __future__ import annotations

import logging
import os
from functools import partial

from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from mockllm.admin import blueprint as admin
from mockllm.config.discover import Named, discover
from mockllm.config.live import Live
from mockllm.core.protocol import Clock
from mockllm.core.rules import Settings
from mockllm.log import install
from mockllm.providers import dispatch
from mockllm.providers.anthropic import blueprint as anthropic
from mockllm.providers.azure import blueprint as azure
from mockllm.providers.gemini import blueprint as gemini
from mockllm.providers.ollama import blueprint as ollama
from mockllm.providers.openai import blueprint as openai
from mockllm.runtime import Runtime
from mockllm.state.chosen import check_file, open_database
from mockllm.web.clock import SystemClock
from mockllm.web.cors import allow_pages
from mockllm.web.direct import direct
from mockllm.web.doors import open_doors, served
from mockllm.web.routes import Route
from mockllm.web.view import EXTENSION

log = logging.getLogger(__name__)


class _Response(Response):
    """What Flask answers by itself (OPTIONS) is no HTML either."""

    default_mimetype = "text/plain"


def create_app(responses: Named = None, clock: Clock | None = None) -> Flask:
    """Return the application.

    `responses` is a YAML file or a folder of them, or several, of which a later one overrides the
    earlier ones; None looks at the environment and the current folder. `clock` None is the
    system's.

    Raises:
        ConfigError: the responses cannot be used.
    """
    install()
    source = discover(responses, os.environ)
    live = Live(*source.paths)
    for notice in (source.notice, *live.problems):
        if notice is not None:
            log.warning("%s", notice)

    state_file = live.current.ruleset.settings.state_file
    check_file(state_file, os.environ)
    database = partial(open_database, state_file, os.environ)
    return compose(Runtime(live, clock or SystemClock(), database))


def compose(runtime: Runtime) -> Flask:
    """Return the application that serves with `runtime`."""
    app = Flask(__name__, static_folder=None)
    app.response_class = _Response
    app.url_rule_class = Route
    app.url_map.merge_slashes = False  # its redirects would be HTML
    app.extensions[EXTENSION] = runtime
    app.register_blueprint(openai.bp)
    app.register_blueprint(anthropic.bp)
    app.register_blueprint(azure.bp)
    app.register_blueprint(ollama.bp)
    app.register_blueprint(gemini.bp)
    app.register_blueprint(dispatch.bp)
    app.register_blueprint(admin.bp)
    app.register_error_handler(HTTPException, dispatch.refuse)
    _wrap(app, runtime.live)
    return app


def _wrap(app: Flask, live: Live) -> None:
    """Put what comes before routing around an application whose routes are complete."""

    def settings() -> Settings:
        return live.current.ruleset.settings

    paths = served(app.url_map, bare=(openai.bp.name, dispatch.bp.name))
    inner = allow_pages(direct(app, app.wsgi_app), settings)
    app.wsgi_app = open_doors(inner, settings, paths)  # type: ignore[method-assign, assignment]  # as Flask has it
