"""Models through the official SDKs."""

from __future__ import annotations

import anthropic
import openai
import pytest

NAMES = pytest.mark.parametrize("name", ["gpt-4o", "ft:gpt-4o:org::id", "org/model:free", "a b?c"])


@NAMES
def test_any_model_is_retrieved(openai_client: openai.OpenAI, name: str) -> None:
    model = openai_client.models.retrieve(name)

    assert (model.id, model.object) == (name, "model")


def test_listed_models_can_be_retrieved(openai_client: openai.OpenAI) -> None:
    for model in openai_client.models.list():
        assert openai_client.models.retrieve(model.id) == model


@NAMES
def test_any_model_is_deleted(openai_client: openai.OpenAI, name: str) -> None:
    deleted = openai_client.models.delete(name)

    assert (deleted.id, deleted.deleted) == (name, True)


@pytest.mark.parametrize(
    ("name", "display_name"),
    [("claude-opus-5-5", "Claude Opus 5.5"), ("my-own", "my-own")],
)
def test_anthropics_clients_retrieve_theirs(
    anthropic_client: anthropic.Anthropic, name: str, display_name: str
) -> None:
    model = anthropic_client.models.retrieve(name)

    assert (model.id, model.display_name, model.type) == (name, display_name, "model")


def test_anthropics_clients_cannot_delete(anthropic_client: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.APIStatusError, match="Method Not Allowed") as caught:
        anthropic_client.delete("/v1/models/claude-opus-5-5", cast_to=object)

    assert caught.value.status_code == 405
    assert caught.value.response.headers["allow"] == "GET"


@pytest.mark.parametrize("path", ["/v1/models/gpt-4o", "/v1/models"])
def test_wrong_method_is_refused_in_the_clients_dialect(
    anthropic_client: anthropic.Anthropic, path: str
) -> None:
    with pytest.raises(anthropic.APIStatusError, match="Method Not Allowed") as caught:
        anthropic_client.post(path, cast_to=object)

    assert caught.value.status_code == 405
