"""Responses that are stored, and what goes on from them."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.clock import FakeClock
from tests.conftest import MakeApp
from tests.contract.cases import sse_events

YAML = """\
responses:
  "count": "one two three four five"
  "think": {reasoning: "Let me think.", text: "Hello."}
rules:
  - name: loop
    when: {contains: weather}
    steps:
      - tool_calls: [{name: get_weather, arguments: {city: Paris}}]
      - "Sunny."
  - {when: {contains: which turn}, reply: {template: "turn {{ turn }}"}}
  - {when: {contains: who am I}, reply: {template: "[{{ request.system }}]"}}
  - {when: {contains: echo}, reply: {echo: true}}
"""
LAGGED = "responses: {count: one two three four five}\nsettings: {lag_enabled: true}\n"
JSON = dict[str, Any]


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(YAML)


def post(app: Flask, path: str, body: JSON, **headers: str) -> TestResponse:
    return app.test_client().post(path, json=body, headers=headers)


def create(app: Flask, said: Any, path: str = "/v1/responses", **members: Any) -> JSON:
    answer = post(app, path, {"model": "m", "input": said, **members})
    assert answer.status_code == 200, answer.text
    return json_of(answer)


def get(app: Flask, path: str, **headers: str) -> TestResponse:
    return app.test_client().get(f"/v1/{path}", headers=headers)


def json_of(answer: TestResponse) -> JSON:
    found: JSON = answer.get_json()
    return found


def text_of(response: JSON) -> str:
    return "".join(
        part["text"]
        for item in response["output"]
        if item["type"] == "message"
        for part in item["content"]
    )


def test_response_is_retrieved_as_it_was(app: Flask) -> None:
    created = create(app, "count", metadata={"a": "b"})

    assert json_of(get(app, f"responses/{created['id']}")) == created


def test_response_is_not_kept_against_the_clients_wish(app: Flask) -> None:
    created = create(app, "count", store=False)

    assert created["store"] is False
    assert get(app, f"responses/{created['id']}").status_code == 404


def test_streamed_response_is_kept_too(app: Flask) -> None:
    streamed = post(app, "/v1/responses", {"model": "m", "input": "count", "stream": True})
    last = list(sse_events(streamed.data))[-1]

    assert json_of(get(app, f"responses/{last['response']['id']}")) == last["response"]


@pytest.mark.parametrize("said", ["count", "think", "weather"])
@pytest.mark.parametrize("members", [{}, {"top_logprobs": 2}])
def test_streamed_again_it_is_as_it_was(said: str, members: JSON, app: Flask) -> None:
    body = {"model": "m", "input": said, "stream": True, **members}
    streamed = post(app, "/v1/responses", body).data
    response_id = next(sse_events(streamed))["response"]["id"]

    again = get(app, f"responses/{response_id}?stream=true")

    assert again.data == streamed
    assert again.content_type == "text/event-stream; charset=utf-8"


@pytest.mark.parametrize(("after", "first"), [("0", 1), ("5", 6), ("-1", 0)])
def test_streamed_again_it_begins_after_a_number(after: str, first: int, app: Flask) -> None:
    name = create(app, "count")["id"]

    events = list(sse_events(get(app, f"responses/{name}?stream=true&starting_after={after}").data))

    assert events[0]["sequence_number"] == first
    assert events[-1]["type"] == "response.completed"


def test_streamed_again_after_its_end_there_is_nothing(app: Flask) -> None:
    name = create(app, "count")["id"]

    assert get(app, f"responses/{name}?stream=true&starting_after=999").data == b""


@pytest.mark.parametrize("after", ["x", "1e9", "-", "--1", "²", "9" * 200])
def test_number_to_start_after_must_be_one(after: str, app: Flask) -> None:
    name = create(app, "count")["id"]

    answer = get(app, f"responses/{name}?stream=true&starting_after={after}")

    assert answer.status_code == 400
    assert json_of(answer)["error"]["param"] == "starting_after"


def test_very_long_response_is_not_streamed_again(app: Flask) -> None:
    name = create(app, "echo " * 100_000)["id"]

    answer = get(app, f"responses/{name}?stream=true")

    assert answer.status_code == 400
    assert get(app, f"responses/{name}").status_code == 200


def test_deleted_response_is_gone(app: Flask) -> None:
    name = create(app, "count")["id"]

    answer = app.test_client().delete(f"/v1/responses/{name}")

    assert json_of(answer) == {"id": name, "object": "response", "deleted": True}
    assert get(app, f"responses/{name}").status_code == 404
    assert app.test_client().delete(f"/v1/responses/{name}").status_code == 404


UNKNOWN_IDS = ["resp_gone", "%25", "%00", "%C3%BC", "..", "%FF", "x" * 10_000]


@pytest.mark.parametrize("name", UNKNOWN_IDS, ids=range(len(UNKNOWN_IDS)))
@pytest.mark.parametrize("rest", ["", "/input_items", "?stream=true"])
def test_unknown_response_gets_404(name: str, rest: str, app: Flask) -> None:
    answer = get(app, f"responses/{name}{rest}")

    assert answer.status_code == 404
    assert json_of(answer)["error"]["type"] == "invalid_request_error"


def test_id_with_a_slash_is_another_path(app: Flask) -> None:
    answer = get(app, "responses/a%2Fb")

    assert answer.status_code == 404
    assert "Invalid URL" in json_of(answer)["error"]["message"]


def test_upgrade_to_a_websocket_gets_405(app: Flask) -> None:
    answer = get(app, "responses", Connection="Upgrade", Upgrade="websocket")

    assert answer.status_code == 405
    assert json_of(answer)["error"]["code"] == "method_not_supported"


def test_background_response_is_queued_then_in_progress_then_completed(
    make_app: MakeApp, clock: FakeClock
) -> None:
    app = make_app(LAGGED)
    created = create(app, "count", background=True)
    early = json_of(get(app, f"responses/{created['id']}"))
    waited = list(clock.waits)
    clock.now_s += 0.23

    late = json_of(get(app, f"responses/{created['id']}"))

    states = [(each["status"], each["output"], each["usage"]) for each in (created, early)]
    assert states == [("queued", [], None), ("in_progress", [], None)]
    assert waited == []
    assert (late["status"], text_of(late)) == ("completed", "one two three four five")
    assert late["completed_at"] >= late["created_at"]


def test_cancelled_response_stays_without_output(make_app: MakeApp, clock: FakeClock) -> None:
    app = make_app(LAGGED)
    name = create(app, "count", background=True)["id"]

    cancelled = json_of(post(app, f"/v1/responses/{name}/cancel", {}))
    clock.now_s += 10

    assert (cancelled["status"], cancelled["output"]) == ("cancelled", [])
    assert json_of(get(app, f"responses/{name}")) == cancelled
    kinds = [event["type"] for event in sse_events(get(app, f"responses/{name}?stream=true").data)]
    assert kinds == ["response.created", "response.queued", "response.in_progress"]


def test_finished_response_is_not_cancelled(app: Flask) -> None:
    name = create(app, "count", background=True)["id"]

    assert json_of(post(app, f"/v1/responses/{name}/cancel", {}))["status"] == "completed"


def test_only_background_responses_are_cancelled(app: Flask) -> None:
    name = create(app, "count")["id"]

    answer = post(app, f"/v1/responses/{name}/cancel", {})

    assert answer.status_code == 400
    assert json_of(answer)["error"]["message"] == "Cannot cancel a synchronous response."
    assert post(app, "/v1/responses/resp_gone/cancel", {}).status_code == 404


def test_streamed_background_response_is_queued_first(app: Flask) -> None:
    body = {"model": "m", "input": "count", "stream": True, "background": True}

    events = list(sse_events(post(app, "/v1/responses", body).data))

    assert [event["type"] for event in events[:3]] == [
        "response.created",
        "response.queued",
        "response.in_progress",
    ]
    assert [event["response"]["status"] for event in events[:3]] == [
        "queued",
        "queued",
        "in_progress",
    ]


def test_input_items_come_the_newest_first_in_pages(app: Flask) -> None:
    said = [{"role": "user", "content": text} for text in ("a", "b", "c")]
    name = create(app, said)["id"]

    page = json_of(get(app, f"responses/{name}/input_items?limit=2"))
    rest = json_of(get(app, f"responses/{name}/input_items?limit=2&after={page['last_id']}"))

    found = [item["content"][0]["text"] for item in (*page["data"], *rest["data"])]
    assert found == ["c", "b", "a"]
    assert (page["has_more"], rest["has_more"]) == (True, False)


@pytest.mark.parametrize("query", ["limit=1e9", "limit=0", "after=", "order=up", "limit=%00"])
def test_malformed_query_gets_400(query: str, app: Flask) -> None:
    name = create(app, "count")["id"]

    assert get(app, f"responses/{name}/input_items?{query}").status_code == 400


def test_input_tokens_count_what_is_gone_on_from(app: Flask) -> None:
    name = create(app, "count")["id"]
    body = {"model": "m", "input": "one two", "instructions": "Be kind."}

    alone = json_of(post(app, "/v1/responses/input_tokens", body))
    after = json_of(post(app, "/v1/responses/input_tokens", {**body, "previous_response_id": name}))

    assert alone == {"object": "response.input_tokens", "input_tokens": 2 + 3}
    assert after["input_tokens"] == 2 + 3 + 1 + 5


def test_compaction_keeps_what_the_user_said(app: Flask) -> None:
    first = create(app, "count")
    second = create(app, "think", previous_response_id=first["id"])
    body = {"model": "m", "input": "more", "previous_response_id": second["id"]}

    compacted = json_of(post(app, "/v1/responses/compact", body))

    *said, compaction = compacted["output"]
    assert [item["content"][0]["text"] for item in said] == ["count", "think", "more"]
    assert compaction["type"] == "compaction"
    assert compacted["object"] == "response.compaction"
    assert text_of(create(app, [*compacted["output"], {"role": "user", "content": "count"}]))


@pytest.mark.parametrize("path", ["compact", "input_tokens"])
def test_unknown_response_to_go_on_from_gets_400(path: str, app: Flask) -> None:
    body = {"model": "m", "input": "more", "previous_response_id": "resp_gone"}

    answer = post(app, f"/v1/responses/{path}", body)

    assert answer.status_code == 400
    assert json_of(answer)["error"]["code"] == "previous_response_not_found"


@pytest.mark.parametrize("path", ["", "/compact", "/input_tokens"])
def test_nothing_to_answer_gets_400(path: str, app: Flask) -> None:
    answer = post(app, f"/v1/responses{path}", {"model": "m"})

    assert answer.status_code == 400
    assert json_of(answer)["error"]["param"] == "input"


def test_tool_loop_ends_over_previous_responses(app: Flask) -> None:
    first = create(app, "weather?")
    call = first["output"][0]
    result = {"type": "function_call_output", "call_id": call["call_id"], "output": "20 degrees"}

    second = create(app, [result], previous_response_id=first["id"])

    assert call["type"] == "function_call"
    assert text_of(second) == "Sunny."
    assert second["previous_response_id"] == first["id"]


def test_tool_loop_ends_with_references_to_items(app: Flask) -> None:
    """Vercel's AI SDK sends what it has seen as references."""
    call = create(app, "weather?")["output"][0]
    said = [
        {"role": "user", "content": "weather?"},
        {"type": "item_reference", "id": call["id"]},
        {"type": "function_call_output", "call_id": call["call_id"], "output": "20 degrees"},
    ]

    assert text_of(create(app, said)) == "Sunny."


