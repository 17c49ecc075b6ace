"""`mockllm start`: the same server from any folder."""

from __future__ import annotations

import gc
import os
import sys

import click

from mockllm.errors import ConfigError
from mockllm.serving.port import default_port

_APP = "mockllm:create_app()"


def serve(bind: str | None, options: tuple[str, ...]) -> None:
    """Serve until stopped. `bind` is `host:port`, None for what the settings say; `options` are
    gunicorn's own."""
    if sys.platform == "win32":
        serve_with_werkzeug(bind)
    else:
        serve_with_gunicorn(bind, options)


def serve_with_gunicorn(bind: str | None, options: tuple[str, ...]) -> None:
    """Run gunicorn with our settings; its options and `GUNICORN_CMD_ARGS` override them."""
    gc.disable()  # what is imported stays; `pre_fork` turns it on
    from gunicorn.app.wsgiapp import WSGIApplication

    from mockllm.serving.settings import pre_fork

    where = ["--bind", bind] if bind else []
    settings = "python:mockllm.serving.settings"
    sys.argv = ["mockllm start", "--config", settings, *where, *options, _APP]
    try:
        application = WSGIApplication("%(prog)s [OPTIONS]", prog="mockllm start")
        if application.cfg.pre_fork is not pre_fork:  # other settings were given
            gc.enable()
        application.run()
    except ConfigError as error:  # with --preload the application is made before our hooks run
        error.show()
        sys.exit(error.exit_code)


def serve_with_werkzeug(bind: str | None) -> None:
    """Run werkzeug's threaded server, for systems that gunicorn does not run on."""
    from werkzeug.serving import run_simple

    from mockllm import create_app

    click.echo("gunicorn does not run on this system: werkzeug's development server is used")
    host, _, port = (bind or f"127.0.0.1:{default_port(os.environ)}").rpartition(":")
    run_simple(host.strip("[]"), int(port), create_app(), threaded=True)
