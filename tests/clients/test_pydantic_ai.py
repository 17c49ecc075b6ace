"""Pydantic AI: agents over OpenAI's chat completions and responses, Anthropic, Gemini and Ollama
(by its OpenAI-compatible path). Data comes in three ways: an agent's `output_type` is a forced tool
`final_result`, whose arguments a rule's `json` is; `NativeOutput` sends a schema; `PromptedOutput`
pastes it into the instructions.

Where an agent has tools besides, nothing forces one tool: then answer with `tool_calls`, the last
one of `final_result`. What no rule answers gets data that fits `output_type`; with tools and
`PromptedOutput` at once it needs a rule."""

# /// script
# dependencies = [
#   "pydantic-ai-slim[anthropic,google,openai]>=2.68,<3",
# ]
# ///

import base64
import os

import pytest
from pydantic import BaseModel
from pydantic_ai import (
    Agent,
    BinaryContent,
    Embedder,
    ModelHTTPError,
    NativeOutput,
    PromptedOutput,
    ToolOutput,
)
from pydantic_ai.messages import ToolCallPart, ToolReturnPart

URL = os.environ["MOCKLLM_URL"]

# -- set-up
from pydantic_ai.embeddings.google import GoogleEmbeddingModel
from pydantic_ai.embeddings.openai import OpenAIEmbeddingModel
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.google import GoogleModel
from pydantic_ai.models.ollama import OllamaModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.google import GoogleProvider
from pydantic_ai.providers.ollama import OllamaProvider
from pydantic_ai.providers.openai import OpenAIProvider

of_openai = OpenAIProvider(base_url=f"{URL}/v1", api_key="any")
of_google = GoogleProvider(base_url=URL, api_key="any")

openai = OpenAIChatModel("gpt-4o", provider=of_openai)
responses = OpenAIResponsesModel("gpt-4o", provider=of_openai)
anthropic = AnthropicModel(
    "claude-haiku-4-5", provider=AnthropicProvider(base_url=URL, api_key="any")
)
gemini = GoogleModel("gemini-2.5-flash", provider=of_google)
ollama = OllamaModel("llama3.2", provider=OllamaProvider(base_url=f"{URL}/v1"))

vectors = OpenAIEmbeddingModel("text-embedding-3-small", provider=of_openai)
gemini_vectors = GoogleEmbeddingModel("gemini-embedding-001", provider=of_google)
# -- end

MODELS = {
    "openai": openai,
    "responses": responses,
    "anthropic": anthropic,
    "gemini": gemini,
    "ollama": ollama,
}
EMBEDDINGS = {"openai": vectors, "gemini": gemini_vectors}
OUTPUTS = {"tool": ToolOutput, "native": NativeOutput, "prompted": PromptedOutput}


class Person(BaseModel):
    """Somebody."""

    name: str
    age: int


class Book(BaseModel):
    """A book."""

    title: str
    pages: int
    authors: list[Person]


def get_weather(city: str) -> str:
    """Tell the weather of a city."""
    return f"sunny in {city}"


@pytest.fixture(params=MODELS)
def name(request):
    return request.param


@pytest.fixture
def model(name):
    return MODELS[name]


def test_chat_with_usage(model):
    result = Agent(model).run_sync("Say hello.")

    assert result.output == "Hello from mockllm."
    assert result.usage.output_tokens > 0


def test_stream(model):
    streamed = Agent(model).run_stream_sync("Count to five.")
    texts = list(streamed.stream_text(delta=True, debounce_by=None))

    assert "".join(texts) == "one two three four five"
    assert len(texts) > 1
    assert streamed.usage.output_tokens > 0


@pytest.mark.parametrize("output", OUTPUTS)
def test_structured_output(model, output):
    result = Agent(model, output_type=OUTPUTS[output](Person)).run_sync("Describe Ann.")

    assert result.output == Person(name="Ann", age=30)


@pytest.mark.parametrize("output", OUTPUTS)
def test_stream_of_structured_output(model, output):
    agent = Agent(model, output_type=OUTPUTS[output](Person))

    *_, last = agent.run_stream_sync("Describe Ann.").stream_output(debounce_by=None)
    assert last == Person(name="Ann", age=30)


@pytest.mark.parametrize("output", OUTPUTS)
def test_structured_output_that_does_not_fit_is_asked_for_again(model, output):
    result = Agent(model, output_type=OUTPUTS[output](Person)).run_sync("Describe Bob.")

    assert result.output == Person(name="Bob", age=40)
    assert result.usage.requests == 2


@pytest.mark.parametrize("output", OUTPUTS)
def test_automatic_answer_fits(model, output):
    agent = Agent(model, output_type=OUTPUTS[output](Book), retries=0)

    assert isinstance(agent.run_sync("Which book is it?").output, Book)


@pytest.mark.parametrize("way", ["run", "stream"])
@pytest.mark.parametrize(
    ("asked", "answer", "cities"),
    [
        ("What is the weather in Paris?", "It is sunny in Paris.", ["Paris"]),
        ("And in Paris and Rome?", "It is sunny in both.", ["Paris", "Rome"]),
    ],
)
def test_agent_loop(model, way, asked, answer, cities):
    agent = Agent(model, tools=[get_weather])

    if way == "run":
        result = agent.run_sync(asked)
        said, messages = result.output, result.all_messages()
    else:
        streamed = agent.run_stream_sync(asked)
        said, messages = streamed.get_output(), streamed.all_messages()

    parts = [part for message in messages for part in message.parts]
    calls = [part.args_as_dict() for part in parts if isinstance(part, ToolCallPart)]
    results = [part.content for part in parts if isinstance(part, ToolReturnPart)]
    assert said == answer
    assert calls == [{"city": city} for city in cities]
    assert results == [f"sunny in {city}" for city in cities]


def test_agent_with_tools_and_structured_output(model):
    agent = Agent(model, tools=[get_weather], output_type=Person)

    result = agent.run_sync("Who is in Paris?")

    assert result.output == Person(name="Ann", age=30)
    assert result.usage.tool_calls == 1


def test_automatic_answer_of_an_agent_with_tools_fits(model):
    agent = Agent(model, tools=[get_weather], output_type=Book, retries=0)

    result = agent.run_sync("Is there weather in the book?")

    assert isinstance(result.output, Book)
    assert result.usage.tool_calls == 1


def test_conversation(model):
    agent = Agent(model, tools=[get_weather], instructions="Be brief.")
    first = agent.run_sync("What is the weather in Paris?")

    second = agent.run_sync("Say hello.", message_history=first.all_messages())

    assert second.output == "Hello from mockllm."


def test_image(model, png):
    image = BinaryContent(base64.b64decode(png), media_type="image/png")

    assert Agent(model).run_sync(["What is it?", image]).output == "I see a picture."


def test_file(model, pdf):
    document = BinaryContent(base64.b64decode(pdf), media_type="application/pdf")

    said = Agent(model).run_sync(["What is in it?", document]).output
    assert said == "I have read the document."


@pytest.mark.parametrize("status", [400, 401, 404])
def test_error(model, status):
    with pytest.raises(ModelHTTPError) as caught:
        Agent(model).run_sync(f"Fail with {status}.")

    assert caught.value.status_code == status
    assert caught.value.body


@pytest.mark.parametrize("name", EMBEDDINGS)
def test_embeddings(name):
    embedder = Embedder(EMBEDDINGS[name])
    one, other = embedder.embed_documents_sync(["a cat", "a dog"]).embeddings

    assert len(one) == len(other) > 100
    assert one == embedder.embed_query_sync("a cat").embeddings[0]
