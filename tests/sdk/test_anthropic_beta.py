"""The beta namespace of the official SDK: threads, the tool runner and what it tells besides."""

from __future__ import annotations

import asyncio
from typing import Any

import anthropic
import pytest
from anthropic import beta_async_tool, beta_tool
from anthropic.types.beta import BetaMessage, BetaTextBlock, BetaThinkingBlock
from flask import Flask
from pydantic import BaseModel

from tests.conftest import MakeApp
from tests.sdk.conftest import MakeAnthropic, MakeUrl

YAML = """\
responses:
  "hi": "Hello."
  "think": {reasoning: "Let me think.", text: "Hello."}
rules:
- when: {contains: trip, system_contains: agent, tool_offered: find_flights}
  steps:
  - parts:
    - reasoning: "First the flights."
    - "Let me look."
    - tool_call: {name: find_flights, arguments: {city: Rome}}
    - reasoning: "Then the hotels."
    - tool_call: {name: find_hotels, arguments: {city: Rome}}
  - {tool_calls: [{name: pay, arguments: {amount: 420}}]}
  - "Booked."
"""
CONTEXT: Any = {"edits": [{"type": "clear_tool_uses_20250919"}]}


@pytest.fixture
def trips(make_app: MakeApp) -> Flask:
    return make_app(YAML)


@pytest.fixture
def client(trips: Flask, anthropic_of: MakeAnthropic) -> anthropic.Anthropic:
    return anthropic_of(trips)


def user(content: Any) -> list[Any]:
    return [{"role": "user", "content": content}]


def text_of(message: BetaMessage) -> str:
    return "".join(block.text for block in message.content if isinstance(block, BetaTextBlock))


def test_message(client: anthropic.Anthropic) -> None:
    message = client.beta.messages.create(
        model="m", max_tokens=9, messages=user("hi"), betas=["context-management-2025-06-27"]
    )

    assert (text_of(message), message.context_management) == ("Hello.", None)


def test_streamed_events(client: anthropic.Anthropic) -> None:
    kinds = [
        event.type
        for event in client.beta.messages.create(
            model="m", max_tokens=9, messages=user("hi"), stream=True
        )
    ]

    assert (kinds[0], kinds[-2:]) == ("message_start", ["message_delta", "message_stop"])


def test_context_edits_and_container_are_told_whole_and_streamed(
    client: anthropic.Anthropic,
) -> None:
    options: Any = {"context_management": CONTEXT, "container": "container_1", "speed": "fast"}
    message = client.beta.messages.create(model="m", max_tokens=9, messages=user("hi"), **options)
    with client.beta.messages.stream(
        model="m", max_tokens=9, messages=user("hi"), **options
    ) as stream:
        final = stream.get_final_message()

    for each in (message, final):
        assert each.context_management is not None
        assert each.context_management.applied_edits == []
        assert each.container is not None
        assert each.container.id == "container_1"
        assert each.usage.speed == "fast"


def test_count_tokens(client: anthropic.Anthropic) -> None:
    count = client.beta.messages.count_tokens(
        model="m", messages=user("hi"), context_management=CONTEXT
    )

    assert count.input_tokens == 1
    assert count.context_management is not None
    assert count.context_management.original_input_tokens == 1


@pytest.mark.parametrize("kind", ["enabled", "adaptive"])
def test_omitted_thinking_is_signed(client: anthropic.Anthropic, kind: str) -> None:
    thinking: Any = {"type": kind, "display": "omitted"}
    with client.beta.messages.stream(
        model="m", max_tokens=2000, messages=user("think"), thinking=thinking
    ) as stream:
        kinds = {event.type for event in stream}
        block, _ = stream.get_final_message().content

    assert "thinking" not in kinds
    assert isinstance(block, BetaThinkingBlock)
    assert block.thinking == ""
    assert block.signature


