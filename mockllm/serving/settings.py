"""gunicorn's settings: `gunicorn -c python:mockllm.serving.settings 'mockllm:create_app()'`.

The repository's `gunicorn.conf.py` takes them from here. Each can be overridden by gunicorn's
options and by `GUNICORN_CMD_ARGS`.
"""

from __future__ import annotations

import errno
import os
import resource
import socket
import sys
from typing import Any

import click

from mockllm.config.discover import STARTER, discover
from mockllm.config.load import load
from mockllm.serving import patching  # noqa: F401  # before any worker patches
from mockllm.serving.banner import banner

bind = f"127.0.0.1:{os.environ.get('PORT') or 8000}"
worker_class = "mockllm.serving.worker.Worker"
worker_connections = 10_000
keepalive = 75  # shorter ones make the SDKs' pools meet closed sockets
graceful_timeout = 10
control_socket_disable = True
loglevel = "warning"

_OUR_APPS = ("wsgi:app", "mockllm:create_app()")


def on_starting(server: Any) -> None:
    """Refuse to start, with exit code 2, what could not serve."""
    try:
        _raise_file_limit()
        _check_ports(server.cfg.address)
        if server.app.app_uri in _OUR_APPS:
            source = discover(None, os.environ)
            server.mockllm_source = source.path
            server.mockllm_answers = len(load(source.path).usable.answers)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    if server.cfg.workers > 1:
        click.echo(
            f"warning: {server.cfg.workers} workers: what mockllm remembers between requests is"
            " per worker",
            err=True,
        )


def when_ready(server: Any) -> None:
    """Print the banner."""
    if not hasattr(server, "mockllm_source"):
        return
    scheme = "https" if server.cfg.is_ssl else "http"
    host, port = _host_and_port(server.LISTENERS[0].getsockname())
    source = server.mockllm_source
    name = "the built-in starter" if source == STARTER else str(source)
    click.echo(banner(f"{scheme}://{host}:{port}", name, server.mockllm_answers), err=True)


def post_worker_init(worker: Any) -> None:
    """Start what every process has one of; under gevent, loading goes to native threads."""
    from gevent import get_hub, monkey

    runtime = getattr(worker.wsgi, "extensions", {}).get("mockllm")
    if runtime is not None and monkey.is_module_patched("threading"):
        runtime.start(get_hub().threadpool.apply)


def _host_and_port(address: Any) -> tuple[str, int]:
    host, port = (address[0], address[1]) if isinstance(address, tuple) else ("localhost", 0)
    if host in ("0.0.0.0", "::"):
        host = "localhost"
    return (f"[{host}]" if ":" in host else host), port


def _check_ports(addresses: list[Any]) -> None:
    """Say in one sentence that a port is taken, where gunicorn tries for five seconds."""
    if "LISTEN_FDS" in os.environ or "GUNICORN_FD" in os.environ:
        return
    for address in addresses:
        if not isinstance(address, tuple) or address[1] == 0:
            continue
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(address)
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise click.ClickException(
                        f"cannot listen on {address[0]}:{address[1]}: {error.strerror}"
                    ) from None
                raise click.ClickException(
                    f"port {address[1]} on {address[0]} is in use: stop what uses it, or choose"
                    f" another, for example PORT={address[1] + 1}"
                ) from None


def _raise_file_limit() -> None:
    """Allow as many open sockets as the system lets us: each stream is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


# gunicorn takes every name of this module as a setting that has one of its names; it must not
# take ConfigError's module or anything else by accident.
__all__ = [
    "bind",
    "control_socket_disable",
    "graceful_timeout",
    "keepalive",
    "loglevel",
    "on_starting",
    "post_worker_init",
    "when_ready",
    "worker_class",
    "worker_connections",
]
