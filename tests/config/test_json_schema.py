"""The language as a JSON Schema says what the validator says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mockllm.config.json_schema import json_schema
from mockllm.config.schema import DEFAULTS, PLACES
from mockllm.config.schema_settings import SETTINGS
from tests.config.test_schema import ids

PLACE_NAMES = [place for place in PLACES if place != "top"]


def definition(place: str) -> dict[str, Any]:
    found = json_schema()
    return found if place == "top" else found["$defs"][place.replace(" ", "_")]


def references(value: Any) -> Iterator[str]:
    """Yield every `$ref` in a schema."""
    for each in value.values() if isinstance(value, dict) else value:
        if isinstance(each, dict | list):
            yield from references(each)
    if isinstance(value, dict) and isinstance(value.get("$ref"), str):
        yield value["$ref"]


def test_every_reference_leads_somewhere() -> None:
    found = json_schema()

    assert {each.removeprefix("#/$defs/") for each in references(found)} <= found["$defs"].keys()


def test_every_place_is_reached() -> None:
    found = json_schema()

    assert {each.removeprefix("#/$defs/") for each in references(found)} == found["$defs"].keys()


@pytest.mark.parametrize("place", PLACES, ids=ids)
def test_place_has_its_keys_and_no_others(place: str) -> None:
    found = definition(place)

    assert list(found["properties"]) == list(PLACES[place][0])
    assert found["additionalProperties"] is False
    assert all(each["description"] for each in found["properties"].values())


@pytest.mark.parametrize("place", PLACES, ids=ids)
def test_place_requires_what_the_validator_requires(place: str) -> None:
    required = [key for key, rules in PLACES[place][0].items() if rules.get("required")]

    assert definition(place).get("required", []) == required


@pytest.mark.parametrize(("name", "table"), [("settings", SETTINGS), ("defaults", DEFAULTS)])
def test_sections_have_their_keys(name: str, table: dict[str, Any]) -> None:
    section = json_schema()["properties"][name]

    assert list(section["properties"]) == list(table)
    assert section["additionalProperties"] is False


TEXT = {"type": ["string", "number", "boolean"]}


@pytest.mark.parametrize(
    ("place", "key", "shape"),
    [
        ("reply", "text", TEXT),
        ("reply", "json", {}),
        ("reply", "echo", {"enum": [True]}),
        ("reply", "render", {"type": "boolean"}),
        ("reply", "headers", {"type": "object"}),
        ("reply", "error", {"anyOf": [{"enum": list(PLACES["error"][0]["kind"]["allowed"])},
                                      {"$ref": "#/$defs/error"}]}),
        ("rule", "times", {"type": "integer", "minimum": 1, "maximum": 1_000_000}),
        ("rule", "name", TEXT),
        ("rule", "when", {"$ref": "#/$defs/when"}),
        ("rule", "reply", {"anyOf": [TEXT, {"$ref": "#/$defs/reply"}]}),
        ("when", "contains", {"anyOf": [TEXT, {"type": "array", "items": TEXT, "minItems": 1}]}),
        ("when", "contains_all", {"type": "array", "items": TEXT, "minItems": 1}),
        ("drawn item", "weight", {"type": "number", "minimum": 0.000001, "maximum": 1_000_000}),
        ("when", "state", {"anyOf": [TEXT, {"type": "array", "items": TEXT, "minItems": 1}]}),
        ("lorem", "tokens", {"type": "integer", "minimum": 0, "maximum": 1_000_000}),
    ],
)  # fmt: skip
def test_shape_of_a_key(place: str, key: str, shape: dict[str, Any]) -> None:
    found = dict(definition(place)["properties"][key])
    del found["description"]

    assert found == shape


def test_closed_words_are_listed() -> None:
    one, many = definition("when")["properties"]["provider"]["anyOf"]

    assert one == {"enum": ["openai", "anthropic", "azure", "gemini", "ollama"]}
    assert many["items"] == {"enum": ["openai", "anthropic", "azure", "gemini", "ollama"]}


def test_nothing_may_be_flagged() -> None:
    assert "minItems" not in definition("moderation")["properties"]["flagged"]


def test_keys_that_begin_with_x_are_free_at_the_top() -> None:
    assert json_schema()["patternProperties"] == {"^x-": {}}
