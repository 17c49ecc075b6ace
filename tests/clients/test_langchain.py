"""LangChain's chat models and embeddings. Each sends what its vendor's SDK sends; structured output
is asked for in the vendor's own way, by a schema or by a forced tool."""


# /// script
# dependencies = [
#   "langchain>=1.4,<2",
#   "langchain-anthropic>=1.7,<2",
#   "langchain-google-genai>=4.4,<5",
#   "langchain-ollama>=1.1,<2",
#   "langchain-openai>=1.7,<2",
# ]
# ///

import os

import pytest
from langchain.agents import create_agent
from langchain_core.messages import HumanMessage
from langchain_core.tools import tool
from pydantic import BaseModel

URL = os.environ["MOCKLLM_URL"]

# -- set-up
from langchain_anthropic import ChatAnthropic
from langchain_google_genai import ChatGoogleGenerativeAI, GoogleGenerativeAIEmbeddings
from langchain_ollama import ChatOllama, OllamaEmbeddings
from langchain_openai import ChatOpenAI, OpenAIEmbeddings

openai = ChatOpenAI(model="gpt-4o", base_url=f"{URL}/v1", api_key="any")
responses = ChatOpenAI(model="gpt-4o", base_url=f"{URL}/v1", api_key="any", use_responses_api=True)
anthropic = ChatAnthropic(model="claude-sonnet-4-5", base_url=URL, api_key="any")
gemini = ChatGoogleGenerativeAI(model="gemini-2.5-flash", base_url=URL, api_key="any")
ollama = ChatOllama(model="llama3.2", base_url=URL)

vectors = OpenAIEmbeddings(
    base_url=f"{URL}/v1",
    api_key="any",
    check_embedding_ctx_length=False,  # else it downloads a tokenizer, and sends its numbers
)
gemini_vectors = GoogleGenerativeAIEmbeddings(
    model="gemini-embedding-001", base_url=URL, api_key="any"
)
ollama_vectors = OllamaEmbeddings(model="nomic-embed-text", base_url=URL)
# -- end

MODELS = {
    "openai": openai,
    "responses": responses,
    "anthropic": anthropic,
    "gemini": gemini,
    "ollama": ollama,
}
EMBEDDINGS = {"openai": vectors, "gemini": gemini_vectors, "ollama": ollama_vectors}


class Person(BaseModel):
    """Somebody."""

    name: str
    age: int


@tool
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
    said = model.invoke("Say hello.")

    assert said.text == "Hello from mockllm."
    assert said.usage_metadata["output_tokens"] > 0


def test_stream(model):
    chunks = list(model.stream("Count to five."))

    assert "".join(chunk.text for chunk in chunks) == "one two three four five"
    assert len([chunk for chunk in chunks if chunk.text]) > 1


def test_forced_tool(name, model):
    if name == "ollama":
        pytest.skip("Ollama has no tool_choice")
    said = model.bind_tools([get_weather], tool_choice="get_weather").invoke("Whatever.")

    assert [call["name"] for call in said.tool_calls] == ["get_weather"]


def test_parallel_tools(model):
    said = model.bind_tools([get_weather]).invoke("And in Paris and Rome?")

    assert [call["args"] for call in said.tool_calls] == [{"city": "Paris"}, {"city": "Rome"}]


@pytest.mark.parametrize("way", ["invoke", "stream"])
@pytest.mark.parametrize(
    ("asked", "answer", "results"),
    [
        ("What is the weather in Paris?", "It is sunny in Paris.", 1),
        ("And in Paris and Rome?", "It is sunny in both.", 2),
    ],
)
def test_agent_loop(model, way, asked, answer, results):
    agent = create_agent(model, [get_weather])
    asking = {"messages": [{"role": "user", "content": asked}]}

    if way == "invoke":
        messages = agent.invoke(asking)["messages"]
    else:
        *_, last = agent.stream(asking, stream_mode="values")
        messages = last["messages"]

    assert messages[-1].text == answer
    assert len([message for message in messages if message.type == "tool"]) == results


def test_structured_output(model):
    assert model.with_structured_output(Person).invoke("Describe Ann.") == Person(
        name="Ann", age=30
    )


def test_image(model, png):
    content = [
        {"type": "text", "text": "What is it?"},
        {"type": "image", "base64": png, "mime_type": "image/png"},
    ]

    assert model.invoke([HumanMessage(content)]).text == "I see a picture."


def test_file(name, model, pdf):
    if name == "ollama":
        pytest.skip("Ollama takes no files")
    content = [
        {"type": "text", "text": "What is in it?"},
        {"type": "file", "base64": pdf, "mime_type": "application/pdf", "filename": "a.pdf"},
    ]

    assert model.invoke([HumanMessage(content)]).text == "I have read the document."


ERRORS = {
    "openai": "openai.AuthenticationError",
    "responses": "openai.AuthenticationError",
    "anthropic": "anthropic.AuthenticationError",
    "gemini": "langchain_google_genai.chat_models.ChatGoogleGenerativeAIError",
    "ollama": "ollama.ResponseError",
}


def test_error(name, model):
    module, _, kind = ERRORS[name].rpartition(".")
    error = getattr(pytest.importorskip(module), kind)

    with pytest.raises(error, match=r"401|[Kk]ey|[Aa]uth"):
        model.invoke("Fail with 401.")


@pytest.mark.parametrize("name", EMBEDDINGS)
def test_embeddings(name):
    one, other = EMBEDDINGS[name].embed_documents(["a cat", "a dog"])

    assert len(one) == len(other) > 100
    assert one == EMBEDDINGS[name].embed_query("a cat")
