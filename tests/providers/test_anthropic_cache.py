"""What `cache_control` marks, and what usage says of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mockllm.core.model import CacheMark
from mockllm.providers.anthropic import messages
from mockllm.providers.anthropic.cache_control import LOOKED_BACK
from tests.clock import FakeClock
from tests.conftest import MakeApp
from tests.core.builders import raw

MARK = {"type": "ephemeral"}
HOUR = {"type": "ephemeral", "ttl": "1h"}
TOOL: dict[str, Any] = {"name": "f", "input_schema": {"type": "object"}}
TOOL_TOKENS = 1 + 5

Ask = Callable[..., dict[str, Any]]


def block(text: str, mark: Any = None) -> dict[str, Any]:
    return {"type": "text", "text": text} | ({"cache_control": mark} if mark else {})


def user(*blocks: Any) -> dict[str, Any]:
    return {"role": "user", "content": list(blocks)}


def assistant(text: str) -> dict[str, Any]:
    return {"role": "assistant", "content": text}


def marks(*asked: Any, **members: Any) -> tuple[CacheMark, ...]:
    body = {"model": "m", "messages": list(asked) or [user(block("hi"))], **members}
    return messages.parse(raw(body=body)).cache_marks


def written(found: tuple[CacheMark, ...]) -> list[tuple[int, int]]:
    return [(mark.tokens, mark.ttl_s) for mark in found if mark.ttl_s]


def test_request_without_marks_has_none() -> None:
    assert marks(tools=[TOOL], system=[block("Be kind.")]) == ()


def test_null_is_no_mark() -> None:
    assert marks(user({"type": "text", "text": "a", "cache_control": None})) == ()


def test_prefixes_are_tools_then_system_then_messages() -> None:
    found = marks(
        user(block("one two three", MARK), block("four")),
        tools=[{**TOOL, "cache_control": MARK}],
        system=[block("one two", MARK)],
    )

    expected = [(TOOL_TOKENS, 300), (TOOL_TOKENS + 2, 300), (TOOL_TOKENS + 5, 300)]
    assert written(found) == expected


def test_ttl_is_five_minutes_or_an_hour() -> None:
    found = marks(user(block("one", HOUR), block("two", {"type": "ephemeral", "ttl": "5m"})))

    assert written(found) == [(1, 3600), (2, 300)]


def test_server_tools_may_be_marked() -> None:
    tool = {"type": "web_search_20250305", "name": "web_search", "cache_control": MARK}

    assert written(marks(tools=[tool])) == [(0, 300)]


def test_of_more_than_four_marks_the_last_four_count() -> None:
    found = marks(user(*(block("word", MARK) for _ in range(6))))

    assert written(found) == [(3, 300), (4, 300), (5, 300), (6, 300)]


def test_automatic_mark_is_on_the_last_block() -> None:
    found = marks(user(block("one")), assistant("two"), user(block("three")), cache_control=HOUR)

    assert written(found) == [(3, 3600)]


def test_automatic_mark_is_not_on_thinking() -> None:
    thinking = {"type": "thinking", "thinking": "hm", "signature": "s"}
    last = {"role": "assistant", "content": [block("two"), thinking]}

    assert written(marks(user(block("one")), last, cache_control=MARK)) == [(2, 300)]


def test_automatic_mark_is_on_thinking_where_there_is_nothing_else() -> None:
    thinking = {"type": "redacted_thinking", "data": "x"}

    assert written(marks(user(thinking), cache_control=MARK)) == [(0, 300)]


def test_automatic_mark_leaves_an_explicit_one_as_it_is() -> None:
    assert written(marks(user(block("one", HOUR)), cache_control=MARK)) == [(1, 3600)]


def test_request_without_blocks_has_no_marks() -> None:
    assert marks(user(), cache_control=MARK) == ()


def test_mark_looks_back_over_twenty_blocks() -> None:
    found = marks(user(*(block("word") for _ in range(40)), block("last", MARK)))

    assert [mark.tokens for mark in found] == list(range(42 - LOOKED_BACK, 42))


@pytest.mark.parametrize(
    "other",
    [
        marks(user(block("other", MARK))),
        marks({"role": "assistant", "content": [block("one", MARK)]}),
        marks(user(block("one", MARK)), model="other"),
        marks(user(block("one", MARK)), system="Be kind."),
    ],
    ids=["text", "role", "model", "system"],
)
def test_prefixes_that_differ_have_digests_that_differ(other: tuple[CacheMark, ...]) -> None:
    assert marks(user(block("one", MARK)))[-1].digest != other[-1].digest


def test_text_is_the_same_as_one_block_of_it() -> None:
    text = marks({"role": "user", "content": "one"}, user(block("two", MARK)))

    assert text == marks(user(block("one")), user(block("two", MARK)))


def test_marks_are_no_part_of_the_prefix() -> None:
    result = {"type": "tool_result", "tool_use_id": "c1"}
    plain = marks(user({**result, "content": [block("one")]}), user(block("two", MARK)))
    inner = marks(
        user({**result, "content": [block("one", MARK)], "cache_control": MARK}),
        user(block("two", MARK)),
    )

    assert [mark.digest for mark in plain] == [mark.digest for mark in inner]


@pytest.fixture
def ask(make_app: MakeApp) -> Ask:
    """Return a function that asks and returns the usage."""
    app = make_app(
        "responses: {fail: {error: overloaded}, told: {text: a, usage: {cached_tokens: 1}}}"
    )

    def usage(*asked: Any, session: str = "s", **members: Any) -> dict[str, Any]:
        response = app.test_client().post(
            "/v1/messages",
            json={"model": "m", "messages": list(asked), **members},
            headers={"x-mockllm-session": session},
        )
        assert response.json is not None
        return dict(response.json.get("usage") or {})

    return usage


def counts(usage: dict[str, Any]) -> tuple[int, int, int]:
    """Return how many tokens were read from the cache, written to it, and neither."""
    return (
        usage["cache_read_input_tokens"],
        usage["cache_creation_input_tokens"],
        usage["input_tokens"],
    )


def test_first_request_writes_and_the_second_reads(ask: Ask) -> None:
    asked = user(block("one two three", MARK), block("four"))

    assert [counts(ask(asked)) for _ in range(2)] == [(0, 3, 1), (3, 0, 1)]


def test_conversation_reads_what_the_turn_before_wrote(ask: Ask) -> None:
    first = user(block("one two three"))
    second = (first, assistant("four five"), user(block("six")))
    third = (*second, assistant("seven"), user(block("eight")))

    found = [counts(ask(*asked, cache_control=MARK)) for asked in ((first,), second, third)]

    assert found == [(0, 3, 0), (3, 3, 0), (6, 2, 0)]


def test_cache_ends_after_five_minutes(ask: Ask, clock: FakeClock) -> None:
    asked = user(block("one two three", MARK))
    ask(asked)
    clock.now_s += 299
    ask(asked)
    clock.now_s += 299

    assert counts(ask(asked)) == (3, 0, 0)
    clock.now_s += 300
    assert counts(ask(asked)) == (0, 3, 0)


def test_tokens_are_told_by_how_long_they_are_kept(ask: Ask) -> None:
    asked = user(block("one two", HOUR), block("three", MARK), block("four"))

    first, second = ask(asked), ask(asked)

    assert first["cache_creation"] == {
        "ephemeral_5m_input_tokens": 1,
        "ephemeral_1h_input_tokens": 2,
    }
    assert set(second["cache_creation"].values()) == {0}


def test_sessions_do_not_share_the_cache(ask: Ask) -> None:
    asked = user(block("one two three", MARK))
    ask(asked)

    assert counts(ask(asked, session="other")) == (0, 3, 0)


def test_error_writes_nothing(ask: Ask) -> None:
    ask(user(block("fail", MARK)))

    assert counts(ask(user(block("fail", MARK)), user(block("go on")))) == (0, 1, 2)


def test_counting_tokens_writes_nothing(make_app: MakeApp) -> None:
    client = make_app("responses: {}").test_client()
    body = {"model": "m", "messages": [user(block("one", MARK))]}
    client.post("/v1/messages/count_tokens", json=body)

    answer = client.post("/v1/messages", json=body).json

    assert answer is not None
    assert counts(answer["usage"]) == (0, 1, 0)


def test_usage_of_the_rule_overrides_the_cache(ask: Ask) -> None:
    asked = user(block("told", MARK))
    ask(asked)

    assert ask(asked)["cache_read_input_tokens"] == 1


def test_filling_the_cache_says_nothing(ask: Ask) -> None:
    asked = user(block("one two three", MARK))

    usage = ask(asked, max_tokens=0)

    assert (counts(usage), usage["output_tokens"]) == ((0, 3, 0), 0)
    assert counts(ask(asked)) == (3, 0, 0)