def test_unknown_reference_gets_404(app: Flask) -> None:
    said = [{"type": "item_reference", "id": "rs_gone"}]

    answer = post(app, "/v1/responses", {"model": "m", "input": said})

    assert answer.status_code == 404
    assert "Item with id 'rs_gone' not found." in json_of(answer)["error"]["message"]


def test_turns_count_over_previous_responses(app: Flask) -> None:
    name, said = None, []
    for _ in range(3):
        answer = create(app, "which turn", previous_response_id=name)
        name = answer["id"]
        said.append(text_of(answer))

    assert said == ["turn 1", "turn 2", "turn 3"]


def test_instructions_hold_for_one_request(app: Flask) -> None:
    first = create(app, "who am I", instructions="Kind.")
    second = create(app, "who am I", previous_response_id=first["id"])

    assert (text_of(first), text_of(second)) == ("[Kind.]", "[]")
    assert (first["instructions"], second["instructions"]) == ("Kind.", None)


def test_unknown_previous_response_gets_400(app: Flask) -> None:
    body = {"model": "m", "input": "hi", "previous_response_id": "resp_gone"}

    answer = post(app, "/v1/responses", body)

    assert answer.status_code == 400
    assert json_of(answer)["error"] == {
        "message": "Previous response with id 'resp_gone' not found.",
        "type": "invalid_request_error",
        "param": "previous_response_id",
        "code": "previous_response_not_found",
    }


