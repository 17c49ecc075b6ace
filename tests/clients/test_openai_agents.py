"""OpenAI's Agents SDK, over chat completions and over responses: tools, handoffs, data of a type,
and a conversation that the server keeps. With `OPENAI_BASE_URL` set, agents need no client of their
own; their websocket transport finds no server here.

Traces go to OpenAI whatever the client is, so they are switched off. At any address but OpenAI's
a streamed chat counts no tokens unless `ModelSettings(include_usage=True)` asks for them."""

# /// script
# dependencies = [
#   "openai-agents>=0.24,<1",
# ]
# ///

import asyncio
import os

import openai
import pytest
from agents import Agent, ModelSettings, OpenAIConversationsSession, Runner, function_tool
from pydantic import BaseModel

URL = os.environ["MOCKLLM_URL"]

# -- set-up
from agents import OpenAIChatCompletionsModel, OpenAIResponsesModel, set_tracing_disabled
from openai import AsyncOpenAI

client = AsyncOpenAI(base_url=f"{URL}/v1", api_key="any")
chat = OpenAIChatCompletionsModel("gpt-4o", openai_client=client)
responses = OpenAIResponsesModel("gpt-4o", openai_client=client)

set_tracing_disabled(True)  # else traces are sent to OpenAI
# -- end

MODELS = {"chat": chat, "responses": responses}
QUESTIONS = pytest.mark.parametrize(
    ("asked", "answer", "results"),
    [
        ("What is the weather in Paris?", "It is sunny in Paris.", ["sunny in Paris"]),
        ("And in Paris and Rome?", "It is sunny in both.", ["sunny in Paris", "sunny in Rome"]),
    ],
)


class Person(BaseModel):
    """Somebody."""

    name: str
    age: int


@function_tool
def get_weather(city: str) -> str:
    """Tell the weather of a city."""
    return f"sunny in {city}"


@pytest.fixture(params=MODELS)
def model(request):
    return MODELS[request.param]


@pytest.fixture(scope="module")
def loop():
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture
def run(loop):
    """Runs an agent to its end."""
    return lambda *asked, **options: loop.run(Runner.run(*asked, **options))


@pytest.fixture
def streamed(loop):
    """Runs an agent to its end, and returns its events too."""

    async def stream(*asked):
        result = Runner.run_streamed(*asked)
        return result, [event async for event in result.stream_events()]

    return lambda *asked: loop.run(stream(*asked))


def outputs(result):
    return [item.output for item in result.new_items if item.type == "tool_call_output_item"]


def user(*content):
    return [{"role": "user", "content": list(content)}]


def test_chat_with_usage(model, run):
    result = run(Agent("Greeter", instructions="Be kind.", model=model), "Say hello.")

    assert result.final_output == "Hello from mockllm."
    assert result.context_wrapper.usage.requests == 1
    assert result.context_wrapper.usage.output_tokens > 0


def test_stream(model, streamed):
    counter = Agent("Counter", model=model, model_settings=ModelSettings(include_usage=True))
    result, events = streamed(counter, "Count to five.")
    pieces = [
        event.data.delta
        for event in events
        if event.type == "raw_response_event" and event.data.type == "response.output_text.delta"
    ]

    assert result.final_output == "".join(pieces) == "one two three four five"
    assert len(pieces) > 1
    assert result.context_wrapper.usage.output_tokens > 0


@QUESTIONS
def test_agent_loop(model, run, asked, answer, results):
    result = run(Agent("Forecaster", model=model, tools=[get_weather]), asked)

    assert result.final_output == answer
    assert outputs(result) == results


@QUESTIONS
def test_streamed_agent_loop(model, streamed, asked, answer, results):
    result, _ = streamed(Agent("Forecaster", model=model, tools=[get_weather]), asked)

    assert result.final_output == answer
    assert outputs(result) == results


def test_forced_tool(model, run):
    agent = Agent(
        "Forecaster",
        model=model,
        tools=[get_weather],
        model_settings=ModelSettings(tool_choice="get_weather"),
        tool_use_behavior="stop_on_first_tool",
    )

    assert run(agent, "Whatever.").final_output.startswith("sunny in ")


@pytest.mark.parametrize("way", ["run", "stream"])
def test_handoff(model, run, streamed, way):
    colleague = Agent("Colleague", model=model)
    triage = Agent("Triage", model=model, handoffs=[colleague])

    result = run(triage, "Say hello.") if way == "run" else streamed(triage, "Say hello.")[0]

    assert result.last_agent is colleague
    assert result.final_output == "Hello from mockllm."


def test_agent_as_a_tool(model, run):
    forecaster = Agent("Forecaster", model=model)
    tool = forecaster.as_tool("get_weather", "Tells the weather.", parameters=None)
    asker = Agent("Asker", model=model, tools=[tool])

    assert run(asker, "What is the weather in Paris?").final_output == "It is sunny in Paris."


def test_structured_output(model, run):
    result = run(Agent("Describer", model=model, output_type=Person), "Describe Ann.")

    assert result.final_output == Person(name="Ann", age=30)


def test_reasoning(model, streamed):
    result, _ = streamed(Agent("Thinker", model=model), "Think first.")

    assert result.final_output == "I have thought."
    assert [item.type for item in result.new_items] == ["reasoning_item", "message_output_item"]


def test_image(model, run, png):
    asked = user(
        {"type": "input_text", "text": "What is it?"},
        {"type": "input_image", "image_url": f"data:image/png;base64,{png}", "detail": "auto"},
    )

    assert run(Agent("Viewer", model=model), asked).final_output == "I see a picture."


def test_file(model, run, pdf):
    data = f"data:application/pdf;base64,{pdf}"
    asked = user(
        {"type": "input_text", "text": "What is in it?"},
        {"type": "input_file", "filename": "a.pdf", "file_data": data},
    )

    assert run(Agent("Reader", model=model), asked).final_output == "I have read the document."


def test_next_turn(model, run):
    agent = Agent("Greeter", model=model)
    before = run(agent, "Say hello.").to_input_list()

    after = run(agent, [*before, {"role": "user", "content": "Count to five."}])

    assert after.final_output == "one two three four five"


def test_conversation_that_the_server_keeps(loop, run):
    session = OpenAIConversationsSession(openai_client=client)
    agent = Agent("Forecaster", model=responses, tools=[get_weather])

    result = run(agent, "What is the weather in Paris?", session=session)
    kept = loop.run(session.get_items())

    assert result.final_output == "It is sunny in Paris."
    assert [item.get("type") for item in kept] == [
        "message",
        "function_call",
        "function_call_output",
        "message",
    ]


def test_response_that_the_server_keeps(run):
    agent = Agent("Forecaster", model=responses, tools=[get_weather])

    result = run(agent, "What is the weather in Paris?", auto_previous_response_id=True)

    assert result.final_output == "It is sunny in Paris."


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, openai.BadRequestError),
        (401, openai.AuthenticationError),
        (404, openai.NotFoundError),
    ],
)
def test_error(model, run, status, error):
    with pytest.raises(error):
        run(Agent("Failing", model=model), f"Fail with {status}.")
