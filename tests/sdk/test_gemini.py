"""The official Google Gen AI SDK cannot tell us from the real API."""

from __future__ import annotations

import asyncio

import pytest
from flask import Flask
from google import genai
from google.genai import errors, types
from pydantic import BaseModel

from tests.conftest import MakeApp
from tests.sdk.conftest import MakeGemini, MakeUrl

PNG = types.Part.from_bytes(data=b"\x89PNG", mime_type="image/png")


class City(BaseModel):
    name: str
    inhabitants: int
    nickname: str | None


def test_plain_answer(gemini_client: genai.Client) -> None:
    answer = gemini_client.models.generate_content(
        model="gemini-2.5-flash",
        contents="what is 2+2?",
        config=types.GenerateContentConfig(system_instruction="Be brief.", temperature=0.1),
    )

    assert answer.text == "2+2 equals 9."
    assert answer.model_version == "gemini-2.5-flash"
    assert answer.response_id
    assert answer.candidates is not None
    assert answer.candidates[0].finish_reason == types.FinishReason.STOP
    assert answer.usage_metadata is not None
    assert answer.usage_metadata.prompt_token_count == 9
    assert answer.usage_metadata.candidates_token_count == 6
    assert answer.usage_metadata.total_token_count == 15


def test_stream(gemini_client: genai.Client) -> None:
    chunks = list(gemini_client.models.generate_content_stream(model="m", contents="say it all"))

    assert "".join(chunk.text or "" for chunk in chunks) == (
        'Grüße, 👩‍🚀 "quoted"\nand a new line.'
    )
    reasons = [chunk.candidates[0].finish_reason for chunk in chunks if chunk.candidates]
    assert reasons == [None] * (len(chunks) - 1) + [types.FinishReason.STOP]
    assert len({chunk.response_id for chunk in chunks}) == 1
    assert chunks[-1].usage_metadata is not None
    assert chunks[-1].usage_metadata.candidates_token_count


def test_chat_keeps_its_history(gemini_client: genai.Client) -> None:
    chat = gemini_client.chats.create(model="m")

    first = chat.send_message("what is 2+2?")
    second = [chunk.text for chunk in chat.send_message_stream("count")]

    assert first.text == "2+2 equals 9."
    assert "".join(filter(None, second)) == "one two three four five"
    assert len(chat.get_history()) > 3


def test_vertex_client(app: Flask, gemini_of: MakeGemini) -> None:
    client = gemini_of(app, vertexai=True)

    answer = client.models.generate_content(model="gemini-2.5-flash", contents="count")
    streamed = client.models.generate_content_stream(model="m", contents="count")

    assert answer.text == "one two three four five"
    assert "".join(chunk.text or "" for chunk in streamed) == answer.text


def test_async_client_over_a_socket(app: Flask, url_of: MakeUrl) -> None:
    async def run() -> tuple[str | None, str]:
        options = types.HttpOptions(base_url=url_of(app))
        async with genai.Client(api_key="k", http_options=options).aio as client:
            whole = await client.models.generate_content(model="m", contents="count")
            text = ""
            stream = await client.models.generate_content_stream(model="m", contents="count")
            async for chunk in stream:
                text += chunk.text or ""
            return whole.text, text

    assert asyncio.run(run()) == ("one two three four five",) * 2


def test_image_and_file_beside_the_prompt(gemini_client: genai.Client) -> None:
    file = types.Part.from_uri(file_uri="https://example.org/a.pdf", mime_type="application/pdf")

    answer = gemini_client.models.generate_content(model="m", contents=[PNG, file, "count"])

    assert answer.text == "one two three four five"


def test_token_limit(gemini_client: genai.Client) -> None:
    answer = gemini_client.models.generate_content(
        model="m", contents="count", config=types.GenerateContentConfig(max_output_tokens=2)
    )

    assert answer.text == "one two"
    assert answer.candidates is not None
    assert answer.candidates[0].finish_reason == types.FinishReason.MAX_TOKENS


def test_candidates(gemini_client: genai.Client) -> None:
    config = types.GenerateContentConfig(candidate_count=3, stop_sequences=["three"])
    answer = gemini_client.models.generate_content(model="m", contents="count", config=config)

    assert answer.candidates is not None
    assert [candidate.index for candidate in answer.candidates] == [0, 1, 2]


def test_schema_of_a_model_is_answered_unruled(make_app: MakeApp, gemini_of: MakeGemini) -> None:
    client = gemini_of(make_app("responses: {}"))
    config = types.GenerateContentConfig(
        response_mime_type="application/json", response_schema=list[City]
    )

    answer = client.models.generate_content(model="m", contents="cities", config=config)

    assert isinstance(answer.parsed, list)
    assert all(isinstance(city, City) for city in answer.parsed)


def test_json_schema_is_answered_unruled(make_app: MakeApp, gemini_of: MakeGemini) -> None:
    client = gemini_of(make_app("responses: {}"))
    config = types.GenerateContentConfig(
        response_mime_type="application/json", response_json_schema=City.model_json_schema()
    )

    answer = client.models.generate_content(model="m", contents="city", config=config)

    assert City.model_validate_json(answer.text or "")


def test_embeddings(make_app: MakeApp, gemini_of: MakeGemini) -> None:
    yaml = "rules: [{when: {contains: near}, reply: {embedding: {like: far}}}]"
    client = gemini_of(make_app(yaml))
    config = types.EmbedContentConfig(output_dimensionality=8, task_type="RETRIEVAL_QUERY")

    vectors = client.models.embed_content(
        model="gemini-embedding-001", contents=["far", "near"], config=config
    ).embeddings
    default = client.models.embed_content(model="gemini-embedding-001", contents="x").embeddings

    assert vectors is not None
    assert default is not None
    assert [len(vector.values or ()) for vector in (*vectors, *default)] == [8, 8, 3072]
    assert vectors[0].values == pytest.approx(vectors[1].values, abs=0.5)


def test_count_tokens(gemini_client: genai.Client) -> None:
    counted = gemini_client.models.count_tokens(model="m", contents="what is 2+2?")

    assert counted.total_tokens == 6


def test_models_are_paged(gemini_client: genai.Client) -> None:
    names = [
        model.name
        for model in gemini_client.models.list(config=types.ListModelsConfig(page_size=2))
    ]

    assert "models/mock-llm" in names
    assert len(names) == len(set(names)) > 2


def test_any_model_can_be_retrieved(gemini_client: genai.Client) -> None:
    model = gemini_client.models.get(model="my-own")

    assert model.name == "models/my-own"
    assert model.supported_actions is not None
    assert "generateContent" in model.supported_actions


def test_unknown_path_raises_not_found(gemini_client: genai.Client) -> None:
    with pytest.raises(errors.ClientError) as caught:
        gemini_client.files.get(name="files/x")

    assert (caught.value.code, caught.value.status) == (404, "NOT_FOUND")
