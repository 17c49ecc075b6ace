"""Instructor, which fills Pydantic models. In tool mode it forces a tool of the model's name, which
a rule's `json` is the arguments of. In `JSON` and `MD_JSON` mode it pastes the schema into the
system message.

What no rule answers gets an automatic answer that fits the model, in every mode. `MD_JSON` adds a
sentence to the prompt, so that `responses` never match: write a rule with `contains`. When an
answer does not fit, it asks again and quotes Pydantic (`Input should be ...`), up to `max_retries`
times."""

# /// script
# dependencies = [
#   "instructor[anthropic,google-genai]>=1.17,<2",
# ]
# ///

import os
from collections.abc import Iterable
from enum import Enum
from typing import Literal

import anthropic as anthropic_sdk
import openai as openai_sdk
import pytest
from google.genai import errors as google_errors
from instructor import Image, Provider
from instructor.core.exceptions import InstructorRetryException
from instructor.processing.multimodal import PDF
from pydantic import BaseModel, Field

URL = os.environ["MOCKLLM_URL"]

# -- set-up
import instructor
from anthropic import Anthropic
from google import genai
from openai import OpenAI

openai = instructor.from_openai(OpenAI(base_url=f"{URL}/v1", api_key="any"), model="gpt-4o")
responses = instructor.from_openai(
    OpenAI(base_url=f"{URL}/v1", api_key="any"),
    model="gpt-4o",
    mode=instructor.Mode.RESPONSES_TOOLS,
)
# from_provider("anthropic/...") takes no address: it wants ANTHROPIC_BASE_URL
anthropic = instructor.from_anthropic(
    Anthropic(base_url=URL, api_key="any"), model="claude-haiku-4-5", max_tokens=1000
)
gemini = instructor.from_genai(
    genai.Client(api_key="any", http_options={"base_url": URL}), model="gemini-2.5-flash"
)
ollama = instructor.from_provider("ollama/llama3.2", base_url=f"{URL}/v1")
# -- end


def _openai(mode):
    sdk = OpenAI(base_url=f"{URL}/v1", api_key="any")
    return instructor.from_openai(sdk, model="gpt-4o", mode=mode)


def _anthropic(mode):
    sdk = Anthropic(base_url=URL, api_key="any")
    return instructor.from_anthropic(sdk, model="claude-haiku-4-5", max_tokens=1000, mode=mode)


def _gemini(mode):
    sdk = genai.Client(api_key="any", http_options={"base_url": URL})
    return instructor.from_genai(sdk, model="gemini-2.5-flash", mode=mode)


DEFAULT = {
    "openai": openai,
    "responses": responses,
    "anthropic": anthropic,
    "gemini": gemini,
    "ollama": ollama,
}
CLIENTS = DEFAULT | {
    "openai JSON_SCHEMA": _openai(instructor.Mode.JSON_SCHEMA),
    "openai JSON": _openai(instructor.Mode.JSON),
    "openai MD_JSON": _openai(instructor.Mode.MD_JSON),
    "anthropic JSON": _anthropic(instructor.Mode.JSON),
    "gemini JSON": _gemini(instructor.Mode.JSON),
}
PARALLEL = {
    "openai": _openai(instructor.Mode.PARALLEL_TOOLS),
    "anthropic": _anthropic(instructor.Mode.PARALLEL_TOOLS),
}


class Person(BaseModel):
    """Somebody."""

    name: str
    age: int


class get_weather(BaseModel):  # noqa: N801  (the tool's name)
    """Tell the weather of a city."""

    city: str


class Genre(Enum):
    NOVEL = "novel"
    POETRY = "poetry"


class Chapter(BaseModel):
    title: str = Field(min_length=3, max_length=20)
    pages: int = Field(ge=1, le=50)


class Book(BaseModel):
    """A book, with most of what a schema can say."""

    isbn: str = Field(pattern=r"^97[89]-[0-9]{10}$")
    genre: Genre
    language: Literal["en", "fr"]
    chapters: list[Chapter] = Field(min_length=2)
    first: Chapter
    prices: dict[str, float]
    translator: str | None = None
    sequel: "Book | None" = None


