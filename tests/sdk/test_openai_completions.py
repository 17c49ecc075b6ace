"""Completions through the official OpenAI SDK."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Any

import openai
import pytest
from flask import Flask

from tests.sdk.conftest import MakeOpenAI, MakeUrl

MODEL = "gpt-3.5-turbo-instruct"


@pytest.fixture
def lenient(app: Flask, lenient_of: MakeOpenAI) -> openai.OpenAI:
    return lenient_of(app)


def test_plain_answer(openai_client: openai.OpenAI) -> None:
    answer = openai_client.completions.create(
        model=MODEL, prompt="what is 2+2?", best_of=1, suffix="!"
    )

    assert answer.choices[0].text == "2+2 equals 9."
    assert answer.choices[0].finish_reason == "stop"
    assert answer.choices[0].logprobs is None
    assert answer.model == MODEL
    assert answer.usage is not None
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + 6


def test_streamed_answer(lenient: openai.OpenAI) -> None:
    chunks = list(
        lenient.completions.create(
            model=MODEL,
            prompt="say it all",
            stream=True,
            stream_options={"include_usage": True},
        )
    )

    text = "".join(choice.text for chunk in chunks for choice in chunk.choices)

    assert text == 'Grüße, 👩‍🚀 "quoted"\nand a new line.'
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens == 14
    assert len({chunk.id for chunk in chunks}) == 1


def test_choices_are_numbered_prompt_by_prompt(openai_client: openai.OpenAI) -> None:
    answer = openai_client.completions.create(
        model=MODEL, prompt=["count", "what is 2+2?"], n=2, echo=True
    )

    assert [(choice.index, choice.text) for choice in answer.choices] == [
        (0, "countone two three four five"),
        (1, "countone two three four five"),
        (2, "what is 2+2?2+2 equals 9."),
        (3, "what is 2+2?2+2 equals 9."),
    ]
    assert answer.usage is not None
    assert answer.usage.prompt_tokens == 1 + 6
    assert answer.usage.completion_tokens == 2 * (5 + 6)


def test_streamed_choices_come_side_by_side(lenient: openai.OpenAI) -> None:
    chunks = lenient.completions.create(
        model=MODEL, prompt=["count", "what is 2+2?"], n=2, echo=True, stream=True
    )
    texts: dict[int, str] = defaultdict(str)
    order = []
    for chunk in chunks:
        for choice in chunk.choices:
            texts[choice.index] += choice.text
            order.append(choice.index)

    assert [texts[index] for index in range(4)] == [
        *["countone two three four five"] * 2,
        *["what is 2+2?2+2 equals 9."] * 2,
    ]
    assert order[:12] == [0, 0, 1, 1, 2, 2, 3, 3, 0, 1, 2, 3]


@pytest.mark.parametrize("stream", [False, True])
def test_log_probabilities_tell_every_token(lenient: openai.OpenAI, stream: bool) -> None:
    options: dict[str, Any] = {"model": MODEL, "prompt": "count", "logprobs": 2, "stream": stream}
    answer = lenient.completions.create(**options)
    found: Any = answer if stream else [answer]
    told = [choice.logprobs for chunk in found for choice in chunk.choices]

    assert [token for each in told for token in each.tokens] == [
        *("one", " two", " three", " four", " five"),
    ]
    assert [at for each in told for at in each.text_offset] == [5, 8, 12, 18, 23]
    assert all(-1 < logprob < 0 for each in told for logprob in each.token_logprobs)
    assert all(len(top) == 2 for each in told for top in each.top_logprobs)


@pytest.mark.parametrize(
    ("options", "text", "finish"),
    [
        ({"max_tokens": 2}, "one two", "length"),
        ({"max_tokens": 0, "echo": True}, "count", "length"),
        ({"stop": "three"}, "one two ", "stop"),
        ({"stop": ["x", "two"]}, "one ", "stop"),
    ],
)
def test_limits(
    openai_client: openai.OpenAI, options: dict[str, Any], text: str, finish: str
) -> None:
    answer = openai_client.completions.create(model=MODEL, prompt="count", **options)

    assert (answer.choices[0].text, answer.choices[0].finish_reason) == (text, finish)


def test_tokens_are_counted_and_not_estimated(openai_client: openai.OpenAI) -> None:
    answer = openai_client.completions.create(model=MODEL, prompt=[[15496, 995], [7, 8, 9]])

    assert len(answer.choices) == 2
    assert answer.usage is not None
    assert answer.usage.prompt_tokens == 5


def test_client_mistake_raises_bad_request(openai_client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="integer above maximum value") as caught:
        openai_client.completions.create(model=MODEL, prompt="hi", logprobs=6)

    assert caught.value.param == "logprobs"


def test_async_client_over_a_socket(app: Flask, url_of: MakeUrl) -> None:
    async def ask() -> tuple[str, str]:
        async with openai.AsyncOpenAI(api_key="k", base_url=f"{url_of(app)}/v1") as client:
            whole = await client.completions.create(model=MODEL, prompt="count")
            chunks = await client.completions.create(model=MODEL, prompt="count", stream=True)
            text = "".join([chunk.choices[0].text async for chunk in chunks])
            return whole.choices[0].text, text

    assert asyncio.run(ask()) == ("one two three four five",) * 2
