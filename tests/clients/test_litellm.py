"""LiteLLM as a library. It knows each vendor by the first word of `model` and asks in the vendor's
own API, at `api_base`: for some with `/v1`, for others without.

Its errors are its own, the same for all vendors. It cannot force a certain tool of Ollama's or
Mistral's, and joins into one the calls that Ollama streams at once. Without the package `mcp` it
takes no results of tools and no Responses."""

# /// script
# dependencies = [
#   "litellm>=1.106,<2",
#   "mcp>=2.2,<3",
# ]
# ///

import json
from os import environ

import pytest
from pydantic import BaseModel

URL = environ["MOCKLLM_URL"]

# -- set-up
import os

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # else it downloads prices
os.environ["LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS"] = "True"  # the same, of Anthropic's headers
import litellm

litellm.disable_hf_tokenizer_download = True  # else it downloads Llama's tokenizer to count tokens

openai = {"model": "openai/gpt-4o", "api_base": f"{URL}/v1", "api_key": "any"}
responses = {"model": "openai/responses/gpt-4o", "api_base": f"{URL}/v1", "api_key": "any"}
azure = {"model": "azure/gpt-4o", "api_base": URL, "api_key": "any", "api_version": "2024-10-21"}
anthropic = {"model": "anthropic/claude-sonnet-4-5", "api_base": URL, "api_key": "any"}
gemini = {"model": "gemini/gemini-2.5-flash", "api_base": URL, "api_key": "any"}
ollama = {"model": "ollama_chat/llama3.2", "api_base": URL}

groq = {"model": "groq/llama-3.3-70b-versatile", "api_base": f"{URL}/openai/v1", "api_key": "any"}
mistral = {"model": "mistral/mistral-large-latest", "api_base": f"{URL}/v1", "api_key": "any"}
openrouter = {"model": "openrouter/openai/gpt-4o", "api_base": f"{URL}/api/v1", "api_key": "any"}
vllm = {"model": "hosted_vllm/any", "api_base": f"{URL}/v1"}
# -- end

MODELS = {
    "openai": openai,
    "responses": responses,
    "azure": azure,
    "anthropic": anthropic,
    "gemini": gemini,
    "ollama": ollama,
    "groq": groq,
    "mistral": mistral,
    "openrouter": openrouter,
    "vllm": vllm,
}
NAMED = {"type": "function", "function": {"name": "get_weather"}}
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


class Person(BaseModel):
    """Somebody."""

    name: str
    age: int


@pytest.fixture(params=MODELS)
def name(request):
    return request.param


@pytest.fixture
def complete(name):
    return lambda *messages, **options: litellm.completion(
        messages=list(messages), **MODELS[name], **options
    )


def user(content):
    return {"role": "user", "content": content}


def result(call):
    return {
        "role": "tool",
        "tool_call_id": call.id,
        "name": call.function.name,
        "content": "sunny",
    }


def test_chat_with_usage(complete):
    answer = complete(user("Say hello."))

    assert answer.choices[0].message.content == "Hello from mockllm."
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.completion_tokens == 4


def test_stream(complete):
    chunks = list(
        complete(user("Count to five."), stream=True, stream_options={"include_usage": True})
    )
    texts = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices]
    (usage,) = (chunk.usage for chunk in chunks if getattr(chunk, "usage", None))

    assert "".join(filter(None, texts)) == "one two three four five"
    assert len(texts) > 2
    assert usage.completion_tokens == 5


@pytest.mark.parametrize("choice", ["required", NAMED], ids=["required", "named"])
def test_forced_tool(name, complete, choice):
    if name == "ollama":
        pytest.skip("Ollama has no tool_choice")
    if name == "mistral" and choice == NAMED:
        pytest.skip("LiteLLM sends Mistral no tool_choice that names a tool")
    answer = complete(user("Whatever."), tools=[TOOL], tool_choice=choice)
    (call,) = answer.choices[0].message.tool_calls

    assert call.function.name == "get_weather"


@pytest.mark.parametrize("way", ["whole", "stream"])
@pytest.mark.parametrize(
    ("asked", "answer", "cities"),
    [
        ("What is the weather in Paris?", "It is sunny in Paris.", ["Paris"]),
        ("And in Paris and Rome?", "It is sunny in both.", ["Paris", "Rome"]),
    ],
)
def test_agent_loop(name, complete, way, asked, answer, cities):
    if (name, way, len(cities)) == ("ollama", "stream", 2):
        pytest.skip("LiteLLM joins the calls that Ollama streams: it reads no index")
    messages = [user(asked)]
    if way == "whole":
        called = complete(*messages, tools=[TOOL])
    else:
        chunks = list(complete(*messages, tools=[TOOL], stream=True))
        called = litellm.stream_chunk_builder(chunks, messages=messages)
    said = called.choices[0].message
    asked_of = [json.loads(call.function.arguments)["city"] for call in said.tool_calls]
    messages += [said, *map(result, said.tool_calls)]

    ended = complete(*messages, tools=[TOOL])

    assert asked_of == cities
    assert ended.choices[0].message.content == answer


def test_structured_output(complete):
    answer = complete(user("Describe Ann."), response_format=Person)

    assert Person.model_validate_json(answer.choices[0].message.content) == Person(
        name="Ann", age=30
    )


def test_reasoning(complete):
    said = complete(user("Think first.")).choices[0].message

    assert (said.reasoning_content, said.content) == ("Let me think.", "I have thought.")


def test_image(complete, png):
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{png}"}}
    answer = complete(user([{"type": "text", "text": "What is it?"}, image]))

    assert answer.choices[0].message.content == "I see a picture."


def test_file(name, complete, pdf):
    if name == "ollama":
        pytest.skip("Ollama takes no files")
    data = f"data:application/pdf;base64,{pdf}"
    file = {"type": "file", "file": {"filename": "a.pdf", "file_data": data}}
    answer = complete(user([{"type": "text", "text": "What is in it?"}, file]))

    assert answer.choices[0].message.content == "I have read the document."


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, litellm.BadRequestError),
        (401, litellm.AuthenticationError),
        (404, litellm.NotFoundError),
        (429, litellm.RateLimitError),
    ],
)
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_error(name, complete, stream, status, error):
    if (name, stream, status) == ("gemini", True, 429):
        pytest.skip("LiteLLM raises MidStreamFallbackError, to ask another model")
    with pytest.raises(error):
        list(complete(user(f"Fail with {status}."), stream=stream, max_retries=0))


EMBEDDINGS = {
    "openai": openai | {"model": "openai/text-embedding-3-small"},
    "azure": azure | {"model": "azure/text-embedding-3-small"},
    "gemini": gemini | {"model": "gemini/gemini-embedding-001"},
    "ollama": ollama | {"model": "ollama/nomic-embed-text"},
    "mistral": mistral | {"model": "mistral/mistral-embed"},
}


@pytest.mark.parametrize("name", EMBEDDINGS)
def test_embeddings(name):
    answer = litellm.embedding(input=["a cat", "a cat", "a dog"], **EMBEDDINGS[name])
    one, same, other = (each["embedding"] for each in answer.data)

    assert one == same != other
