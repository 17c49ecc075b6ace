"""Moderations through the official OpenAI SDK."""

from __future__ import annotations

import asyncio

import openai
import pytest
from flask import Flask
from openai.types import ModerationMultiModalInputParam

from tests.conftest import MakeApp
from tests.sdk.conftest import MakeOpenAI, MakeUrl

YAML = """\
rules:
  - when: {operation: moderation, has: image}
    reply: {moderation: {flagged: [self-harm/intent, violence/graphic]}}
  - when: {operation: moderation, contains: attack}
    reply: {moderation: {flagged: [violence]}}
  - {when: {operation: moderation, contains: fail}, reply: {error: server}}
"""
IMAGE: ModerationMultiModalInputParam = {
    "type": "image_url",
    "image_url": {"url": "https://example.org/a.png"},
}
TEXT: ModerationMultiModalInputParam = {"type": "text", "text": "look"}


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(YAML)


@pytest.fixture
def client(app: Flask, openai_of: MakeOpenAI) -> openai.OpenAI:
    return openai_of(app)


def test_flagged_category_is_told_with_a_high_score(client: openai.OpenAI) -> None:
    answer = client.moderations.create(input="an attack")
    result = answer.results[0]

    assert answer.model == "omni-moderation-latest"
    assert result.flagged
    assert result.categories.violence
    assert result.category_scores.violence > 0.5
    assert not result.categories.hate
    assert result.category_scores.hate < 0.05
    assert result.category_applied_input_types.violence == ["text"]


def test_unflagged_text_has_no_category(client: openai.OpenAI) -> None:
    result = client.moderations.create(input="peace", model="text-moderation-latest").results[0]

    assert not result.flagged
    assert not any(result.categories.model_dump().values())
    assert max(result.category_scores.model_dump().values()) < 0.05


def test_each_text_is_judged_by_itself(client: openai.OpenAI) -> None:
    results = client.moderations.create(input=["peace", "attack", "peace"]).results

    assert [result.flagged for result in results] == [False, True, False]


def test_parts_are_judged_together(client: openai.OpenAI) -> None:
    answer = client.moderations.create(input=[TEXT, IMAGE])
    [result] = answer.results

    assert result.categories.self_harm_intent
    assert result.categories.violence_graphic
    assert result.category_applied_input_types.violence_graphic == ["text", "image"]
    assert result.category_applied_input_types.hate == ["text"]


def test_image_alone_is_judged_by_what_images_can_show(client: openai.OpenAI) -> None:
    [result] = client.moderations.create(input=[IMAGE]).results

    assert result.flagged
    assert result.category_applied_input_types.violence == ["image"]
    assert result.category_applied_input_types.hate == []


def test_scores_are_the_same_for_the_same_text(client: openai.OpenAI) -> None:
    first, second = client.moderations.create(input=["attack", "attack"]).results

    assert first.category_scores == second.category_scores


def test_client_mistake_raises_bad_request(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.moderations.create(input=[])

    assert (caught.value.param, caught.value.code) == ("input", "empty_array")


def test_error_of_a_rule_raises_its_class(client: openai.OpenAI) -> None:
    with pytest.raises(openai.InternalServerError):
        client.moderations.create(input="fail")


def test_async_client_over_a_socket(app: Flask, url_of: MakeUrl) -> None:
    async def ask() -> bool:
        async with openai.AsyncOpenAI(
            api_key="k", base_url=f"{url_of(app)}/v1", _strict_response_validation=True
        ) as client:
            return (await client.moderations.create(input="attack")).results[0].flagged

    assert asyncio.run(ask())
