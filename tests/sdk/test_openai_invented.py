"""`settings.unknown_ids: invent`: ids that were never given out name plausible objects."""

from __future__ import annotations

from typing import Any

import openai
import pytest

from tests.conftest import MakeApp
from tests.sdk.conftest import MakeOpenAI

INVENT = "settings: {unknown_ids: invent}\nresponses: {hello: Hi., more: Again.}"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/v1/responses/resp_x", "response"),
        ("/v1/conversations/conv_x", "conversation"),
        ("/v1/chat/completions/chatcmpl-x", "chat.completion"),
    ],
)
def test_placeholder_names_an_object(path: str, kind: str, make_app: MakeApp) -> None:
    response = make_app(INVENT).test_client().get(path)

    assert response.status_code == 200
    assert response.json is not None
    assert (response.json["id"], response.json["object"]) == (path.rpartition("/")[2], kind)


@pytest.mark.parametrize(
    ("path", "listed"),
    [
        ("/v1/responses/resp_x/input_items", []),
        ("/v1/conversations/conv_x/items", []),
        ("/v1/chat/completions/chatcmpl-x/messages", []),
    ],
)
def test_nothing_is_listed_of_it(path: str, listed: list[Any], make_app: MakeApp) -> None:
    response = make_app(INVENT).test_client().get(path)

    assert response.json is not None
    assert response.json["data"] == listed


@pytest.mark.parametrize("member", ["previous_response_id", "conversation"])
def test_conversation_goes_on_from_a_placeholder(member: str, make_app: MakeApp) -> None:
    client = make_app(INVENT).test_client()
    body = {"model": "m", "input": "hello", member: "x"}

    answered = client.post("/v1/responses", json=body).json

    assert answered is not None
    assert answered["output"][0]["content"][0]["text"] == "Hi."


def test_placeholder_of_a_conversation_is_one_from_then_on(make_app: MakeApp) -> None:
    client = make_app(INVENT).test_client()
    for text in ("hello", "more"):
        client.post("/v1/responses", json={"model": "m", "input": text, "conversation": "conv_x"})

    items = client.get("/v1/conversations/conv_x/items?order=asc").json

    assert items is not None
    said = [item["content"][0]["text"] for item in items["data"]]
    assert said == ["hello", "Hi.", "more", "Again."]
    assert client.get("/v1/conversations/conv_x").json["id"] == "conv_x"  # type: ignore[index]  # is JSON


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/v1/conversations/conv_x", "/v1/conversations/conv_x"),
        ("/v1/chat/completions/chatcmpl-x", "/v1/chat/completions/chatcmpl-x"),
    ],
)
def test_metadata_of_a_placeholder_is_kept(path: str, kept: str, make_app: MakeApp) -> None:
    client = make_app(INVENT).test_client()

    updated = client.post(path, json={"metadata": {"a": "b"}}).json
    fetched = client.get(kept).json

    assert updated is not None
    assert fetched is not None
    assert updated["metadata"] == fetched["metadata"] == {"a": "b"}
    assert updated["id"] == path.rpartition("/")[2]


@pytest.mark.parametrize(
    "path", ["/v1/responses/x", "/v1/conversations/x", "/v1/chat/completions/x"]
)
def test_placeholder_can_be_deleted(path: str, make_app: MakeApp) -> None:
    deleted = make_app(INVENT).test_client().delete(path).json

    assert deleted is not None
    assert deleted["deleted"] is True


def test_placeholder_fits_the_sdks_types(make_app: MakeApp, openai_of: MakeOpenAI) -> None:
    client = openai_of(make_app(INVENT))

    assert client.responses.retrieve("resp_x").output_text == "I don't know the answer to that."
    assert client.conversations.retrieve("conv_x").id == "conv_x"
    assert client.chat.completions.retrieve("chatcmpl-x").choices[0].finish_reason == "stop"


def test_placeholder_is_refused_unless_asked_for(make_app: MakeApp, openai_of: MakeOpenAI) -> None:
    with pytest.raises(openai.NotFoundError):
        openai_of(make_app("responses: {}")).responses.retrieve("resp_x")
