"""Tool calls, thoughts, refusals and errors through the official Google Gen AI SDK."""

from __future__ import annotations

from typing import Any

import pytest
from google import genai
from google.genai import errors, types

from tests.conftest import MakeApp
from tests.sdk.conftest import MakeGemini
from tests.sdk.test_openai_replies import CASES, YAML

TOOL = types.Tool(
    function_declarations=[
        types.FunctionDeclaration(
            name="get_weather",
            parameters=types.Schema(
                type=types.Type.OBJECT,
                properties={"city": types.Schema(type=types.Type.STRING, enum=["Oslo"])},
                required=["city"],
            ),
        )
    ]
)
CONFIG = types.GenerateContentConfig(tools=[TOOL])
AGENT = """\
rules:
- when: {contains: weather}
  steps:
  - tool_calls:
    - {name: get_weather, arguments: {city: Paris}}
    - {name: get_weather, arguments: {city: Rome}}
  - tool_calls: [{name: get_weather, arguments: {city: Oslo}}]
  - "It rains everywhere."
"""


@pytest.fixture
def client(make_app: MakeApp, gemini_of: MakeGemini) -> genai.Client:
    return gemini_of(make_app(YAML))


def cities_of(calls: list[types.FunctionCall] | None) -> list[Any]:
    assert calls is not None
    assert len({call.id for call in calls}) == len(calls)
    return [(call.args or {})["city"] for call in calls]


@CASES
def test_tool_call(client: genai.Client, prompt: str, cities: list[str]) -> None:
    answer = client.models.generate_content(model="m", contents=prompt, config=CONFIG)

    assert cities_of(answer.function_calls) == cities


@CASES
def test_streamed_tool_call(client: genai.Client, prompt: str, cities: list[str]) -> None:
    chunks = client.models.generate_content_stream(model="m", contents=prompt, config=CONFIG)

    calls = [call for chunk in chunks for call in chunk.function_calls or ()]

    assert cities_of(calls) == cities


def test_functions_are_called_by_the_sdk(make_app: MakeApp, gemini_of: MakeGemini) -> None:
    asked: list[str] = []

    def get_weather(city: str) -> str:
        """Return the weather of a city."""
        asked.append(city)
        return "rain"

    answer = gemini_of(make_app(AGENT)).models.generate_content(
        model="m",
        contents="weather?",
        config=types.GenerateContentConfig(tools=[get_weather]),
    )

    assert asked == ["Paris", "Rome", "Oslo"]
    assert answer.text == "It rains everywhere."


def test_result_of_a_tool_is_found_by_its_name(client: genai.Client) -> None:
    asked = client.models.generate_content(model="m", contents="weather?", config=CONFIG)
    assert asked.candidates is not None
    said = asked.candidates[0].content
    assert said is not None
    result = types.Part.from_function_response(name="get_weather", response={"output": "20"})
    contents: Any = [
        types.UserContent("weather?"),
        said,
        types.Content(role="user", parts=[result]),
    ]

    answer = client.models.generate_content(model="m", contents=contents, config=CONFIG)

    assert answer.text == "Sunny."


@pytest.mark.parametrize("names", [None, ["get_weather"]])
def test_forced_tool_is_called_unruled(client: genai.Client, names: list[str] | None) -> None:
    calling = types.FunctionCallingConfig(
        mode=types.FunctionCallingConfigMode.ANY, allowed_function_names=names
    )
    config = types.GenerateContentConfig(
        tools=[TOOL], tool_config=types.ToolConfig(function_calling_config=calling)
    )

    answer = client.models.generate_content(model="m", contents="anything", config=config)

    assert cities_of(answer.function_calls) == ["Oslo"]


def test_thoughts_come_before_the_signed_answer(client: genai.Client) -> None:
    answer = client.models.generate_content(
        model="m",
        contents="think",
        config=types.GenerateContentConfig(
            thinking_config=types.ThinkingConfig(include_thoughts=True)
        ),
    )

    assert answer.parts is not None
    thought, text = answer.parts
    assert (thought.text, thought.thought) == ("Let me think.", True)
    assert (text.text, text.thought) == ("Hello.", None)
    assert text.thought_signature
    assert answer.text == "Hello."
    assert answer.usage_metadata is not None
    assert answer.usage_metadata.thoughts_token_count


def test_thoughts_may_be_sent_back(client: genai.Client) -> None:
    chat = client.chats.create(model="m")
    for _ in range(2):
        list(chat.send_message_stream("think"))

    assert chat.send_message("think").text == "Hello."


def test_refusal_ends_with_safety(client: genai.Client) -> None:
    answer = client.models.generate_content(model="m", contents="no?")

    assert answer.text is None
    assert answer.candidates is not None
    assert answer.candidates[0].finish_reason == types.FinishReason.SAFETY


def test_blocked_prompt_has_no_candidates(make_app: MakeApp, gemini_of: MakeGemini) -> None:
    client = gemini_of(make_app('responses: {hi: {text: "", finish: content_filter}}'))

    answer = client.models.generate_content(model="m", contents="hi")

    assert answer.candidates is None
    assert answer.prompt_feedback is not None
    assert answer.prompt_feedback.block_reason == types.BlockedReason.SAFETY


KINDS_OF_ERRORS = pytest.mark.parametrize(
    ("kind", "code", "status"),
    [
        ("rate_limit", 429, "RESOURCE_EXHAUSTED"),
        ("overloaded", 503, "UNAVAILABLE"),
        ("auth", 400, "INVALID_ARGUMENT"),
        ("permission", 403, "PERMISSION_DENIED"),
        ("not_found", 404, "NOT_FOUND"),
        ("invalid", 400, "INVALID_ARGUMENT"),
        ("context_length", 400, "INVALID_ARGUMENT"),
        ("content_filter", 400, "INVALID_ARGUMENT"),
        ("server", 500, "INTERNAL"),
    ],
)


def assert_raised(error: errors.APIError, code: int, status: str) -> None:
    assert isinstance(error, errors.ClientError if code < 500 else errors.ServerError)
    assert (error.code, error.status) == (code, status)
    assert error.message


@KINDS_OF_ERRORS
def test_each_kind_of_error_raises_its_class(
    kind: str, code: int, status: str, make_app: MakeApp, gemini_of: MakeGemini
) -> None:
    client = gemini_of(make_app(f"responses: {{fail: {{error: {kind}}}}}"))

    with pytest.raises(errors.APIError) as caught:
        client.models.generate_content(model="m", contents="fail")

    assert_raised(caught.value, code, status)


@KINDS_OF_ERRORS
def test_each_kind_of_error_ends_a_stream(
    kind: str, code: int, status: str, make_app: MakeApp, gemini_of: MakeGemini
) -> None:
    client = gemini_of(make_app(f"responses: {{fail: {{error: {kind}}}}}"))
    stream = client.models.generate_content_stream(model="m", contents="fail")

    with pytest.raises(errors.APIError) as caught:
        list(stream)

    assert_raised(caught.value, code, status)


def test_rate_limit_says_when_to_try_again(make_app: MakeApp, gemini_of: MakeGemini) -> None:
    yaml = "responses: {fail: {error: {kind: rate_limit, message: Slow., retry_after: 2s}}}"

    with pytest.raises(errors.ClientError, match=r"Slow\.") as caught:
        gemini_of(make_app(yaml)).models.generate_content(model="m", contents="fail")

    (detail,) = caught.value.details["error"]["details"]
    assert detail["retryDelay"] == "2s"
