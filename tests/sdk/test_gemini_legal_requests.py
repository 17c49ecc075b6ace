"""What the official Google Gen AI SDK makes of models and functions is refused by nobody."""

from __future__ import annotations

from enum import Enum
from typing import Literal

import pytest
from google.genai import types
from pydantic import BaseModel

from tests.conftest import MakeApp
from tests.providers.judged import judged
from tests.sdk.conftest import MakeGemini


class Kind(Enum):
    HOME = "home"
    WORK = "work"


class Address(BaseModel):
    street: str
    kind: Literal["home", "work"]


class Person(BaseModel):
    name: str
    age: int | None = None
    address: Address
    others: list[Address]
    kind: Kind
    tags: list[str] = []


def look(city: str, days: int = 3, kind: str | None = None, tags: list[str] | None = None) -> str:
    """Look at a city.

    Args:
        city: where
        days: how long
    """
    return f"{city} {days} {kind} {tags}"


@pytest.mark.parametrize("vertexai", [False, True])
@pytest.mark.parametrize(
    "wanted",
    [
        types.GenerateContentConfig(
            response_mime_type="application/json",
            response_schema=Person,
            temperature=0.5,
            top_k=40,
            thinking_config=types.ThinkingConfig(thinking_budget=0),
        ),
        types.GenerateContentConfig(response_mime_type="text/x.enum", response_schema=Kind),
        types.GenerateContentConfig(
            response_mime_type="application/json", response_schema=list[Person]
        ),
        types.GenerateContentConfig(
            response_mime_type="application/json", response_json_schema=Person.model_json_schema()
        ),
        types.GenerateContentConfig(tools=[look], system_instruction="Be brief."),
        types.GenerateContentConfig(
            tools=[types.Tool(google_search=types.GoogleSearch())],
            safety_settings=[
                types.SafetySetting(
                    category=types.HarmCategory.HARM_CATEGORY_HARASSMENT,
                    threshold=types.HarmBlockThreshold.BLOCK_NONE,
                )
            ],
            response_modalities=["TEXT"],
        ),
    ],
    ids=["schema", "enum", "list", "JSON Schema", "function", "search"],
)
def test_what_the_sdk_makes_is_legal(
    wanted: types.GenerateContentConfig, vertexai: bool, make_app: MakeApp, gemini_of: MakeGemini
) -> None:
    client = gemini_of(judged(make_app, "reject"), vertexai=vertexai)

    answer = client.models.generate_content(model="m", contents="hello", config=wanted)

    assert answer.text == "hi"
