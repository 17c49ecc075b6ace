"""LlamaIndex: its models, agents, structured output and vector indexes. `OpenAI` takes the names of
OpenAI's models only, `OpenAILike` any name, and must be told that the model chats and calls tools:
else it asks `/v1/completions`. What an index retrieves stands in the prompt before the question, so
that `responses` do not match: write a rule with `contains`.

Its Anthropic model works with Anthropic's SDK before version 1, which pip does not know: install
`anthropic<1`, else it says `unexpected keyword argument 'temperature'` or `Cannot instantiate
typing.Union`."""

# /// script
# dependencies = [
#   "anthropic>=0.125,<1",
#   "llama-index-core>=0.14,<0.15",
#   "llama-index-embeddings-openai>=0.7,<0.8",
#   "llama-index-llms-anthropic>=0.12,<0.13",
#   "llama-index-llms-openai>=0.8,<0.9",
#   "llama-index-llms-openai-like>=0.8,<0.9",
# ]
# ///

import asyncio
import base64
import os

import anthropic as anthropic_sdk
import openai as openai_sdk
import pytest
from llama_index.core import Document, PromptTemplate, VectorStoreIndex
from llama_index.core.agent.workflow import FunctionAgent, ToolCallResult
from llama_index.core.llms import ChatMessage, DocumentBlock, ImageBlock, TextBlock
from llama_index.core.output_parsers import PydanticOutputParser
from llama_index.core.program import LLMTextCompletionProgram
from llama_index.core.tools import FunctionTool
from pydantic import BaseModel

URL = os.environ["MOCKLLM_URL"]

# -- set-up
from llama_index.embeddings.openai import OpenAIEmbedding
from llama_index.llms.anthropic import Anthropic
from llama_index.llms.openai import OpenAI, OpenAIResponses
from llama_index.llms.openai_like import OpenAILike

openai = OpenAI(model="gpt-4o", api_base=f"{URL}/v1", api_key="any")
responses = OpenAIResponses(model="gpt-4o", api_base=f"{URL}/v1", api_key="any")
like = OpenAILike(
    model="my-model",
    api_base=f"{URL}/v1",
    api_key="any",
    is_chat_model=True,
    is_function_calling_model=True,
)
anthropic = Anthropic(model="claude-haiku-4-5", base_url=URL, api_key="any")

vectors = OpenAIEmbedding(model="text-embedding-3-small", api_base=f"{URL}/v1", api_key="any")
# -- end

MODELS = {"openai": openai, "responses": responses, "like": like, "anthropic": anthropic}


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


WEATHER = FunctionTool.from_defaults(get_weather)


@pytest.fixture(params=MODELS)
def name(request):
    return request.param


@pytest.fixture
def model(name):
    return MODELS[name]


def test_chat_with_usage(name, model):
    said = model.chat([ChatMessage("Say hello.")])

    used = said.raw["usage"] if isinstance(said.raw, dict) else said.raw.usage
    assert said.message.content == "Hello from mockllm."
    assert (used.completion_tokens if name in {"openai", "like"} else used.output_tokens) > 0


def test_completion():
    completing = OpenAILike(model="my-model", api_base=f"{URL}/v1", api_key="any")

    assert completing.complete("Say hello.").text == "Hello from mockllm."


def test_stream(model):
    deltas = [each.delta for each in model.stream_chat([ChatMessage("Count to five.")])]

    assert "".join(filter(None, deltas)) == "one two three four five"
    assert len([delta for delta in deltas if delta]) > 1


def test_forced_tool(model):
    said = model.chat_with_tools([WEATHER], "Whatever.", tool_required=True)

    assert [call.tool_name for call in model.get_tool_calls_from_response(said)] == ["get_weather"]


def test_parallel_tools(model):
    said = model.chat_with_tools(
        [WEATHER], "And in Paris and Rome?", allow_parallel_tool_calls=True
    )

    calls = model.get_tool_calls_from_response(said)
    assert [call.tool_kwargs for call in calls] == [{"city": "Paris"}, {"city": "Rome"}]


@pytest.mark.parametrize("streaming", [True, False])
@pytest.mark.parametrize(
    ("asked", "answer", "cities"),
    [
        ("What is the weather in Paris?", "It is sunny in Paris.", ["Paris"]),
        ("And in Paris and Rome?", "It is sunny in both.", ["Paris", "Rome"]),
    ],
)
def test_agent_loop(model, streaming, asked, answer, cities):
    agent = FunctionAgent(tools=[get_weather], llm=model, streaming=streaming)

    async def run():
        running = agent.run(asked)
        events = [event async for event in running.stream_events()]
        return await running, events

    said, events = asyncio.run(run())
    results = [event for event in events if isinstance(event, ToolCallResult)]
    assert str(said) == answer
    assert sorted(str(each.tool_output) for each in results) == [
        f"sunny in {city}" for city in cities
    ]


def test_structured_output(model):
    ann = model.as_structured_llm(Person).complete("Describe Ann.")

    assert ann.raw == Person(name="Ann", age=30)


def test_stream_of_structured_output(model):
    *_, last = model.stream_structured_predict(Person, PromptTemplate("Describe Ann."))

    assert last.model_dump() == {"name": "Ann", "age": 30}


def test_automatic_answer_fits(model):
    book = model.structured_predict(Book, PromptTemplate("Which book is it?"))

    assert isinstance(book, Book)


def test_automatic_answer_fits_a_schema_in_the_prompt(model):
    program = LLMTextCompletionProgram.from_defaults(
        output_parser=PydanticOutputParser(Book), prompt_template_str="Which book is it?", llm=model
    )

    assert isinstance(program(), Book)


def test_image(model, png):
    image = ImageBlock(image=png.encode(), image_mimetype="image/png")
    asked = ChatMessage(role="user", blocks=[TextBlock(text="What is it?"), image])

    assert model.chat([asked]).message.content == "I see a picture."


def test_file(model, pdf):
    document = DocumentBlock(
        data=base64.b64decode(pdf), title="a.pdf", document_mimetype="application/pdf"
    )
    asked = ChatMessage(role="user", blocks=[TextBlock(text="What is in it?"), document])

    assert model.chat([asked]).message.content == "I have read the document."


@pytest.mark.parametrize(
    ("status", "error"), [(401, "AuthenticationError"), (404, "NotFoundError")]
)
def test_error(name, model, status, error):
    sdk = anthropic_sdk if name == "anthropic" else openai_sdk

    with pytest.raises(getattr(sdk, error)):
        model.chat([ChatMessage(f"Fail with {status}.")])


def test_embeddings():
    one, other = vectors.get_text_embedding_batch(["a cat", "a dog"])

    assert len(one) == len(other) == 1536
    assert one == vectors.get_query_embedding("a cat")


def test_index(model):
    documents = [Document(text="Ann sells apples."), Document(text="It rains in Spain.")]
    index = VectorStoreIndex.from_documents(documents, embed_model=vectors)

    said = index.as_query_engine(llm=model, similarity_top_k=1).query("What does Ann sell?")

    assert str(said) == "Apples."
