"""Embeddings through the official OpenAI SDK."""

from __future__ import annotations

import asyncio
from math import isclose, sqrt
from typing import Any

import openai
import pytest
from flask import Flask

from tests.conftest import MakeApp
from tests.sdk.conftest import MakeOpenAI, MakeUrl

YAML = """\
rules:
  - {when: {operation: embedding, equals: kitten}, reply: {embedding: {like: cat, similarity: 0.9}}}
  - {when: {operation: embedding, equals: exact}, reply: {embedding: [0.6, 0.8, 0.0]}}
  - {when: {operation: embedding, equals: fail}, reply: {error: rate_limit}}
"""


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(YAML)


@pytest.fixture
def client(app: Flask, openai_of: MakeOpenAI) -> openai.OpenAI:
    return openai_of(app)


@pytest.fixture
def lenient(app: Flask, lenient_of: MakeOpenAI) -> openai.OpenAI:
    return lenient_of(app)


def cosine(a: list[float], b: list[float]) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))


def test_float_vectors_come_in_the_order_of_the_inputs(client: openai.OpenAI) -> None:
    answer = client.embeddings.create(
        model="text-embedding-3-small", input=["kitten", "cat", "dog"], encoding_format="float"
    )
    kitten, cat, dog = (each.embedding for each in answer.data)

    assert [each.index for each in answer.data] == [0, 1, 2]
    assert isclose(cosine(kitten, cat), 0.9, abs_tol=1e-6)
    assert cosine(dog, cat) < 0.5
    assert answer.model == "text-embedding-3-small"
    assert (answer.usage.prompt_tokens, answer.usage.total_tokens) == (3, 3)


def test_base64_that_the_sdk_asks_for_holds_the_same_numbers(
    client: openai.OpenAI, lenient: openai.OpenAI
) -> None:
    exact = client.embeddings.create(model="m", input="exact", encoding_format="float")
    packed = lenient.embeddings.create(model="m", input="exact")

    assert exact.data[0].embedding == [0.6, 0.8, 0.0]
    assert packed.data[0].embedding == pytest.approx([0.6, 0.8, 0.0], abs=1e-7)


@pytest.mark.parametrize(
    ("model", "options", "length"),
    [
        ("text-embedding-3-large", {}, 3072),
        ("text-embedding-3-small", {}, 1536),
        ("text-embedding-ada-002", {}, 1536),
        ("any-other", {}, 1536),
        ("text-embedding-3-large", {"dimensions": 256}, 256),
    ],
)
def test_vectors_are_as_long_as_asked_and_of_length_1(
    lenient: openai.OpenAI, model: str, options: dict[str, Any], length: int
) -> None:
    found = lenient.embeddings.create(model=model, input="hi", **options).data[0].embedding

    assert len(found) == length
    assert isclose(sqrt(cosine(found, found)), 1, abs_tol=1e-5)


def test_tokens_are_counted_and_not_estimated(lenient: openai.OpenAI) -> None:
    one = lenient.embeddings.create(model="m", input=[15496, 995, 100257])
    several = lenient.embeddings.create(model="m", input=[[15496, 995, 100257], [7]])

    assert [one.usage.prompt_tokens, several.usage.prompt_tokens] == [3, 4]
    assert one.data[0].embedding == several.data[0].embedding


def test_client_mistake_raises_bad_request(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match=r"'\$\.input' is invalid") as caught:
        client.embeddings.create(model="m", input=["a", ""])

    assert caught.value.type == "invalid_request_error"


def test_error_for_one_input_raises_its_class(client: openai.OpenAI) -> None:
    with pytest.raises(openai.RateLimitError):
        client.embeddings.create(model="m", input=["kitten", "fail"])


def test_async_client_over_a_socket(app: Flask, url_of: MakeUrl) -> None:
    async def ask() -> tuple[int, list[float]]:
        async with openai.AsyncOpenAI(api_key="k", base_url=f"{url_of(app)}/v1") as client:
            answer = await client.embeddings.create(model="m", input=["exact", "hi"])
            return len(answer.data), answer.data[0].embedding

    count, exact = asyncio.run(ask())

    assert count == 2
    assert exact == pytest.approx([0.6, 0.8, 0.0])