def test_sessions_keep_responses_apart(app: Flask) -> None:
    name = create(app, "count", "/s/a/v1/responses")["id"]

    found = [
        get(app, f"responses/{name}", **{"X-Mockllm-Session": session}).status_code
        for session in ("a", "b", "default")
    ]

    assert found == [200, 404, 404]
    assert app.test_client().get(f"/s/a/v1/responses/{name}").status_code == 200


def test_forgotten_session_has_no_responses(app: Flask) -> None:
    name = create(app, "count", "/s/a/v1/responses")["id"]

    app.test_client().delete("/_mockllm/sessions/a")

    assert app.test_client().get(f"/s/a/v1/responses/{name}").status_code == 404


def test_integers_of_any_size_are_kept(app: Flask) -> None:
    item = {"type": "new", "n": 10**30}
    tool = {"type": "function", "name": "f", "parameters": {"maximum": -(10**30)}}

    created = create(app, [item, {"role": "user", "content": "count"}], tools=[tool])

    assert json_of(get(app, f"responses/{created['id']}")) == created
    items = json_of(get(app, f"responses/{created['id']}/input_items"))["data"]
    assert items[-1]["n"] == 10**30


def test_what_was_asked_for_is_told_again(app: Flask) -> None:
    tool = {"type": "function", "name": "f", "parameters": {}, "strict": False, "new": 1}
    schema = {"type": "json_schema", "name": "s", "schema": {}, "description": "S."}
    asked: JSON = {
        "tools": [tool, {"type": "web_search"}],
        "tool_choice": {"type": "function", "name": "f"},
        "text": {"format": {**schema, "strict": True}, "verbosity": "low"},
        "reasoning": {"effort": "low"},
        "temperature": 0.5,
        "parallel_tool_calls": False,
        "user": "u",
    }

    told = create(app, "count", **asked)

    assert told["tools"] == [{**tool, "description": None}, {"type": "web_search"}]
    assert told["reasoning"] == {"effort": "low", "summary": None}
    same = ("tool_choice", "text", "temperature", "parallel_tool_calls", "user")
    assert {key: told[key] for key in same} == {key: asked[key] for key in same}


def test_schema_is_strict_when_it_is_said_to_be(app: Flask) -> None:
    schema = {"type": "json_schema", "name": "s", "schema": {}}

    told = create(app, "count", text={"format": schema})["text"]["format"]

    assert told == {**schema, "description": None, "strict": False}
