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
#   "llama-index-embeddings-google-genai>=0.6,<0.7",
#   "llama-index-embeddings-ollama>=0.10,<0.11",
#   "llama-index-embeddings-openai>=0.7,<0.8",
#   "llama-index-llms-anthropic>=0.12,<0.13",
#   "llama-index-llms-google-genai>=0.11,<0.12",
#   "llama-index-llms-ollama>=0.11,<0.12",
#   "llama-index-llms-openai>=0.8,<0.9",
#   "llama-index-llms-openai-like>=0.8,<0.9",
# ]
# ///

import asyncio
import base64
import os

import anthropic as anthropic_sdk
import ollama as ollama_sdk
import openai as openai_sdk
import pytest
from google.genai import errors as google_errors
from llama_index.core import Document, PromptTemplate, VectorStoreIndex
from llama_index.core.agent.workflow import FunctionAgent, ToolCallResult
from llama_index.core.llms import ChatMessage, DocumentBlock, ImageBlock, TextBlock
from llama_index.core.output_parsers import PydanticOutputParser
from llama_index.core.program import LLMTextCompletionProgram
from llama_index.core.tools import FunctionTool
from pydantic import BaseModel

URL = os.environ["MOCKLLM_URL"]

# -- set-up
from llama_index.embeddings.google_genai import GoogleGenAIEmbedding
from llama_index.embeddings.ollama import OllamaEmbedding
from llama_index.embeddings.openai import OpenAIEmbedding
from llama_index.llms.anthropic import Anthropic
from llama_index.llms.google_genai import GoogleGenAI
from llama_index.llms.ollama import Ollama
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
gemini = GoogleGenAI(model="gemini-2.5-flash", http_options={"base_url": URL}, api_key="any")
ollama = Ollama(model="llama3.2", base_url=URL)

vectors = OpenAIEmbedding(model="text-embedding-3-small", api_base=f"{URL}/v1", api_key="any")
gemini_vectors = GoogleGenAIEmbedding(
    model_name="gemini-embedding-001", http_options={"base_url": URL}, api_key="any"
)
ollama_vectors = OllamaEmbedding(model_name="nomic-embed-text", base_url=URL)
# -- end

MODELS = {
    "openai": openai,
    "responses": responses,
    "like": like,
    "anthropic": anthropic,
    "gemini": gemini,
    "ollama": ollama,
}
EMBEDDINGS = {"openai": vectors, "gemini": gemini_vectors, "ollama": ollama_vectors}


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


@pytest.fixture(scope="module")
def runner():
    """The one loop of all the tests: a model keeps its connections, which belong to a loop."""
    with asyncio.Runner() as runner:
        yield runner
        runner.run(gemini._client.aio.aclose())  # else it complains when Python ends


def test_chat_with_usage(model):
    said = model.chat([ChatMessage("Say hello.")])

    assert said.message.content == "Hello from mockllm."
    assert output_tokens(said.raw) > 0


def output_tokens(raw):
    """Return what the vendor counted, from its answer as LlamaIndex hands it on."""
    match raw if isinstance(raw, dict) else raw.model_dump():
        case {"usage_metadata": {"candidates_token_count": int(tokens)}}:
            return tokens
        case {"eval_count": int(tokens)}:
            return tokens
        case {"usage": used}:
            used = used if isinstance(used, dict) else used.model_dump()
            return used.get("completion_tokens") or used["output_tokens"]


def test_completion():
    completing = OpenAILike(model="my-model", api_base=f"{URL}/v1", api_key="any")

    assert completing.complete("Say hello.").text == "Hello from mockllm."


def test_stream(model):
    deltas = [each.delta for each in model.stream_chat([ChatMessage("Count to five.")])]

    assert "".join(filter(None, deltas)) == "one two three four five"
    assert len([delta for delta in deltas if delta]) > 1


def test_forced_tool(name, model):
    if name == "ollama":
        pytest.skip("Ollama has no tool_choice")
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
def test_agent_loop(runner, model, streaming, asked, answer, cities):
    agent = FunctionAgent(tools=[get_weather], llm=model, streaming=streaming)

    async def run():
        running = agent.run(asked)
        events = [event async for event in running.stream_events()]
        return await running, events

    said, events = runner.run(run())
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


def test_file(name, model, pdf):
    if name == "ollama":
        pytest.skip("Ollama takes no files")
    document = DocumentBlock(
        data=base64.b64decode(pdf), title="a.pdf", document_mimetype="application/pdf"
    )
    asked = ChatMessage(role="user", blocks=[TextBlock(text="What is in it?"), document])

    assert model.chat([asked]).message.content == "I have read the document."


ERRORS = {
    "openai": openai_sdk.AuthenticationError,
    "responses": openai_sdk.AuthenticationError,
    "like": openai_sdk.AuthenticationError,
    "anthropic": anthropic_sdk.AuthenticationError,
    "gemini": google_errors.ClientError,
    "ollama": ollama_sdk.ResponseError,
}


def test_error(name, model):
    with pytest.raises(ERRORS[name], match=r"401|[Kk]ey|[Uu]nauthorized"):
        model.chat([ChatMessage("Fail with 401.")])


@pytest.mark.parametrize("name", EMBEDDINGS)
def test_embeddings(name):
    one, other = EMBEDDINGS[name].get_text_embedding_batch(["a cat", "a dog"])

    assert len(one) == len(other) > 100
    assert one == EMBEDDINGS[name].get_query_embedding("a cat")


def test_index(model):
    documents = [Document(text="Ann sells apples."), Document(text="It rains in Spain.")]
    index = VectorStoreIndex.from_documents(documents, embed_model=vectors)

    said = index.as_query_engine(llm=model, similarity_top_k=1).query("What does Ann sell?")

    assert str(said) == "Apples."
