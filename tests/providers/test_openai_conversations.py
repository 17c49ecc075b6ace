"""Conversations: what responses go on from and add to."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.conftest import MakeApp

YAML = """\
responses: {count: "one two"}
rules:
  - {when: {contains: which turn}, reply: {template: "turn {{ turn }}"}}
  - name: loop
    when: {contains: weather}
    steps: [{tool_calls: [{name: get_weather, arguments: {}}]}, Sunny.]
"""
JSON = dict[str, Any]


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(YAML)


def call(app: Flask, method: str, path: str, body: Any = None) -> TestResponse:
    return app.test_client().open(f"/v1/{path}", method=method, json=body)


def json_of(answer: TestResponse) -> JSON:
    assert answer.status_code == 200, answer.text
    found: JSON = answer.get_json()
    return found


def begin(app: Flask, *texts: str, **members: Any) -> str:
    items = [{"role": "user", "content": text} for text in texts]
    created = json_of(call(app, "POST", "conversations", {"items": items, **members}))
    name: str = created["id"]
    return name


def ask(app: Flask, said: Any, conversation: Any, **members: Any) -> JSON:
    body = {"model": "m", "input": said, "conversation": conversation, **members}
    return json_of(call(app, "POST", "responses", body))


def texts(app: Flask, name: str, query: str = "order=asc") -> list[str]:
    page = json_of(call(app, "GET", f"conversations/{name}/items?{query}"))
    return [item["content"][0]["text"] for item in page["data"] if item["type"] == "message"]


@pytest.mark.parametrize("body", [b"", b"{}", b'{"items": null, "metadata": null}'])
def test_conversation_may_begin_empty(body: bytes, app: Flask) -> None:
    created = json_of(app.test_client().post("/v1/conversations", data=body))

    assert created["id"].startswith("conv_")
    assert {**created, "id": "", "created_at": 0} == {
        "id": "",
        "object": "conversation",
        "created_at": 0,
        "metadata": {},
    }


def test_conversation_is_retrieved_updated_and_deleted(app: Flask) -> None:
    name = begin(app, metadata={"a": "b"})
    found = json_of(call(app, "GET", f"conversations/{name}"))
    changed = json_of(call(app, "POST", f"conversations/{name}", {"metadata": {"c": "d"}}))
    emptied = json_of(call(app, "POST", f"conversations/{name}", {"metadata": None}))

    deleted = json_of(call(app, "DELETE", f"conversations/{name}"))

    metadata = [each["metadata"] for each in (found, changed, emptied)]
    assert metadata == [{"a": "b"}, {"c": "d"}, {}]
    assert deleted == {"id": name, "object": "conversation.deleted", "deleted": True}


UNKNOWN: list[Any] = [
    ("GET", "conversations/conv_gone", None),
    ("POST", "conversations/conv_gone", {"metadata": {}}),
    ("DELETE", "conversations/conv_gone", None),
    ("GET", "conversations/conv_gone/items", None),
    ("POST", "conversations/conv_gone/items", {"items": [{"role": "user", "content": "a"}]}),
    ("GET", "conversations/conv_gone/items/msg_1", None),
    ("DELETE", "conversations/conv_gone/items/msg_1", None),
    ("POST", "responses", {"model": "m", "input": "a", "conversation": "conv_gone"}),
    ("POST", "responses", {"model": "m", "input": "a", "conversation": {"id": "conv_gone"}}),
]


@pytest.mark.parametrize(("method", "path", "body"), UNKNOWN)
def test_unknown_conversation_gets_404(method: str, path: str, body: Any, app: Flask) -> None:
    answer = call(app, method, path, body)

    assert answer.status_code == 404
    assert answer.json is not None
    assert answer.json["error"]["message"] == "Conversation with id 'conv_gone' not found."


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_unknown_item_gets_404(method: str, app: Flask) -> None:
    answer = call(app, method, f"conversations/{begin(app)}/items/msg_gone")

    assert answer.status_code == 404


def test_items_are_added_and_listed_the_newest_first(app: Flask) -> None:
    name = begin(app, "a")
    items = [{"role": "user", "content": "b"}, {"role": "assistant", "content": "c"}]

    added = json_of(call(app, "POST", f"conversations/{name}/items", {"items": items}))

    assert [item["role"] for item in added["data"]] == ["user", "assistant"]
    assert texts(app, name, "") == ["c", "b", "a"]
    assert texts(app, name, "limit=1&order=asc") == ["a"]


def test_item_is_retrieved_and_deleted(app: Flask) -> None:
    name = begin(app, "a", "b")
    item = json_of(call(app, "GET", f"conversations/{name}/items"))["data"][0]
    path = f"conversations/{name}/items/{item['id']}"
    found = json_of(call(app, "GET", path))

    left = json_of(call(app, "DELETE", path))

    assert found == item
    assert left["id"] == name
    assert texts(app, name) == ["a"]


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"items": [{"role": "user", "content": "a"}] * 21}, "items"),
        ({"items": [{"role": "user"}]}, "items[0].content"),
        ({"items": [{"type": []}]}, "items[0].type"),
        ({"metadata": {str(n): "" for n in range(17)}}, "metadata"),
        ({"metadata": []}, "metadata"),
    ],
)
def test_bad_value_is_named(body: JSON, param: str, app: Flask) -> None:
    answer = call(app, "POST", "conversations", body)

    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["error"]["param"] == param


@pytest.mark.parametrize("as_object", [False, True])
def test_response_goes_on_from_a_conversation_and_adds_to_it(as_object: bool, app: Flask) -> None:
    name = begin(app, "which turn")
    conversation = {"id": name} if as_object else name

    answers = [ask(app, "which turn", conversation) for _ in range(2)]

    assert [each["conversation"] for each in answers] == [{"id": name}] * 2
    assert [each["previous_response_id"] for each in answers] == [None, None]
    said = ["which turn", "which turn", "turn 2", "which turn", "turn 3"]
    assert texts(app, name) == said


def test_conversation_grows_although_the_response_is_not_stored(app: Flask) -> None:
    name = begin(app)

    response = ask(app, "count", name, store=False)

    assert texts(app, name) == ["count", "one two"]
    assert call(app, "GET", f"responses/{response['id']}").status_code == 404


def test_tool_loop_ends_in_a_conversation(app: Flask) -> None:
    name = begin(app)
    called = ask(app, "weather?", name)["output"][0]
    result = {"type": "function_call_output", "call_id": called["call_id"], "output": "20"}

    last = ask(app, [result], name)

    assert last["output"][0]["content"][0]["text"] == "Sunny."
    kinds = [
        item["type"]
        for item in json_of(call(app, "GET", f"conversations/{name}/items?order=asc"))["data"]
    ]
    assert kinds == ["message", "function_call", "function_call_output", "message"]


def test_what_references_stand_for_is_part_of_the_conversation(app: Flask) -> None:
    called = json_of(call(app, "POST", "responses", {"model": "m", "input": "weather?"}))
    call_item = called["output"][0]
    name = begin(app, "weather?")
    ask(app, [{"type": "item_reference", "id": call_item["id"]}], name)
    result = {"type": "function_call_output", "call_id": call_item["call_id"], "output": "20"}

    last = ask(app, [result], name)

    assert last["output"][0]["content"][0]["text"] == "Sunny."


def test_instructions_are_no_part_of_a_conversation(app: Flask) -> None:
    name = begin(app)
    ask(app, "count", name, instructions="Be kind.")
    body = {"model": "m", "conversation": name}

    counted = json_of(call(app, "POST", "responses/input_tokens", body))

    assert counted["input_tokens"] == 1 + 2


def test_what_eight_threads_add_at_once_is_all_there(app: Flask) -> None:
    name = begin(app)

    def add(thread: int) -> None:
        for number in range(10):
            items = [{"role": "user", "content": f"{thread}.{number}"}]
            json_of(call(app, "POST", f"conversations/{name}/items", {"items": items}))
            ask(app, f"asked {thread}.{number}", name)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(8)))

    page = texts(app, name, "limit=100")
    last = json_of(call(app, "GET", f"conversations/{name}/items?limit=100"))["last_id"]
    rest = texts(app, name, f"limit=100&after={last}") + texts(app, name, "order=asc&limit=100")
    expected = {
        f"{prefix}{t}.{n}" for prefix in ("", "asked ") for t in range(8) for n in range(10)
    }
    assert expected <= {*page, *rest}


def test_sessions_keep_conversations_apart(app: Flask) -> None:
    name = json_of(app.test_client().post("/s/a/v1/conversations", json={}))["id"]

    found = [
        app.test_client().get(f"/s/{session}/v1/conversations/{name}").status_code
        for session in ("a", "b")
    ]

    assert found == [200, 404]
