"""Requests that OpenAI's API takes: none of them is warned about."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from openai import pydantic_function_tool
from openai.lib._parsing import type_to_response_format_param
from pydantic import BaseModel, Field

from tests.conftest import MakeApp
from tests.providers.judged import Json, ask, judged, warned
from tests.providers.test_openai_judgements import (
    AUDIO,
    CHAT,
    CLOSED,
    COMPLETIONS,
    EMBEDDINGS,
    FILE,
    IMAGE,
    MODERATIONS,
    RESPONSES,
    TOOL,
    USER,
    call_item,
    calls,
    chat,
    output_item,
    response,
    result,
)


class Address(BaseModel):
    street: str
    kind: Literal["home", "work"]


class Person(BaseModel):
    """Somebody."""

    name: str = Field(description="as they say it")
    address: Address
    others: list[Address]
    at_work: Address | None
    friend: Person | None
    age: int | str


FUNCTION: Json = {"name": "look", "parameters": {"type": "object", "properties": {}}}
COMPUTER_CALL: Json = {
    "type": "computer_call",
    "id": "cu_1",
    "call_id": "call_c",
    "action": {"type": "screenshot"},
    "pending_safety_checks": [],
    "status": "completed",
}
SCREENSHOT: Json = {"type": "computer_screenshot", "image_url": "data:,"}
SHELL_CALL: Json = {"type": "local_shell_call", "id": "lsh_1", "call_id": "call_s", "action": {}}
REASONING: Json = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "x"}
SAID: Json = {
    "type": "message",
    "id": "msg_1",
    "role": "assistant",
    "status": "completed",
    "content": [{"type": "output_text", "text": "Let me look.", "annotations": []}],
}
OBJECT_WITHOUT_STRICT: Json = {"type": "object", "properties": {"a": {"type": "string"}}}


def of_custom(call_id: str) -> Json:
    called = {"name": "grep", "input": "x"}
    return {
        "role": "assistant",
        "tool_calls": [{"id": call_id, "type": "custom", "custom": called}],
    }


LEGAL: dict[str, tuple[str, Json]] = {
    "parallel calls with results in another order": (
        CHAT,
        chat(USER, calls("a", "b"), result("b"), result("a"), USER, tools=[TOOL]),
    ),
    "calls in every turn": (
        CHAT,
        chat(USER, calls("a"), result("a"), calls("b"), result("b"), USER, tools=[TOOL]),
    ),
    "custom tool": (CHAT, chat(USER, of_custom("a"), result("a"))),
    "functions as before tools": (
        CHAT,
        chat(
            USER,
            {"role": "assistant", "function_call": {"name": "look", "arguments": "{}"}},
            {"role": "function", "name": "look", "content": "4"},
            functions=[FUNCTION],
            function_call="auto",
        ),
    ),
    "result of a function that nobody called": (
        CHAT,
        chat(USER, {"role": "function", "name": "look", "content": "4"}),
    ),
    "call of a function without result": (
        CHAT,
        chat({"role": "assistant", "function_call": {"name": "f", "arguments": "{}"}}, USER),
    ),
    "images, audio and files": (
        CHAT,
        chat({"role": "user", "content": [{"type": "text", "text": "hello"}, IMAGE, AUDIO, FILE]}),
    ),
    "developer message": (CHAT, chat({"role": "developer", "content": "Be brief."}, USER)),
    "assistant last": (CHAT, chat(USER, {"role": "assistant", "content": "I am"})),
    "assistant of several texts and null members": (
        CHAT,
        chat(
            USER,
            {
                "role": "assistant",
                "content": [{"type": "text", "text": "a"}],
                "refusal": None,
                "annotations": [],
                "audio": None,
                "function_call": None,
                "tool_calls": None,
            },
            USER,
        ),
    ),
    "no calls wanted": (CHAT, chat(tools=[TOOL], tool_choice="none")),
    "no calls wanted, no tools": (CHAT, chat(tool_choice="none")),
    "null tools and choice": (CHAT, chat(tools=None, tool_choice=None, parallel_tool_calls=None)),
    "bounds of numbers": (
        CHAT,
        chat(temperature=2, top_p=0, presence_penalty=-2, frequency_penalty=2.0),
    ),
    "every name of a tool": (
        CHAT,
        chat(tools=[{"type": "function", "function": {"name": "Az_0-9" + "x" * 58}}]),
    ),
    "tool that is not strict": (
        CHAT,
        chat(
            tools=[
                {
                    "type": "function",
                    "function": {"name": "look", "parameters": OBJECT_WITHOUT_STRICT},
                }
            ]
        ),
    ),
    "strict tool without parameters": (
        CHAT,
        chat(tools=[{"type": "function", "function": {"name": "look", "strict": True}}]),
    ),
    "strict tool": (
        CHAT,
        chat(
            tools=[
                {
                    "type": "function",
                    "function": {"name": "look", "strict": True, "parameters": CLOSED},
                }
            ]
        ),
    ),
    "tool of the SDK": (CHAT, chat(tools=[pydantic_function_tool(Person)])),
    "format of the SDK": (CHAT, chat(response_format=type_to_response_format_param(Person))),
    "format that is not strict": (
        CHAT,
        chat(
            response_format={
                "type": "json_schema",
                "json_schema": {"name": "P", "schema": OBJECT_WITHOUT_STRICT},
            }
        ),
    ),
    "JSON": (CHAT, chat(response_format={"type": "json_object"})),
    "Vercel's AI SDK": (
        CHAT,
        chat(
            temperature=0,
            stream=True,
            stream_options={"include_usage": True},
            tools=[TOOL],
            tool_choice="auto",
            user="u",
        ),
    ),
    "LangChain": (
        CHAT,
        chat(
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "hello", "name": "ann"},
            n=1,
            stream=False,
            temperature=0.7,
            parallel_tool_calls=False,
            tools=[TOOL],
            tool_choice={"type": "function", "function": {"name": "look"}},
            stop=["\n"],
            seed=1,
            logprobs=True,
            top_logprobs=2,
        ),
    ),
    "LiteLLM": (
        CHAT,
        chat(
            max_tokens=10,
            metadata={"a": "b"},
            user="u",
            service_tier="auto",
            logit_bias={"1": 1},
            store=False,
        ),
    ),
    "reasoning model": (
        CHAT,
        chat(model="o4-mini", max_completion_tokens=10, reasoning_effort="low", temperature=1),
    ),
    "temperature of a model that does not reason": (CHAT, chat(model="gpt-5.2", temperature=0.2)),
    "temperature without effort": (
        CHAT,
        chat(model="gpt-5.2", temperature=0.2, reasoning_effort="none"),
    ),
    "chat model": (CHAT, chat(model="gpt-5-chat-latest", temperature=0.2, max_tokens=5)),
    "old model": (CHAT, chat(model="gpt-4o", temperature=0.2, max_tokens=5)),
    "every parameter of responses": (
        RESPONSES,
        response(
            instructions="Be brief.",
            temperature=0.2,
            top_p=0.9,
            max_output_tokens=16,
            store=False,
            include=["reasoning.encrypted_content"],
            truncation="auto",
            metadata={},
            parallel_tool_calls=True,
            prompt_cache_key="k",
            text={"format": {"type": "text"}, "verbosity": "low"},
            reasoning={"effort": None},
        ),
    ),
    "turn with reasoning": (
        RESPONSES,
        response(
            USER,
            REASONING,
            SAID,
            call_item("a"),
            call_item("b"),
            output_item("b"),
            output_item("a"),
            USER,
        ),
    ),
    "custom tool of responses": (
        RESPONSES,
        response(
            USER,
            call_item("a", "custom_tool_call"),
            output_item("a", "custom_tool_call_output"),
            tools=[{"type": "custom", "name": "grep", "format": {"type": "text"}}],
        ),
    ),
    "computer and shell": (
        RESPONSES,
        response(
            USER,
            COMPUTER_CALL,
            output_item("call_c", "computer_call_output") | {"output": SCREENSHOT},
            SHELL_CALL,
            {"type": "local_shell_call_output", "id": "call_s", "output": "ok"},
            {"type": "shell_call_output", "call_id": "call_t", "output": []},
            {"type": "apply_patch_call_output", "call_id": "call_u", "status": "completed"},
            tools=[{"type": "computer_use_preview"}, {"type": "local_shell"}],
        ),
    ),
    "tools of the vendor": (
        RESPONSES,
        response(
            tools=[
                {"type": "web_search"},
                {"type": "file_search", "vector_store_ids": ["vs_1"]},
                {"type": "code_interpreter", "container": {"type": "auto"}},
                {"type": "mcp", "server_label": "a b", "server_url": "https://e.com"},
                {"type": "image_generation"},
            ]
        ),
    ),
    "strict tool of responses": (
        RESPONSES,
        response(
            tools=[{"type": "function", "name": "look", "strict": True, "parameters": CLOSED}]
        ),
    ),
    "completion": (
        COMPLETIONS,
        {
            "model": "m",
            "prompt": ["hello", "hello"],
            "max_tokens": 5,
            "logprobs": 1,
            "echo": True,
            "best_of": 1,
            "suffix": None,
        },
    ),
    "embedding": (
        EMBEDDINGS,
        {
            "model": "m",
            "input": ["hello"],
            "encoding_format": "base64",
            "dimensions": 8,
            "user": "u",
        },
    ),
    "moderation": (MODERATIONS, {"input": "hello"}),
}


@pytest.mark.parametrize("case", LEGAL)
def test_legal_request_is_served_without_a_word(case: str, make_app: MakeApp) -> None:
    path, body = LEGAL[case]

    assert warned(ask(judged(make_app, "reject"), path, body)) is None


CALLED = """
rules:
  - when: {tool_result: look}
    reply: four
