"""`settings.models`, `api_keys` and `validation`: what is wrong with them, and what they become."""

from __future__ import annotations

import pytest

from mockllm.config.build import build
from mockllm.core.rules import Model, Settings
from tests.config.documents import document, lines_of


def settings_of(text: str) -> Settings:
    return build([document(f"settings: {{{text}}}")]).settings


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("api_keys: k", "1:22 error MOCK005 'api_keys' takes a list, not k"),
        ("api_keys: []", "1:22 error MOCK007 'api_keys' is empty"),
        ("api_keys: [k, '']", "1:26 error MOCK007 'api_keys' is empty"),
        ("api_keys: [k, {a: b}]", "1:26 error MOCK005 'api_keys' takes text, not a mapping"),
        ("models: m", "1:20 error MOCK005 'models' takes a list, not m"),
        ("models: []", "1:20 error MOCK007 'models' is empty"),
        ("models: [a, '']", "1:24 error MOCK007 this name is empty"),
        ("models: [a, ~]", "1:24 error MOCK007 this name is empty"),
        ("models: [[a]]", "1:21 error MOCK005 a model takes text or a mapping, not a list"),
        ("models: [{}]", "1:21 error MOCK004 'name' is missing in a model; write name: ..."),
        ("models: [{name: ''}, {name: ''}]", "1:28 error MOCK007 'name' is empty"),
        (
            "models: [{nme: a}]",
            "1:22 error MOCK003 unknown key 'nme' in a model; did you mean 'name'?",
        ),
        (
            "models: [{name: a, capabilities: [vision, fly]}]",
            "1:54 error MOCK006 'capabilities' takes tools or vision or audio or files or"
            " json_schema or reasoning, not fly",
        ),
        (
            "models: [{name: a, lifecycle: dead}]",
            "1:42 error MOCK006 'lifecycle' takes active or deprecated or retired, not dead",
        ),
        (
            "models: [{name: a, context_tokens: 0}]",
            "1:47 error MOCK006 'context_tokens' takes at least 1, not 0",
        ),
        (
            "models: [{name: a, provider: google}]",
            "1:41 error MOCK006 'provider' takes openai or anthropic or azure or gemini or ollama,"
            " not google",
        ),
        (
            "models: [a, {name: b, aliases: [c, a]}]",
            "1:47 error MOCK030 the model 'a' is already in f.yml:1:21; name each model once",
        ),
        (
            "models: [{name: b, aliases: [c]}, c]",
            "1:46 error MOCK030 the model 'c' is already in f.yml:1:41; name each model once",
        ),
        (
            "validation: strict",
            "1:24 error MOCK006 'validation' takes ignore or warn or reject, not strict",
        ),
    ],
)
def test_problem_is_located(text: str, line: str) -> None:
    assert lines_of(f"settings: {{{text}}}")[0] == line


def test_requests_are_judged_and_warned_about_unless_told_otherwise() -> None:
    assert settings_of("seed: 1").validation == "warn"
    assert settings_of("validation: reject").validation == "reject"


def test_every_model_and_key_is_taken_unless_listed() -> None:
    settings = settings_of("seed: 1")

    assert (settings.models, settings.api_keys) == (None, ())


def test_keys_are_texts_as_they_are_written() -> None:
    assert settings_of("api_keys: [k, 7, 1.10, yes, 'a b']").api_keys == (
        "k",
        "7",
        "1.10",
        "yes",
        "a b",
    )


def test_model_is_a_name_or_all_that_is_known_of_it() -> None:
    models = settings_of(
        "models: [gpt-4o, {name: c, provider: anthropic, aliases: [d], context_tokens: 9,"
        " max_output_tokens: 8, lifecycle: deprecated, capabilities: [tools]}]"
    ).models

    known = Model("c", "anthropic", ("d",), 9, 8, ("tools",), "deprecated")
    assert models == {"gpt-4o": Model("gpt-4o"), "c": known, "d": known}


def test_model_that_can_do_nothing_special_differs_from_one_of_which_nothing_is_known() -> None:
    models = settings_of("models: [a, {name: b, capabilities: []}, {name: c}]").models

    assert models
    assert [models[name].capabilities for name in "abc"] == [None, (), None]


def test_name_that_looks_like_a_number_is_a_text() -> None:
    assert settings_of("models: [4.10, {name: 3.50, aliases: [1]}]").models == {
        "4.10": Model("4.10"),
        "3.50": (three := Model("3.50", aliases=("1",))),
        "1": three,
    }
