"""The official OpenAI SDK cannot tell our Responses API from the real one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx2
import openai
import pytest
from flask import Flask
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import BaseModel

from tests.clock import FakeClock
from tests.conftest import MakeApp
from tests.sdk.conftest import MakeOpenAI, MakeUrl

YAML = """\
responses:
  "count": "one two three four five"
  "weather?": {tool_calls: [{name: get_weather, arguments: {city: Paris, days: 2}}]}
  "both?":
    text: "Let me look."
    tool_calls:
      - {name: get_weather, arguments: {city: Paris}}
      - {name: get_weather, arguments: {city: Rome}}
  "run": {tool_calls: [{name: shell, arguments: {command: ls}}]}
  "think": {reasoning: "Let me think.", text: "Hello."}
  "no?": {refusal: "I cannot help with that."}
  "half": {text: "As I", finish: content_filter}
  "nothing": ""
  "city": {json: {name: Paris}}
rules:
  - {when: {tool_result: get_weather}, reply: "Sunny."}
"""
TOOLS: Any = [
    {
        "type": "function",
        "name": "get_weather",
        "description": "Tell the weather of a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
        "strict": False,
    },
    {"type": "custom", "name": "shell", "description": "Run a command."},
]
PROMPTS = ["count", "weather?", "both?", "run", "think", "no?", "half", "nothing", "unknown"]


class City(BaseModel):
    name: str


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app(YAML)


@pytest.fixture
def client(app: Flask, openai_of: MakeOpenAI) -> openai.OpenAI:
    return openai_of(app)


def ask(client: openai.OpenAI, said: Any, **members: Any) -> Response:
    response: Response = client.responses.create(model="gpt-5", input=said, **members)
    return response


def stream_of(client: openai.OpenAI, said: Any, **members: Any) -> list[ResponseStreamEvent]:
    stream: Iterator[ResponseStreamEvent] = client.responses.create(
        model="gpt-5", input=said, stream=True, **members
    )
    return list(stream)


def without_ids(value: Any) -> Any:
    """Leave out ids, and what is made of them, which differ because the two requests do."""
    match value:
        case dict():
            drawn = ("id", "call_id", "encrypted_content")
            return {key: without_ids(each) for key, each in value.items() if key not in drawn}
        case list():
            return [without_ids(each) for each in value]
        case _:
            return value


def test_plain_answer(client: openai.OpenAI) -> None:
    answer = ask(client, "count")

    assert answer.output_text == "one two three four five"
    assert (answer.status, answer.model, answer.object) == ("completed", "gpt-5", "response")
    assert answer.error is None
    assert answer.incomplete_details is None
    assert answer.completed_at is not None
    assert answer.usage is not None
    assert answer.usage.total_tokens == answer.usage.input_tokens + 5
    assert answer._request_id is not None


TEXT = [
    "response.created",
    "response.in_progress",
    "response.output_item.added",
    "response.content_part.added",
    *["response.output_text.delta"] * len("one two three four five"),
    "response.output_text.done",
    "response.content_part.done",
    "response.output_item.done",
    "response.completed",
]


def test_streamed_answer_comes_in_order(client: openai.OpenAI) -> None:
    assert [event.type for event in stream_of(client, "count")] == TEXT


@pytest.mark.parametrize("prompt", PROMPTS)
def test_events_are_numbered_from_zero_without_gaps(client: openai.OpenAI, prompt: str) -> None:
    events = stream_of(client, prompt, tools=TOOLS)

    assert [event.sequence_number for event in events] == list(range(len(events)))


@pytest.mark.parametrize("prompt", PROMPTS)
def test_stream_ends_with_the_whole(client: openai.OpenAI, prompt: str) -> None:
    whole = ask(client, prompt, tools=TOOLS)
    last: Any = stream_of(client, prompt, tools=TOOLS)[-1]

    assert without_ids(last.response.to_dict()) == without_ids(whole.to_dict())


@pytest.mark.parametrize("prompt", PROMPTS)
def test_items_are_announced_and_ended(client: openai.OpenAI, prompt: str) -> None:
    events: list[Any] = stream_of(client, prompt, tools=TOOLS)
    added = [event for event in events if event.type == "response.output_item.added"]
    done = [event for event in events if event.type == "response.output_item.done"]

    assert [event.item.id for event in added] == [event.item.id for event in done]
    assert [event.output_index for event in added] == list(range(len(done)))
    assert [event.item for event in done] == events[-1].response.output
    assert all(getattr(event.item, "status", None) in ("in_progress", None) for event in added)


@pytest.mark.parametrize("prompt", [each for each in PROMPTS if each != "half"])
def test_stream_helper_accumulates_the_whole(client: openai.OpenAI, prompt: str) -> None:
    whole = ask(client, prompt, tools=TOOLS)
    with client.responses.stream(model="gpt-5", input=prompt, tools=TOOLS) as stream:
        deltas = [event.snapshot for event in stream if event.type == "response.output_text.delta"]
        final = stream.get_final_response()

    assert final.output_text == whole.output_text
    assert [item.type for item in final.output] == [item.type for item in whole.output]
    assert not deltas or deltas[-1] == whole.output_text


def test_stream_helper_goes_on_with_a_stored_response(client: openai.OpenAI) -> None:
    name = ask(client, "count").id

    with client.responses.stream(response_id=name, starting_after=10) as stream:
        numbers = [event.sequence_number for event in stream]
        final = stream.get_final_response()

    assert numbers[0] == 11
    assert final.output_text == "one two three four five"


def test_parsed_answer(client: openai.OpenAI) -> None:
    answer = client.responses.parse(model="gpt-5", input="city", text_format=City)
    forced = client.responses.parse(model="gpt-5", input="any city", text_format=City)
    with client.responses.stream(model="gpt-5", input="city", text_format=City) as stream:
        streamed = stream.get_final_response()

    assert answer.output_parsed == City(name="Paris") == streamed.output_parsed
    assert isinstance(forced.output_parsed, City)
    assert answer.text is not None
    assert answer.text.format is not None
    assert getattr(answer.text.format, "strict", None) is True


def test_tool_call(client: openai.OpenAI) -> None:
    (call,) = ask(client, "weather?", tools=TOOLS).output

    assert call.type == "function_call"
    assert (call.name, json.loads(call.arguments)) == ("get_weather", {"city": "Paris", "days": 2})
    assert (call.id or "").startswith("fc_")
    assert call.call_id.startswith("call_")


def test_parallel_tool_calls(client: openai.OpenAI) -> None:
    message, *calls = ask(client, "both?", tools=TOOLS).output

    arguments = [call.arguments for call in calls if call.type == "function_call"]
    assert message.type == "message"
    assert [json.loads(each)["city"] for each in arguments] == ["Paris", "Rome"]
    assert len(ask(client, "both?", tools=TOOLS, parallel_tool_calls=False).output) == 2


@pytest.mark.parametrize(
    "choice",
    [
        "required",
        {"type": "function", "name": "get_weather"},
        {
            "type": "allowed_tools",
            "mode": "required",
            "tools": [{"type": "function", "name": "get_weather"}],
        },
    ],
)
def test_forced_tool(client: openai.OpenAI, choice: Any) -> None:
    answer = ask(client, "what is the weather", tools=TOOLS, tool_choice=choice)

    (call,) = answer.output
    assert call.type == "function_call"
    assert call.name == "get_weather"
    assert isinstance(json.loads(call.arguments)["city"], str)


def test_custom_tool(client: openai.OpenAI) -> None:
    (call,) = ask(client, "run", tools=TOOLS).output
    kinds = [event.type for event in stream_of(client, "run", tools=TOOLS)]

    assert call.type == "custom_tool_call"
    assert (call.name, call.input) == ("shell", '{"command":"ls"}')
    assert "response.custom_tool_call_input.delta" in kinds
    assert "response.custom_tool_call_input.done" in kinds


def test_tools_of_a_namespace(client: openai.OpenAI) -> None:
    spaced: Any = [{"type": "namespace", "name": "n", "description": "N.", "tools": TOOLS}]
    (call,) = ask(client, "run", tools=spaced).output
    (streamed,) = [
        event.item
        for event in stream_of(client, "run", tools=spaced)
        if event.type == "response.output_item.added"
    ]

    assert call.type == streamed.type == "custom_tool_call"
    assert (call.namespace, call.name) == (streamed.namespace, streamed.name) == ("n", "shell")


def test_agent_loop_ends_with_the_output_sent_back(client: openai.OpenAI) -> None:
    said: list[Any] = [{"role": "user", "content": "weather?"}]
    answer = ask(client, said, tools=TOOLS)
    said += [item.to_dict() for item in answer.output]
    call: Any = answer.output[0]
    said.append({"type": "function_call_output", "call_id": call.call_id, "output": "20"})

    assert ask(client, said, tools=TOOLS).output_text == "Sunny."


def test_reasoning(client: openai.OpenAI) -> None:
    answer = ask(
        client,
        "think",
        include=["reasoning.encrypted_content"],
        reasoning={"effort": "low", "summary": "auto"},
        store=False,
    )

    reasoning, message = answer.output
    assert reasoning.type == "reasoning"
    assert [part.text for part in reasoning.summary] == ["Let me think."]
    assert reasoning.encrypted_content
    assert message.type == "message"
    assert answer.usage is not None
    assert answer.usage.output_tokens_details.reasoning_tokens == 4
    assert answer.reasoning is not None
    assert (answer.reasoning.effort, answer.reasoning.summary) == ("low", "auto")


def test_streamed_reasoning(client: openai.OpenAI) -> None:
    events = stream_of(client, "think")

    kinds = list(dict.fromkeys(event.type for event in events))
    said = [
        event.delta for event in events if event.type == "response.reasoning_summary_text.delta"
    ]
    assert "".join(said) == "Let me think."
    assert kinds[2:8] == [
        "response.output_item.added",
        "response.reasoning_summary_part.added",
        "response.reasoning_summary_text.delta",
        "response.reasoning_summary_text.done",
        "response.reasoning_summary_part.done",
        "response.output_item.done",
    ]


def test_refusal(client: openai.OpenAI) -> None:
    (message,) = ask(client, "no?").output
    kinds = {event.type for event in stream_of(client, "no?")}

    assert message.type == "message"
    assert [part.type for part in message.content] == ["refusal"]
    assert {"response.refusal.delta", "response.refusal.done"} <= kinds


@pytest.mark.parametrize(
    ("prompt", "members", "reason", "text"),
    [
        ("count", {"max_output_tokens": 2}, "max_output_tokens", "one two"),
        ("half", {}, "content_filter", "As I"),
    ],
)
def test_incomplete_answer(
    client: openai.OpenAI, prompt: str, members: Any, reason: str, text: str
) -> None:
    answer = ask(client, prompt, **members)
    last = stream_of(client, prompt, **members)[-1]

    assert answer.status == "incomplete"
    assert answer.incomplete_details is not None
    assert answer.incomplete_details.reason == reason
    assert answer.completed_at is None
    assert answer.output_text == text
    assert getattr(answer.output[0], "status", None) == "incomplete"
    assert last.type == "response.incomplete"
    assert last.response.output_text == text


def test_log_probabilities(client: openai.OpenAI) -> None:
    asked: Any = {"include": ["message.output_text.logprobs"], "top_logprobs": 2}
    (message,) = ask(client, "count", **asked).output
    deltas = [
        event
        for event in stream_of(client, "count", **asked)
        if event.type == "response.output_text.delta"
    ]

    assert message.type == "message"
    part = message.content[0]
    assert part.type == "output_text"
    assert part.logprobs is not None
    assert [each.token for each in part.logprobs] == ["one", " two", " three", " four", " five"]
    assert all(len(each.top_logprobs) == 2 for each in part.logprobs)
    assert [delta.delta for delta in deltas] == [each.token for each in part.logprobs]
    assert [delta.logprobs[0].logprob for delta in deltas] == [
        each.logprob for each in part.logprobs
    ]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("rate_limit", openai.RateLimitError),
        ("overloaded", openai.InternalServerError),
        ("auth", openai.AuthenticationError),
        ("permission", openai.PermissionDeniedError),
        ("not_found", openai.NotFoundError),
        ("invalid", openai.BadRequestError),
        ("context_length", openai.BadRequestError),
        ("content_filter", openai.BadRequestError),
        ("server", openai.InternalServerError),
    ],
)
def test_each_kind_of_error_raises_its_class(
    kind: str,
    error: type[openai.APIStatusError],
    stream: bool,
    make_app: MakeApp,
    openai_of: MakeOpenAI,
) -> None:
    client = openai_of(make_app(f"responses: {{fail: {{error: {kind}}}}}"))

    with pytest.raises(error) as caught:
        client.responses.create(model="m", input="fail", stream=stream)

    assert type(caught.value) is error
    assert caught.value.request_id is not None


def test_client_mistake_names_the_parameter(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        ask(client, [{"role": "user", "content": 5}])

    assert (caught.value.param, caught.value.code) == ("input[0].content", "invalid_type")


def test_stored_response_is_retrieved_and_deleted(client: openai.OpenAI) -> None:
    created = ask(client, "think")

    found = client.responses.retrieve(created.id)
    streamed = list(client.responses.retrieve(created.id, stream=True, starting_after=2))
    client.responses.delete(created.id)

    assert found.to_dict() == created.to_dict()
    assert streamed[0].sequence_number == 3
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(created.id)


def test_background_response_is_polled(
    make_app: MakeApp, openai_of: MakeOpenAI, clock: FakeClock
) -> None:
    client = openai_of(make_app("responses: {a: bcd}\nsettings: {lag_enabled: true}"))
    states = [ask(client, "a", background=True)]
    while states[-1].status in ("queued", "in_progress"):
        clock.now_s += 0.02
        states.append(client.responses.retrieve(states[0].id))

    assert [each.status for each in states] == ["queued", "in_progress", "completed"]
    assert states[-1].output_text == "bcd"


def test_background_response_is_cancelled(make_app: MakeApp, openai_of: MakeOpenAI) -> None:
    client = openai_of(make_app("responses: {a: bcd}\nsettings: {lag_enabled: true}"))
    name = ask(client, "a", background=True).id

    assert client.responses.cancel(name).status == "cancelled"
    assert client.responses.retrieve(name).status == "cancelled"


def test_streamed_background_response(client: openai.OpenAI) -> None:
    kinds = [event.type for event in stream_of(client, "count", background=True)]

    assert kinds[:3] == ["response.created", "response.queued", "response.in_progress"]
    assert kinds[-1] == "response.completed"


def test_input_items_are_paged_through(client: openai.OpenAI) -> None:
    said = [{"role": "user", "content": f"{number}"} for number in range(45)]
    name = ask(client, said).id

    found: list[Any] = list(client.responses.input_items.list(name, order="asc"))

    assert [item.content[0].text for item in found] == [str(number) for number in range(45)]


def test_every_kind_of_item_is_listed(client: openai.OpenAI) -> None:
    said: list[Any] = [
        {"role": "user", "content": "weather?"},
        {"role": "assistant", "content": "Let me look."},
        {"type": "function_call", "call_id": "c1", "name": "get_weather", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c1", "output": "20"},
        {"type": "custom_tool_call", "call_id": "c2", "name": "shell", "input": "ls"},
        {"type": "custom_tool_call_output", "call_id": "c2", "output": "a"},
        {"type": "reasoning", "id": "rs_1", "summary": []},
    ]
    name = ask(client, said).id

    kinds = [item.type for item in client.responses.input_items.list(name, order="asc")]

    assert kinds[:2] == ["message", "message"]
    assert kinds[2:] == [item["type"] for item in said[2:]]


def test_input_tokens(client: openai.OpenAI) -> None:
    counted = client.responses.input_tokens.count(model="gpt-5", input="one two", tools=TOOLS)

    assert (counted.object, counted.input_tokens) == ("response.input_tokens", 2)


def test_compaction(app: Flask) -> None:
    """The API's own documentation has users' messages in the output, for which the SDK's type has
    no place: so this client is not strict."""
    with openai.OpenAI(
        api_key="k",
        base_url="http://mockllm/v1",
        http_client=httpx2.Client(transport=httpx2.WSGITransport(app=app)),
    ) as client:
        compacted = client.responses.compact(model="gpt-5", input="count")

    message, compaction = compacted.output
    assert compacted.object == "response.compaction"
    assert getattr(message, "role", None) == "user"
    assert compaction.type == "compaction"
    assert compacted.usage.input_tokens == 1


def test_conversation(client: openai.OpenAI) -> None:
    begun = client.conversations.create(
        items=[{"role": "user", "content": "hi"}], metadata={"a": "b"}
    )
    asked = ask(client, "weather?", conversation=begun.id, tools=TOOLS)
    call: Any = asked.output[0]
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "20"}
    last = ask(client, [result], conversation=begun.id)
    added = client.conversations.items.create(
        begun.id, items=[{"role": "user", "content": "thanks"}]
    )
    kinds = [item.type for item in client.conversations.items.list(begun.id, order="asc", limit=2)]

    assert last.output_text == "Sunny."
    assert last.conversation is not None
    assert last.conversation.id == begun.id
    assert kinds == [
        "message",
        "message",
        "function_call",
        "function_call_output",
        "message",
        "message",
    ]
    item_id = added.data[0].id
    assert item_id is not None
    assert client.conversations.items.retrieve(item_id, conversation_id=begun.id) == added.data[0]
    assert client.conversations.items.delete(item_id, conversation_id=begun.id).id == begun.id
    assert client.conversations.retrieve(begun.id).metadata == {"a": "b"}
    assert client.conversations.update(begun.id, metadata={"c": "d"}).metadata == {"c": "d"}
    assert client.conversations.delete(begun.id).deleted
    with pytest.raises(openai.NotFoundError):
        client.conversations.retrieve(begun.id)


def test_empty_conversation_has_no_items(client: openai.OpenAI) -> None:
    name = client.conversations.create().id

    assert list(client.conversations.items.list(name)) == []


def test_previous_response_that_is_unknown_raises_bad_request(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        ask(client, "hi", previous_response_id="resp_gone")

    assert caught.value.code == "previous_response_not_found"


def test_stream_that_fails_says_so_in_events(
    app: Flask, client: openai.OpenAI, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mockllm.providers.openai import responses

    stream = responses.stream

    def breaking(exchange: Any) -> Any:
        yield next(iter(stream(exchange)))
        raise ZeroDivisionError

    monkeypatch.setattr(responses, "stream", breaking)

    first, error, failed = stream_of(client, "count")

    assert first.type == "response.created"
    assert error.type == "error"
    assert failed.type == "response.failed"
    assert failed.response.status == "failed"
    assert failed.response.error is not None
    assert failed.response.error.code == "server_error"
    assert first.sequence_number < error.sequence_number < failed.sequence_number


def test_async_client_over_a_socket(app: Flask, url_of: MakeUrl) -> None:
    async def talk() -> list[Any]:
        async with openai.AsyncOpenAI(
            api_key="k", base_url=f"{url_of(app)}/v1", _strict_response_validation=True
        ) as client:
            plain = await client.responses.create(model="m", input="count")
            events = await client.responses.create(model="m", input="count", stream=True)
            kinds = [event.type async for event in events]
            async with client.responses.stream(model="m", input="count") as stream:
                final = await stream.get_final_response()
            parsed = await client.responses.parse(model="m", input="city", text_format=City)
            found = await client.responses.retrieve(plain.id)
            items = [item async for item in client.responses.input_items.list(plain.id)]
            return [plain.output_text, kinds, final.output_text, parsed.output_parsed, found, items]

    plain, kinds, final, parsed, found, items = asyncio.run(talk())

    assert plain == final == found.output_text == "one two three four five"
    assert kinds == TEXT
    assert parsed == City(name="Paris")
    assert len(items) == 1
