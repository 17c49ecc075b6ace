"""When the worker answers itself, and when everything is gunicorn's."""

from __future__ import annotations

from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.glogging import Logger

from mockllm.serving import settings
from mockllm.serving.worker import _may_answer


def configured(**changed: Any) -> Config:
    cfg = Config()
    cfg.set("pre_request", settings.pre_request)
    cfg.set("keepalive", settings.keepalive)
    for name, value in changed.items():
        cfg.set(name, value)
    return cfg


class Counting(Logger):  # type: ignore[misc]  # gunicorn is not typed
    """A logger that does something of its own with each request."""


def test_it_answers_with_our_settings() -> None:
    cfg = configured()

    assert _may_answer(cfg, Logger(cfg))


@pytest.mark.parametrize(
    "changed",
    [
        {"accesslog": "-"},
        {"certfile": "cert.pem"},
        {"http_protocols": "h2,h1"},
        {"keepalive": 0},
        {"post_request": lambda _worker, _request: None},
        {"pre_request": lambda _worker, _request: None},
        {"protocol": "uwsgi"},
        {"proxy_protocol": "v1"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_what_only_gunicorn_does_is_left_to_it(changed: dict[str, Any]) -> None:
    cfg = configured(**changed)

    assert not _may_answer(cfg, Logger(configured(accesslog=changed.get("accesslog"))))


def test_a_logger_of_another_kind_sees_every_request() -> None:
    cfg = configured()

    assert not _may_answer(cfg, Counting(cfg))


def test_a_mounted_application_is_left_to_gunicorn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRIPT_NAME", "/mock")
    cfg = configured()

    assert not _may_answer(cfg, Logger(cfg))
