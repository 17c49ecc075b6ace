"""Reading moderation requests, and the scores of results."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
import pytest
from openai.types.moderation import Categories, CategoryAppliedInputTypes

from mockllm.config.schema import MODERATION_CATEGORIES
from mockllm.core.draws import Draws
from mockllm.core.exchange import Exchange
from mockllm.core.model import Image, ModerationReply, Part, Request, Text, Unknown
from mockllm.errors import InvalidRequest, Unfit
from mockllm.providers.openai import moderations
from tests.core.builders import raw

IMAGE = {"type": "image_url", "image_url": {"url": "data:,"}}
NEW = {"type": "new", "x": 1}


def parsed(sent: Any, **members: Any) -> Request:
    return moderations.parse(raw(body={"input": sent, **members}))


def result(reply: ModerationReply, sent: Any = "hi") -> dict[str, Any]:
    exchange = Exchange(
        "x", 0.0, 0.0, 1, raw(), Draws(b"k"), request=parsed(sent), replies=(reply,)
    )
    found: dict[str, Any] = msgspec.json.decode(moderations.render(exchange))["results"][0]
    return found


@pytest.mark.parametrize(
    ("sent", "inputs"),
    [
        ("a", [(Text("a"),)]),
        ("", [(Text(""),)]),
        (["a", "b"], [(Text("a"),), (Text("b"),)]),
        (
            [{"type": "text", "text": "a"}, IMAGE, NEW],
            [(Text("a"), Image("data:,"), Unknown("new", NEW))],
        ),
    ],
)
def test_texts_are_inputs_and_parts_are_one(sent: Any, inputs: list[tuple[Part, ...]]) -> None:
    assert parsed(sent).inputs == tuple(inputs)


def test_model_need_not_be_named() -> None:
    assert parsed("a").model == "omni-moderation-latest"
    assert parsed("a", model="m").model == "m"


@pytest.mark.parametrize(
    ("sent", "fault", "path"),
    [
        (None, "type", ("input",)),
        ([], "empty", ("input",)),
        (["a", IMAGE], "type", ("input", 1)),
        ([IMAGE, "a"], "type", ("input", 1)),
        ([{"type": "text"}], "missing", ("input", 0, "text")),
        ([{}], "missing", ("input", 0, "type")),
    ],
)
def test_other_inputs_are_refused(sent: Any, fault: str, path: tuple[str | int, ...]) -> None:
    with pytest.raises(InvalidRequest) as caught:
        parsed(sent)

    assert (caught.value.fault, caught.value.path) == (fault, path)


@pytest.mark.parametrize("item", ["a", NEW])
def test_more_inputs_than_the_api_takes_are_refused(item: Any) -> None:
    with pytest.raises(Unfit, match="maximum length 2048, but got an array with length 2049"):
        parsed([item] * 2_049)


def test_categories_are_those_of_the_rules_and_of_the_sdk() -> None:
    of_sdk = {field.alias or name for name, field in Categories.model_fields.items()}

    assert set(result(ModerationReply())["categories"]) == of_sdk == set(MODERATION_CATEGORIES)


def test_types_of_input_are_those_that_the_sdk_allows() -> None:
    found = result(ModerationReply(), [{"type": "text", "text": "a"}, IMAGE])

    for name, field in CategoryAppliedInputTypes.model_fields.items():
        allowed = get_args(get_args(field.annotation)[0])
        assert tuple(found["category_applied_input_types"][field.alias or name]) == allowed


def test_scores_of_the_rule_are_reported_and_the_others_fit_the_flags() -> None:
    found = result(ModerationReply(("violence", "hate"), {"violence": 0.7, "sexual": 0.3}))
    scores = found["category_scores"]

    assert (scores["violence"], scores["sexual"]) == (0.7, 0.3)
    assert 0.8 <= scores["hate"] <= 0.999
    assert all(
        0 < score <= 0.01
        for category, score in scores.items()
        if category not in ("violence", "hate", "sexual")
    )


def test_scores_differ_between_texts_and_not_between_requests() -> None:
    one, same, other = (result(ModerationReply(), text) for text in ("a", "a", "b"))

    assert one == same
    assert one["category_scores"] != other["category_scores"]
