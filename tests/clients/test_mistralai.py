"""Mistral's own SDK. With `openai_extras: [mistral]` under `settings` the answers are Mistral's:
streams have their tool calls whole and count their tokens, embeddings have an id, and reasoning is
a part of the content.

Images are given as `{"url": ...}`, a call's arguments in the history as the text that they came as.
Errors are `SDKError` whatever their status, in OpenAI's words. Mistral's agents and conversations,
OCR, and moderations of chats are not there."""

# /// script
# dependencies = [
#   "mistralai>=3.7,<4",
# ]
# ///

import os

import pytest
from mistralai.client.errors import SDKError
from mistralai.client.models import TextChunk, ThinkChunk
from pydantic import BaseModel

URL = os.environ["MOCKLLM_URL"]

# -- set-up
from mistralai.client import Mistral

client = Mistral(server_url=URL, api_key="any")
# -- end

MODEL = "mistral-large-latest"
TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Tell the weather of a city.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}
QUESTIONS = pytest.mark.parametrize(
    ("asked", "answer", "results"),
    [
        ("What is the weather in Paris?", "It is sunny in Paris.", 1),
        ("And in Paris and Rome?", "It is sunny in both.", 2),
    ],
)


class Person(BaseModel):
    """Somebody."""

    name: str
    age: int


def user(content):
    return {"role": "user", "content": content}


def complete(*messages, **options):
    return client.chat.complete(model=MODEL, messages=list(messages), **options)


def said(*messages, **options):
    return complete(*messages, **options).choices[0].message


def chunks(*messages, **options):
    with client.chat.stream(model=MODEL, messages=list(messages), **options) as events:
        return [event.data for event in events]


def result(call):
    return {
        "role": "tool",
        "name": call.function.name,
        "tool_call_id": call.id,
        "content": "sunny",
    }


def test_chat_with_usage():
    answer = complete(user("Say hello."), safe_prompt=True, random_seed=3, temperature=0.3)

    assert answer.choices[0].message.content == "Hello from mockllm."
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + 4


def test_stream():
    *middle, last = chunks(user("Count to five."))
    texts = [chunk.choices[0].delta.content for chunk in middle]

    assert "".join(texts) == "one two three four five"
    assert len(texts) > 2
    assert last.choices[0].finish_reason == "stop"
    assert last.usage.completion_tokens > 0


@pytest.mark.parametrize(
    "choice", ["any", "required", {"type": "function", "function": {"name": "get_weather"}}]
)
def test_forced_tool(choice):
    (call,) = said(user("Whatever."), tools=[TOOL], tool_choice=choice).tool_calls

    assert call.function.name == "get_weather"


@QUESTIONS
def test_agent_loop(asked, answer, results):
    messages = [user(asked)]

    called = said(*messages, tools=[TOOL])
    messages += [called, *map(result, called.tool_calls)]

    assert len(called.tool_calls) == results
    assert said(*messages, tools=[TOOL]).content == answer


@QUESTIONS
def test_streamed_agent_loop(asked, answer, results):
    last = chunks(user(asked), tools=[TOOL])[-1].choices[0]
    calls = last.delta.tool_calls
    called = {"role": "assistant", "content": "", "tool_calls": calls}
    after = chunks(user(asked), called, *map(result, calls), tools=[TOOL])

    assert last.finish_reason == "tool_calls"
    assert len(calls) == results
    assert "".join(chunk.choices[0].delta.content for chunk in after) == answer


def test_structured_output():
    answer = client.chat.parse(Person, model=MODEL, messages=[user("Describe Ann.")])

    assert answer.choices[0].message.parsed == Person(name="Ann", age=30)


def test_reasoning():
    thought, text = said(user("Think first.")).content

    assert isinstance(thought, ThinkChunk)
    assert thought.thinking == [TextChunk(text="Let me think.")]
    assert text == TextChunk(text="I have thought.")


def test_next_turn_after_reasoning():
    first = said(user("Think first."))

    assert said(user("Think first."), first, user("Say hello.")).content == "Hello from mockllm."


def test_image(png):
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{png}"}}

    assert (
        said(user([{"type": "text", "text": "What is it?"}, image])).content == "I see a picture."
    )


def test_file(pdf):
    document = {"type": "document_url", "document_url": f"data:application/pdf;base64,{pdf}"}
    answer = said(user([{"type": "text", "text": "What is in it?"}, document]))

    assert answer.content == "I have read the document."


def test_responses():
    answer = client.responses.create(model=MODEL, input="Say hello.")

    assert answer.output[0].content[0].text == "Hello from mockllm."


def test_stream_of_responses():
    with client.responses.create(model=MODEL, input="Count to five.", stream=True) as events:
        found = [event.data for event in events]
    pieces = [event.delta for event in found if event.type == "response.output_text.delta"]

    assert "".join(pieces) == "one two three four five"
    assert found[-1].type == "response.completed"


def test_fill_in_the_middle():
    asked = {"model": "codestral-latest", "prompt": "Say hello.", "suffix": "Goodbye."}
    with client.fim.stream(**asked) as events:
        streamed = "".join(event.data.choices[0].delta.content for event in events)

    whole = client.fim.complete(**asked).choices[0].message.content

    assert whole == streamed == "Hello from mockllm."


def test_embeddings():
    answer = client.embeddings.create(model="mistral-embed", inputs=["a cat", "a cat", "a dog"])
    one, same, other = (each.embedding for each in answer.data)

    assert one == same != other


def test_moderation():
    answer = client.classifiers.moderate(model="mistral-moderation-latest", inputs=["a cat"])

    assert not any(answer.results[0].categories.values())


def test_models():
    listed = client.models.list().data
    one = client.models.retrieve(model_id=MODEL)

    assert listed[0].capabilities.completion_chat
    assert one.id == MODEL


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
@pytest.mark.parametrize("way", [complete, chunks])
def test_error(way, status):
    with pytest.raises(SDKError) as error:
        way(user(f"Fail with {status}."))

    assert error.value.status_code == status
