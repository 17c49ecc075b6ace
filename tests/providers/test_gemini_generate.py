"""Gemini's content: what its requests may look like, and what only its answers have."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.clock import FakeClock
from tests.conftest import MakeApp
from tests.contract.cases import sse_events

MODEL = "/v1beta/models/m"
COUNT = [{"role": "user", "parts": [{"text": "count"}]}]
SAID = "one two three four five"
WEATHER = """\
rules:
- {when: {tool_result: get_weather, tool_result_contains: Rome}, reply: "Of Rome."}
- {when: {tool_result: get_time}, reply: "Late."}
- {when: {tool_result: get_weather}, reply: "Sunny."}
"""


def generate(app: Flask, path: str = f"{MODEL}:generateContent", **body: Any) -> TestResponse:
    return app.test_client().post(path, json={"contents": COUNT, **body})


def parts_of(response: TestResponse) -> list[Any]:
    assert response.status_code == 200, response.text
    assert response.json is not None
    found: list[Any] = response.json["candidates"][0]["content"]["parts"]
    return found


def text_of(response: TestResponse) -> str:
    return "".join(part.get("text", "") for part in parts_of(response))


@pytest.mark.parametrize(
    "folder",
    [
        "/v1beta/models",
        "/v1/models",
        "/v1alpha/models",
        "/v1beta/tunedModels",
        "/v1/projects/p/locations/us-central1/publishers/google/models",
        "/v1beta1/projects/p/locations/global/publishers/google/models",
        "/v1beta1/publishers/google/models",
    ],
)
def test_model_stands_in_every_url_of_the_api_and_of_vertex(folder: str, app: Flask) -> None:
    response = generate(app, f"{folder}/gemini-2.5-pro:generateContent")

    assert text_of(response) == SAID
    assert response.json is not None
    assert response.json["modelVersion"] == "gemini-2.5-pro"


@pytest.mark.parametrize("path", ["/s/one/v1beta", "/llm/v1beta", "/s/one/llm/v1"])
def test_sessions_and_prefixes_stand_before_the_version(path: str, make_app: MakeApp) -> None:
    app = make_app("responses: {count: One.}\nsettings: {prefixes: [/llm]}")

    assert text_of(generate(app, f"{path}/models/m:generateContent")) == "One."


@pytest.mark.parametrize(
    "contents",
    [
        {"parts": {"text": "count"}},
        [{"parts": [{"text": "count"}]}],
        {"role": "user", "parts": [{"text": "count", "thought": None, "inline_data": None}]},
        [{"role": "model", "parts": []}, {"role": "user", "parts": {"text": "count"}}],
        [{"role": "user", "parts": [{"executableCode": {"code": "1"}}, {"text": "count"}]}],
    ],
)
def test_one_thing_may_stand_for_a_list(contents: Any, app: Flask) -> None:
    assert text_of(generate(app, contents=contents)) == SAID


def test_members_may_be_in_snake_case(make_app: MakeApp) -> None:
    app = make_app("rules: [{when: {system_contains: kind, has: image}, reply: Seen.}]")
    body: dict[str, Any] = {
        "contents": [
            {
                "parts": [
                    {"inline_data": {"mime_type": "image/png", "data": "AAAA"}},
                    {"text": "look"},
                ]
            }
        ],
        "system_instruction": {"parts": {"text": "Be kind."}},
        "generation_config": {"max_output_tokens": 1},
    }

    answer = generate(app, **body).json

    assert answer is not None
    assert answer["candidates"][0]["content"]["parts"] == [{"text": "Seen"}]
    assert answer["candidates"][0]["finishReason"] == "MAX_TOKENS"


def test_names_of_the_clients_own_are_left_as_they_are(make_app: MakeApp) -> None:
    app = make_app("rules: [{when: {always: true}, reply: {auto: true}}]")
    declared = {
        "name": "book",
        "parameters": {
            "type": "OBJECT",
            "properties": {"room_count": {"type": "INTEGER", "minimum": 2, "maximum": 2}},
            "required": ["room_count"],
        },
    }

    parts = parts_of(
        generate(
            app,
            tools=[{"function_declarations": [declared]}],
            tool_config={"function_calling_config": {"mode": "any"}},
        )
    )

    assert parts[0]["functionCall"]["args"] == {"room_count": 2}


@pytest.mark.parametrize(
    ("reply", "signed"),
    [
        ("{tool_calls: [{name: f}, {name: g}]}", ["f"]),
        ("{text: Look., tool_calls: [{name: f}, {name: g}]}", ["f"]),
        ("{reasoning: Hm., tool_calls: [{name: f}, {name: g}]}", ["f"]),
        ("{parts: [{reasoning: Hm.}, Look., {tool_call: {name: f}}]}", ["text", "f"]),
        ("{text: Look.}", []),
    ],
)
def test_first_call_has_a_signature(reply: str, signed: list[str], make_app: MakeApp) -> None:
    app = make_app(f"responses: {{count: {reply}}}")

    whole = parts_of(generate(app))
    streamed = [
        part
        for chunk in sse_events(generate(app, f"{MODEL}:streamGenerateContent?alt=sse").data)
        for part in chunk["candidates"][0].get("content", {}).get("parts", [])
    ]

    for parts in (whole, streamed):
        found = [part for part in parts if "thoughtSignature" in part]
        assert [part.get("functionCall", {}).get("name", "text") for part in found] == signed


def call(name: str, **members: Any) -> Any:
    return {"functionCall": {"name": name, **members}}


def result(name: str, response: Any, **members: Any) -> Any:
    return {"functionResponse": {"name": name, "response": response, **members}}


@pytest.mark.parametrize(
    ("calls", "results", "said"),
    [
        ([call("get_weather")], [result("get_weather", {"output": "20"})], "Sunny."),
        ([call("get_time")], [result("get_time", {"time": 1})], "Late."),
        (
            [call("get_weather", id="1"), call("get_weather", id="2")],
            [result("get_weather", {"output": "Rome"}, id="2")],
            "Of Rome.",
        ),
        (
            [call("get_weather"), call("get_time")],
            [result("get_time", {"result": {"hour": 23}})],
            "Late.",
        ),
    ],
)
@pytest.mark.parametrize("role", ["user", "function", None])
def test_results_find_their_calls(
    calls: Any, results: Any, said: str, role: str | None, make_app: MakeApp
) -> None:
    contents = [
        {"role": "user", "parts": [{"text": "Rome"}]},
        {"role": "model", "parts": calls},
        {"role": role, "parts": results},
    ]

    assert text_of(generate(make_app(WEATHER), contents=contents)) == said


def test_stream_without_alt_is_a_json_array(app: Flask) -> None:
    response = generate(app, f"{MODEL}:streamGenerateContent")

    chunks = json.loads(response.data)

    assert response.content_type == "application/json"
    pieces = [chunk["candidates"][0]["content"]["parts"][0]["text"] for chunk in chunks]
    assert pieces == list(SAID)
    assert [chunk["candidates"][0].get("finishReason") for chunk in chunks][-2:] == [None, "STOP"]


def test_json_array_begins_with_what_is_said_first(make_app: MakeApp) -> None:
    app = make_app("responses: {count: {tool_calls: [{name: f, arguments: {x: 1, y: 2}}]}}")

    (chunk,) = json.loads(generate(app, f"{MODEL}:streamGenerateContent").data)

    assert chunk["candidates"][0]["content"]["parts"][0]["functionCall"]["args"] == {"x": 1, "y": 2}


def test_error_of_a_json_array_stands_in_one(make_app: MakeApp) -> None:
    app = make_app("responses: {count: {error: rate_limit}}")

    response = generate(app, f"{MODEL}:streamGenerateContent")

    assert response.status_code == 429
    assert json.loads(response.data)[0]["error"]["status"] == "RESOURCE_EXHAUSTED"


def test_failure_inside_a_json_array_ends_it(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from mockllm.providers.gemini import generate as operation

    whole = operation.stream

    def breaking(exchange: Any) -> Any:
        yield next(iter(whole(exchange)))
        raise ZeroDivisionError

    monkeypatch.setattr(operation, "stream", breaking)

    chunks = json.loads(generate(app, f"{MODEL}:streamGenerateContent").data)

    assert chunks[-1]["error"]["status"] == "INTERNAL"


def test_call_that_is_streamed_whole_comes_when_its_last_piece_is_due(
    make_app: MakeApp, clock: FakeClock
) -> None:
    app = make_app(
        "responses: {count: {tool_calls: [{name: f, arguments: {city: Paris, days: 2}}]}}\n"
        "settings: {lag_enabled: true, seed: 7}"
    )

    response = generate(app, f"{MODEL}:streamGenerateContent?alt=sse")
    pieces = list(response.iter_encoded())

    assert len(list(sse_events(b"".join(pieces)))) == 1
    assert len(pieces) == 1
    assert len(clock.waits) > 5


def test_events_end_in_cr_lf(app: Flask) -> None:
    data = generate(app, f"{MODEL}:streamGenerateContent?alt=sse").data

    assert data.count(b"\r\n\r\n") == data.count(b"data: ") == len(SAID)


def test_texts_that_follow_each_other_are_one_part(make_app: MakeApp) -> None:
    app = make_app("responses: {count: {parts: [One., ' Two.']}}")

    assert parts_of(generate(app)) == [{"text": "One. Two."}]


@pytest.mark.parametrize(
    ("config", "text"),
    [
        ({"responseMimeType": "application/json"}, True),
        ({"responseMimeType": "text/plain"}, False),
        ({"responseMimeType": "application/json", "responseSchema": {"type": "OBJECT"}}, True),
    ],
)
def test_json_is_answered_where_it_is_asked_for(config: Any, text: bool, make_app: MakeApp) -> None:
    said = text_of(generate(make_app("responses: {}"), generationConfig=config))

    assert said.startswith("{") is text


@pytest.mark.parametrize(
    ("calling", "called"),
    [
        ({"mode": "AUTO"}, None),
        ({"mode": "NONE"}, None),
        ({"mode": "VALIDATED"}, None),
        ({"mode": "ANY"}, "f"),
        ({"mode": "ANY", "allowedFunctionNames": ["g"]}, "g"),
        ({}, None),
    ],
)
def test_tools_are_called_when_they_are_forced(
    calling: Any, called: str | None, make_app: MakeApp
) -> None:
    tools = [{"googleSearch": {}}, {"functionDeclarations": [{"name": "f"}, {"name": "g"}]}]

    response = generate(
        make_app("responses: {}"), tools=tools, toolConfig={"functionCallingConfig": calling}
    )

    assert parts_of(response)[0].get("functionCall", {}).get("name") == called


@pytest.mark.parametrize("contents", [[{"parts": [{}]}], [], None, "count"])
def test_contents_without_anything_are_refused(contents: Any, app: Flask) -> None:
    response = generate(app, contents=contents)

    assert response.status_code == 400


def test_wrong_member_is_named_as_the_api_names_it(app: Flask) -> None:
    error = generate(app, generationConfig={"stopSequences": [5]}).json

    assert error is not None
    (detail,) = error["error"]["details"]
    assert detail["fieldViolations"][0]["field"] == "generation_config.stop_sequences[0]"


def test_key_may_stand_in_the_url_and_is_not_logged(
    make_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app(
        "settings: {session_by: api_key}\nrules: [{when: {always: true}, replies: [a, b]}]"
    )
    path = f"{MODEL}:generateContent"

    with caplog.at_level("INFO", logger="mockllm.requests"):
        said = [text_of(generate(app, f"{path}?key={key}")) for key in ("AIzaX", "AIzaY", "AIzaX")]

    assert said == ["a", "a", "b"]
    assert "generateContent 200" in caplog.text
    assert "AIza" not in caplog.text


def test_key_may_stand_in_a_header(make_app: MakeApp) -> None:
    app = make_app(
        "settings: {session_by: api_key}\nrules: [{when: {always: true}, replies: [a, b]}]"
    )
    client = app.test_client()

    said = [
        text_of(
            client.post(
                f"{MODEL}:generateContent",
                json={"contents": COUNT},
                headers={"x-goog-api-key": key},
            )
        )
        for key in ("x", "y", "x")
    ]

    assert said == ["a", "a", "b"]


def test_model_in_the_url_has_a_greatest_length(app: Flask) -> None:
    response = generate(app, f"/v1beta/models/{'m' * 1001}:generateContent")

    assert response.status_code == 400


def test_rules_may_name_the_provider(make_app: MakeApp) -> None:
    app = make_app("rules: [{when: {provider: gemini, contains: count}, reply: Google's.}]")

    assert text_of(generate(app)) == "Google's."


def test_answer_that_is_filtered_in_the_middle_keeps_what_was_said(make_app: MakeApp) -> None:
    app = make_app("responses: {count: {text: One, finish: content_filter}}")

    answer: Any = generate(app).json

    (candidate,) = answer["candidates"]
    assert candidate["content"]["parts"] == [{"text": "One"}]
    assert candidate["finishReason"] == "SAFETY"
    assert candidate["safetyRatings"][0]["blocked"] is True


def test_numbers_of_any_length_pass(app: Flask) -> None:
    response = generate(app, new_member=10**30, generation_config={"top_k": 10**30})

    assert response.status_code == 200
