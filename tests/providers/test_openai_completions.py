"""Reading completion requests, and what a completion cannot say."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from msgspec import structs

from mockllm.core.draws import Draws
from mockllm.core.exchange import Exchange
from mockllm.core.model import (
    ChatReply,
    Finish,
    Reasoning,
    Refusal,
    Request,
    Sampling,
    Text,
)
from mockllm.core.protocol import apart
from mockllm.errors import RequestError
from mockllm.providers.openai import completions, dialect
from tests.contract.openai_cases import COMPLETIONS
from tests.core.builders import raw


def parsed(**members: Any) -> Request:
    return completions.parse(raw(body={"model": "m", **members}))


def exchange_of(reply: ChatReply, **members: Any) -> Exchange:
    request = parsed(**members)
    replies = (reply,) * len(request.inputs) * request.choices
    return Exchange("x", 0.0, 0.0, 1, raw(), Draws(b"k"), request=request, replies=replies)


def choice_of(reply: ChatReply, **members: Any) -> dict[str, Any]:
    body = msgspec.json.decode(completions.render(exchange_of(reply, **members)))
    choice: dict[str, Any] = body["choices"][0]
    return choice


def test_request_is_read() -> None:
    request = parsed(
        prompt=["a", "b"],
        n=3,
        max_tokens=5,
        stop=["x", ""],
        logprobs=0,
        stream=True,
        stream_options={"include_usage": True},
        best_of=4,
        suffix="s",
        new={"a": 1},
    )

    assert structs.replace(request, wire=None) == Request(
        "completion",
        "openai",
        "m",
        sampling=Sampling(5, ("x",), 0),
        stream=True,
        stream_usage=True,
        inputs=((Text("a"),), (Text("b"),)),
        choices=3,
    )


@pytest.mark.parametrize("members", [{}, {"prompt": None}])
def test_no_prompt_is_the_beginning_of_a_document(members: dict[str, Any]) -> None:
    assert parsed(**members).inputs == ((Text("<|endoftext|>"),),)


@pytest.mark.parametrize(
    ("members", "param"),
    [
        ({"prompt": []}, "prompt"),
        ({"prompt": ["a"] * 257}, "prompt"),
        ({"prompt": ["a"] * 3, "n": 128}, "prompt"),
        ({"prompt": "a" * 262_145, "echo": True}, "prompt"),
        ({"prompt": ["a" * 1_025] * 2, "n": 128, "echo": True}, "prompt"),
        ({"n": 0}, "n"),
        ({"n": 129}, "n"),
        ({"logprobs": -1}, "logprobs"),
        ({"logprobs": 6}, "logprobs"),
        ({"max_tokens": -1}, "max_tokens"),
        ({"stop": ["x"] * 101}, "stop"),
    ],
)
def test_what_would_cost_too_much_is_refused(members: dict[str, Any], param: str) -> None:
    with pytest.raises(RequestError) as caught:
        parsed(**members)

    assert dialect.error_body(caught.value)["error"]["param"] == param


@pytest.mark.parametrize(
    "members",
    [
        {"prompt": ["a"] * 256},
        {"prompt": ["a"] * 2, "n": 128},
        {"prompt": "a" * 262_144, "echo": True},
        {"prompt": "a" * 1_000_000},
        {"max_tokens": 0},
    ],
    ids=["prompts", "choices", "echo", "long", "no tokens"],
)
def test_as_much_as_is_allowed_passes(members: dict[str, Any]) -> None:
    assert parsed(**members).inputs


def test_refusal_is_said_as_text_and_reasoning_left_out() -> None:
    reply = ChatReply((Reasoning("hm"), Text("a"), Refusal("no")))

    assert choice_of(reply)["text"] == "ano"


@pytest.mark.parametrize(
    ("finish", "sent"),
    [
        ("stop", "stop"),
        ("stop_sequence", "stop"),
        ("length", "length"),
        ("content_filter", "content_filter"),
        ("tool_calls", "stop"),
        ("refusal", "stop"),
    ],
)
def test_finish_is_one_that_completions_have(finish: Finish, sent: str) -> None:
    assert choice_of(ChatReply((), finish))["finish_reason"] == sent


def test_no_likely_tokens_are_told_where_none_are_wanted() -> None:
    logprobs = choice_of(ChatReply((Text("a b"),)), logprobs=0)["logprobs"]

    assert logprobs["tokens"] == ["a", " b"]
    assert logprobs["top_logprobs"] is None


@pytest.mark.parametrize("text", ["One, two.", ""])
@pytest.mark.parametrize("logprobs", [None, 0, 5])
@pytest.mark.parametrize("echo", [False, True])
@pytest.mark.parametrize("n", [1, 3])
def test_fold_of_the_stream_equals_the_whole(
    text: str, logprobs: int | None, echo: bool, n: int
) -> None:
    exchange = exchange_of(
        ChatReply((Reasoning("hm"), Text(text)), "length"),
        prompt=["Say it.", "x"],
        logprobs=logprobs,
        echo=echo,
        n=n,
        stream_options={"include_usage": True},
    )
    whole = msgspec.json.decode(completions.render(exchange))
    frames = [each.data.removeprefix(b"data: ") for each in apart(completions.stream(exchange))]

    folded = COMPLETIONS["openai.completions"].fold(list(map(msgspec.json.decode, frames[:-1])))

    assert folded == whole
    assert frames[-1] == b"[DONE]\n\n"
