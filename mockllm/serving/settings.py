"""gunicorn's settings: `gunicorn -c python:mockllm.serving.settings 'mockllm:create_app()'`.

The repository's `gunicorn.conf.py` takes them from here. Each can be overridden by gunicorn's
options and by `GUNICORN_CMD_ARGS`.
"""

from __future__ import annotations

import ast
import errno
import gc
import os
import re
import resource
import signal
import socket
import sys
from functools import partial
from typing import Any

import click
from gunicorn.http.body import ChunkedReader
from gunicorn.http.errors import ParseException

from mockllm.config.discover import STARTER, Named, discover
from mockllm.config.files import shown
from mockllm.config.live import keep
from mockllm.config.load import load
from mockllm.serving import patching  # before any worker patches
from mockllm.serving.banner import banner, ready_line
from mockllm.serving.port import check_port, default_port
from mockllm.serving.sharing import share
from mockllm.state.chosen import check_file

bind = f"127.0.0.1:{default_port(os.environ)}"
worker_class = "mockllm.serving.worker.Worker"
worker_connections = 10_000
keepalive = 75  # shorter ones make the SDKs' pools meet closed sockets
graceful_timeout = 10
control_socket_disable = True
forwarder_headers = ""  # no client sets SCRIPT_NAME
loglevel = "warning"

is_preloading = False
"""Whether the master is starting and no hook has run yet: then only `--preload` makes an
application."""

_OUR_APP = re.compile(r"wsgi:app|mockllm:create_app\((?:responses=)?(?P<argument>.*)\)")


def on_starting(server: Any) -> None:
    """Refuse to start, with exit code 2, what could not serve."""
    global is_preloading
    is_preloading = False
    try:
        check_port(os.environ)
        _raise_file_limit()
        _check_ports(server.cfg.address)
        ours = _OUR_APP.fullmatch(server.app.app_uri)
        if ours:
            paths = discover(_literal(ours["argument"]), os.environ).paths
            loaded = load(*paths)
            ruleset = loaded.usable
            check_file(ruleset.settings.state_file, {})
            keep(paths, loaded)
            server.mockllm_paths = paths
            server.mockllm_content = ruleset.content
            server.mockllm_state_file = ruleset.settings.state_file
        named = getattr(server, "mockllm_state_file", None)
        server.mockllm_folder = share(named, server.cfg.workers, knows_settings=ours is not None)
    except click.ClickException as error:
        error.show()
        sys.exit(2)


def on_exit(server: Any) -> None:
    """Remove what the workers shared."""
    gc.unfreeze()
    folder = getattr(server, "mockllm_folder", None)
    if folder is not None:
        folder.remove()


def _literal(argument: str | None) -> Named:
    """Return the file in `mockllm:create_app("file.yml")`, or the list of files, None when there
    is none."""
    try:
        found = ast.literal_eval(argument or "None")
    except (SyntaxError, ValueError):
        return None
    names = found if isinstance(found, list | tuple) else [found]
    return names if all(isinstance(name, str) for name in names) else None


def when_ready(server: Any) -> None:
    """Print the banner; where the system has chosen the port, a line for programs too."""
    if not hasattr(server, "mockllm_paths"):
        return
    address = server.LISTENERS[0].getsockname()
    if not isinstance(address, tuple):
        click.echo(f"mockllm listens on {address}", err=True)
        return
    scheme = "https" if server.cfg.is_ssl else "http"
    host, port = _shown(address[0]), address[1]
    paths = server.mockllm_paths
    name = "the built-in starter" if paths == (STARTER,) else shown(paths)
    url = f"{scheme}://{host}:{port}"
    click.echo(banner(url, name, server.mockllm_content), err=True)
    if server.cfg.address[0][1] == 0:
        click.echo(ready_line(url, port, os.getpid()))


def on_reload(server: Any) -> None:
    """Keep the newest good rules for the workers that a SIGHUP starts."""
    paths = getattr(server, "mockllm_paths", None)
    if paths is None:
        return
    loaded = load(*paths)
    if loaded.ruleset is not None:
        keep(paths, loaded)


def pre_fork(server: Any, _worker: Any) -> None:
    """Import here what every worker needs, so that they share it. The collector, which is off
    until now where we start, passes over all that is there: to look at it would give each worker
    a copy."""
    if hasattr(server, "mockllm_paths"):
        import mockllm.app  # noqa: F401  # slow to import: only when nothing is refused
    gc.freeze()
    gc.enable()


def post_fork(_server: Any, worker: Any) -> None:
    """Let a SIGTERM end a worker that has not yet its own handlers; else it would be lost, and
    the master would wait for the whole graceful time."""
    global is_preloading
    is_preloading = False
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(worker, "patch"):  # gevent's workers
        worker.patch = partial(patching.patch, worker.patch)


def worker_exit(_server: Any, _worker: Any) -> None:
    """Let Python end as usual: the log's handlers go with the collection at its end, and what is
    frozen would go when the module is half gone, with a traceback."""
    gc.unfreeze()


def pre_request(_worker: Any, request: Any) -> None:
    """See to it that malformed chunks are an error of reading, which is the client's."""
    if isinstance(request.body.reader, ChunkedReader):
        request.body.reader = _CheckedChunks(request.body.reader)


class _CheckedChunks:
    """A chunked body whose mistakes are `OSError`, as those of a lost connection are."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader

    def read(self, size: int) -> bytes:
        try:
            data: bytes = self._reader.read(size)
        except ParseException as error:
            raise OSError(str(error)) from error
        return data


def post_worker_init(worker: Any) -> None:
    """Start what every process has one of; under gevent, loading goes to native threads."""
    from gevent import get_hub, monkey, sleep  # only where gevent serves

    runtime = getattr(worker.wsgi, "extensions", {}).get("mockllm")
    if runtime is not None and monkey.is_module_patched("threading"):
        runtime.start(get_hub().threadpool.apply, sleep)


def _shown(host: str) -> str:
    """Return a host as URLs have it."""
    if host in ("0.0.0.0", "::"):
        return "localhost"
    return f"[{host}]" if ":" in host else host


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
    "forwarder_headers",
    "graceful_timeout",
    "keepalive",
    "loglevel",
    "on_exit",
    "on_reload",
    "on_starting",
    "post_fork",
    "post_worker_init",
    "pre_fork",
    "pre_request",
    "when_ready",
    "worker_class",
    "worker_connections",
    "worker_exit",
]
