"""Which models there are."""

from __future__ import annotations

import pytest

from mockllm.core.offered import model_of, offered
from mockllm.core.rules import Model, Settings
from mockllm.errors import ModelNotFound

SHARED = Model("gpt-4o")
CLAUDE = Model("claude-opus-4-7", "anthropic", ("claude-opus-latest",))
RETIRED = Model("gpt-4-0314", "openai", lifecycle="retired")
DEPRECATED = Model("gpt-4", "openai", lifecycle="deprecated")
SETTINGS = Settings(
    models={
        "gpt-4o": SHARED,
        "claude-opus-4-7": CLAUDE,
        "claude-opus-latest": CLAUDE,
        "gpt-4-0314": RETIRED,
        "gpt-4": DEPRECATED,
    }
)


def test_every_name_is_a_model_unless_they_are_listed() -> None:
    assert offered(Settings(), "openai") is None
    assert model_of(Settings(), "openai", "anything") is None


def test_models_are_listed_once_each_and_in_order() -> None:
    assert offered(SETTINGS, "openai") == (SHARED, RETIRED, DEPRECATED)
    assert offered(SETTINGS, "anthropic") == (SHARED, CLAUDE)


def test_alias_names_its_model() -> None:
    assert model_of(SETTINGS, "anthropic", "claude-opus-latest") is CLAUDE


def test_deprecated_model_is_served() -> None:
    assert model_of(SETTINGS, "openai", "gpt-4") is DEPRECATED


@pytest.mark.parametrize("name", ["gpt-5", "gpt-4-0314", "claude-opus-4-7", ""])
def test_model_unknown_retired_or_of_another_provider_is_not_found(name: str) -> None:
    with pytest.raises(ModelNotFound) as caught:
        model_of(SETTINGS, "openai", name)

    assert caught.value.model == name