responses:
  call it: {tool_calls: [{name: look, arguments: {a: 1}}, {name: look, arguments: {a: 2}}]}
settings:
  validation: reject
"""


def test_calls_of_a_stored_response_are_answered_by_the_next(make_app: MakeApp) -> None:
    app = make_app(CALLED)
    first: Any = ask(app, RESPONSES, {"model": "m", "input": "call it"}).json
    outputs = [output_item(item["call_id"]) for item in first["output"]]

    answer = ask(
        app, RESPONSES, {"model": "m", "input": outputs, "previous_response_id": first["id"]}
    )

    assert len(outputs) == 2
    assert answer.status_code == 200


def test_stored_call_left_without_output_is_refused(make_app: MakeApp) -> None:
    app = make_app(CALLED)
    first: Any = ask(app, RESPONSES, {"model": "m", "input": "call it"}).json

    answer: Any = ask(
        app, RESPONSES, {"model": "m", "input": "well?", "previous_response_id": first["id"]}
    ).json

    call_id = first["output"][0]["call_id"]
    assert answer["error"]["message"] == f"No tool output found for function call {call_id}."


def test_output_of_what_came_before_this_server_is_taken(make_app: MakeApp) -> None:
    app = make_app("responses: {hello: hi}\nsettings: {validation: reject}\n")
    first: Any = ask(app, RESPONSES, {"model": "m", "input": "hello"}).json
    body = {
        "model": "m",
        "input": [output_item("call_x"), USER],
        "previous_response_id": first["id"],
    }

    assert ask(app, RESPONSES, body).status_code == 200


def test_whole_chat_is_taken_back(make_app: MakeApp) -> None:
    app = make_app(CALLED)
    asked = {"role": "user", "content": "call it"}
    said: Any = ask(app, CHAT, {"model": "m", "messages": [asked]}).json
    message = said["choices"][0]["message"]
    results = [result(call["id"]) for call in reversed(message["tool_calls"])]

    answer = ask(app, CHAT, {"model": "m", "messages": [asked, message, *results]})

    assert len(results) == 2
    assert answer.status_code == 200