class Team(BaseModel):
    """People."""

    name: str
    people: list[Person]
    motto: str | None = None


@pytest.fixture(params=CLIENTS)
def client(request):
    return CLIENTS[request.param]


@pytest.fixture(params=DEFAULT)
def name(request):
    return request.param


def asking(*content):
    return [{"role": "user", "content": content[0] if len(content) == 1 else list(content)}]


def test_data(client):
    ann = client.create(Person, asking("Describe Ann."))

    assert ann.model_dump() == {"name": "Ann", "age": 30}


def test_usage(name):
    _, completion = DEFAULT[name].create_with_completion(asking("Describe Ann."), Person)

    match completion.model_dump():
        case {"usage_metadata": {"candidates_token_count": int(tokens)}}:
            assert tokens > 0
        case {"usage": {"completion_tokens": int(tokens)} | {"output_tokens": int(tokens)}}:
            assert tokens > 0
        case other:
            pytest.fail(f"no usage in {other}")


def test_stream_of_a_model_that_fills(client):
    seen = list(client.create_partial(Person, asking("Describe Ann.")))

    if client is not gemini:  # which sends a call's arguments at once
        assert (seen[0].name, seen[0].age) == (None, None)
    assert seen[-1].model_dump() == {"name": "Ann", "age": 30}


def test_stream_of_models(client):
    people = client.create_iterable(asking("List Ann and Bob."), Person)

    assert list(people) == [Person(name="Ann", age=30), Person(name="Bob", age=40)]


def test_answer_that_does_not_fit_is_asked_for_again(client):
    bob = client.create(Person, asking("Describe Bob."), max_retries=2)

    assert bob.model_dump() == {"name": "Bob", "age": 40}


def test_answer_that_does_not_fit_is_an_error_at_last(client):
    with pytest.raises(InstructorRetryException, match="validation error for Person"):
        client.create(Person, asking("Describe Bob."), max_retries=0)


@pytest.mark.parametrize("model", [Team, Book])
def test_automatic_answer_fits(client, model):
    if model is Book and client.provider is Provider.GENAI:
        pytest.skip("For Gemini, Instructor loops at a schema that refers to itself")
    made = client.create(model, asking("Which one is it?"), max_retries=0)

    assert isinstance(made, model)


def test_automatic_answer_is_from_the_prompt(client):
    found = client.create(Person, asking('"Zoë" is of age 42.'), max_retries=0)

    assert found.model_dump() == {"name": "Zoë", "age": 42}


@pytest.mark.parametrize("name", PARALLEL)
def test_parallel_tools(name):
    calls = PARALLEL[name].create(Iterable[get_weather], asking("And in Paris and Rome?"))

    assert list(calls) == [get_weather(city="Paris"), get_weather(city="Rome")]


def test_text(name):
    assert text_of(DEFAULT[name].create(None, asking("Say hello."))) == "Hello from mockllm."


def test_image(name, png):
    image = Image.from_base64(f"data:image/png;base64,{png}")

    assert text_of(DEFAULT[name].create(None, asking("What is it?", image))) == "I see a picture."


def test_file(name, pdf):
    document = PDF.from_base64(f"data:application/pdf;base64,{pdf}")

    said = text_of(DEFAULT[name].create(None, asking("What is in it?", document)))
    assert said == "I have read the document."


def text_of(completion):
    """Return the text of what a vendor's SDK returned."""
    match completion.model_dump():
        case {"choices": [{"message": {"content": str(text)}}]}:
            return text
        case {"output": [{"content": [{"text": str(text)}]}]}:
            return text
        case {"content": [{"text": str(text)}]}:
            return text
        case {"candidates": [{"content": {"parts": [{"text": str(text)}]}}]}:
            return text


ERRORS = {
    "openai": openai_sdk.AuthenticationError,
    "responses": openai_sdk.AuthenticationError,
    "anthropic": anthropic_sdk.AuthenticationError,
    "gemini": google_errors.ClientError,
    "ollama": openai_sdk.AuthenticationError,
}


def test_error(name):
    with pytest.raises(InstructorRetryException) as caught:
        DEFAULT[name].create(Person, asking("Fail with 401."))

    assert isinstance(caught.value.__cause__, ERRORS[name])
