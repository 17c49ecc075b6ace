"""What tests of judgements share: an application of each `settings.validation`."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from tests.conftest import MakeApp

Json = dict[str, Any]

ANSWERED = "responses:\n  hello: hi\nsettings:\n  seed: 7\n  validation: "
MODELS = """
  models:
    - {name: full, aliases: [whole]}
    - name: small
      context_tokens: 20
      max_output_tokens: 100
    - {name: plain, capabilities: []}
    - {name: able, capabilities: [tools, vision, audio, files, json_schema, reasoning]}
"""


def judged(make_app: MakeApp, validation: str, models: str = "") -> Flask:
    """Return an application that judges requests."""
    return make_app(ANSWERED + validation + models)


def ask(app: Flask, path: str, body: Json, **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return app.test_client().post(path, json=body, headers=named)


def warned(response: TestResponse) -> str | None:
    """Return what a served answer says that the real API would refuse, None when nothing."""
    assert response.status_code == 200, response.text
    warning = response.headers.get("x-mockllm-warning", "").partition("; the answer")[0]
    prefix = "the real API would refuse this: "
    return warning.removeprefix(prefix) if warning.startswith(prefix) else None