class Trip:
    """Tools that remember how they were called."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Any]] = []

    def tools(self) -> list[Any]:
        @beta_tool
        def find_flights(city: str) -> str:
            """Find flights to a city."""
            self.calls.append(("find_flights", city))
            return "AZ 611"

        @beta_tool
        def find_hotels(city: str) -> str:
            """Find hotels in a city."""
            self.calls.append(("find_hotels", city))
            return "Hotel Roma"

        @beta_tool
        def pay(amount: int) -> str:
            """Pay an amount."""
            self.calls.append(("pay", amount))
            return "paid"

        return [find_flights, find_hotels, pay]


CALLS = [("find_flights", "Rome"), ("find_hotels", "Rome"), ("pay", 420)]
THREADS = pytest.mark.parametrize("options", [{}, {"thread": False}], ids=["thread", "history"])


@THREADS
def test_tool_runner_ends(client: anthropic.Anthropic, options: Any) -> None:
    trip = Trip()

    messages = list(
        client.beta.messages.tool_runner(
            model="m",
            max_tokens=1000,
            system="You are an agent.",
            tools=trip.tools(),
            messages=user("Book a trip."),
            **options,
        )
    )

    assert trip.calls == CALLS
    assert [message.stop_reason for message in messages] == ["tool_use", "tool_use", "end_turn"]
    assert text_of(messages[-1]) == "Booked."
    kinds = [block.type for block in messages[0].content]
    assert kinds == ["thinking", "text", "tool_use", "thinking", "tool_use"]


@THREADS
def test_streaming_tool_runner_ends(client: anthropic.Anthropic, options: Any) -> None:
    trip = Trip()
    runner = client.beta.messages.tool_runner(
        model="m",
        max_tokens=1000,
        system="You are an agent.",
        tools=trip.tools(),
        messages=user("Book a trip."),
        stream=True,
        **options,
    )

    finals = [stream.get_final_message() for stream in runner]

    assert trip.calls == CALLS
    assert text_of(finals[-1]) == "Booked."


def test_thread_sends_what_is_new_and_costs_the_whole(client: anthropic.Anthropic) -> None:
    first = client.beta.messages.create(
        model="m",
        max_tokens=9,
        system="Be kind.",
        messages=user("hi"),
        thread={"type": "create"},
    )
    second = client.beta.messages.create(
        model="m",
        max_tokens=9,
        messages=user("hi"),
        thread={"type": "continue", "previous_message_id": first.id},
    )

    assert text_of(second) == "Hello."
    assert second.usage.input_tokens == first.usage.input_tokens + 2 + 1


def test_thread_is_cached_as_the_history_is(client: anthropic.Anthropic) -> None:
    cached: Any = {"cache_control": {"type": "ephemeral"}}
    asked: Any = {"model": "m", "max_tokens": 9, "messages": user("hi"), **cached}
    first = client.beta.messages.create(**asked, thread={"type": "create"})
    thread: Any = {"type": "continue", "previous_message_id": first.id}
    second = client.beta.messages.create(**asked, thread=thread)
    again = client.beta.messages.create(**asked, thread=thread)

    assert first.usage.cache_creation_input_tokens == 1
    assert second.usage.cache_read_input_tokens == 1
    assert second.usage.cache_creation_input_tokens == 3
    assert again.usage.cache_read_input_tokens == 4


def test_unknown_thread_says_that_it_must_be_sent_again(client: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.NotFoundError) as caught:
        client.beta.messages.create(
            model="m",
            max_tokens=9,
            messages=user("hi"),
            thread={"type": "continue", "previous_message_id": "msg_1"},
        )

    body: Any = caught.value.body
    assert body["error"]["details"] == {"error_code": "thread_not_found"}


def test_thread_that_continues_nothing_is_a_mistake(client: anthropic.Anthropic) -> None:
    thread: Any = {"type": "continue"}
    with pytest.raises(anthropic.BadRequestError, match=r"thread\.continue\.previous_message_id"):
        client.beta.messages.create(model="m", max_tokens=9, messages=user("hi"), thread=thread)


class City(BaseModel):
    name: str
    population: int


def test_structured_output(client: anthropic.Anthropic) -> None:
    plain = client.messages.parse(
        model="m", max_tokens=1000, messages=user("a city"), output_format=City
    )
    beta = client.beta.messages.parse(
        model="m", max_tokens=1000, messages=user("a city"), output_format=City
    )
    with client.messages.stream(
        model="m", max_tokens=1000, messages=user("a city"), output_format=City
    ) as stream:
        streamed = stream.get_final_message()

    for message in (plain, beta, streamed):
        assert isinstance(message.parsed_output, City)


def test_async_client_over_a_socket(trips: Flask, url_of: MakeUrl) -> None:
    @beta_async_tool
    async def find_flights(city: str) -> str:
        """Find flights to a city."""
        return f"AZ 611 to {city}"

    @beta_async_tool
    async def find_hotels(city: str) -> str:
        """Find hotels in a city."""
        return f"Hotel in {city}"

    @beta_async_tool
    async def pay(amount: int) -> str:
        """Pay an amount."""
        return f"paid {amount}"

    async def run() -> tuple[int, str, str]:
        async with anthropic.AsyncAnthropic(
            api_key="k", base_url=url_of(trips), _strict_response_validation=True
        ) as client:
            count = await client.beta.messages.count_tokens(model="m", messages=user("hi"))
            async with client.beta.messages.stream(
                model="m", max_tokens=9, messages=user("hi")
            ) as stream:
                final = await stream.get_final_message()
            runner = client.beta.messages.tool_runner(
                model="m",
                max_tokens=1000,
                system="You are an agent.",
                tools=[find_flights, find_hotels, pay],
                messages=user("Book a trip."),
            )
            return count.input_tokens, text_of(final), text_of(await runner.until_done())

    assert asyncio.run(run()) == (1, "Hello.", "Booked.")
