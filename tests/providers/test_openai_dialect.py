"""OpenAI's words for what is not found."""

from __future__ import annotations

import msgspec
import pytest

from mockllm.core.draws import Draws
from mockllm.core.exchange import Exchange
from mockllm.core.model import ObjectName
from mockllm.errors import ObjectNotFound
from mockllm.providers.openai import dialect
from tests.core.builders import raw

EXCHANGE = Exchange("x", 0.0, 0.0, 1, raw(), Draws(b"k"))


@pytest.mark.parametrize(
    ("kind", "is_continued", "status", "message", "param", "code"),
    [
        ("response", False, 404, "Response with id 'x_1' not found.", None, None),
        (
            "response",
            True,
            400,
            "Previous response with id 'x_1' not found.",
            "previous_response_id",
            "previous_response_not_found",
        ),
        ("conversation", False, 404, "Conversation with id 'x_1' not found.", None, None),
        ("conversation", True, 404, "Conversation with id 'x_1' not found.", None, None),
        ("chat completion", False, 404, "Chat completion with id 'x_1' not found.", None, None),
    ],
)
def test_missing_object_is_told_in_openais_words(
    kind: str, is_continued: bool, status: int, message: str, param: str | None, code: str | None
) -> None:
    error = ObjectNotFound(ObjectName(kind, "x_1"), is_continued)

    whole = dialect.render_error(error, EXCHANGE)

    assert whole.status == status
    assert msgspec.json.decode(whole.body)["error"] == {
        "message": message,
        "type": "invalid_request_error",
        "param": param,
        "code": code,
    }
