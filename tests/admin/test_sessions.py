"""Forgetting a session."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from flask import Flask

from mockllm.admin.sessions import forget
from mockllm.state.base import count
from tests.conftest import runtime_of


def test_forgetting_says_whether_there_was_anything(app: Flask) -> None:
    runtime = runtime_of(app)
    runtime.cells.update("a", "rule", "r", count)

    assert forget("a", runtime) == {"session": "a", "forgotten": True}
    assert forget("a", runtime) == {"session": "a", "forgotten": False}


@pytest.mark.parametrize("name", ["a", "default", "größer als", "100%", "a.b-c_d"])
def test_session_is_forgotten_by_its_name_in_the_url(name: str, app: Flask) -> None:
    runtime_of(app).cells.update(name, "rule", "r", count)

    response = app.test_client().delete(f"/_mockllm/sessions/{quote(name)}")

    assert response.status_code == 200
    assert response.json == {"session": name, "forgotten": True}


def test_sessions_take_no_other_method(app: Flask) -> None:
    response = app.test_client().post("/_mockllm/sessions/a")

    assert response.status_code == 405
    assert response.headers["Allow"] == "DELETE"
