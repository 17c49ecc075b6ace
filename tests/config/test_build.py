"""From valid documents to a ruleset."""

from __future__ import annotations

import pytest

from mockllm.config.build import UNKNOWN_RESPONSE, build
from mockllm.core.model import ChatReply, Text, joined_text
from mockllm.core.problems import Location
from mockllm.core.rules import DEFAULT_MAX_BODY_BYTES, Rule, Ruleset, Settings
from tests.config.documents import FILE, document


def ruleset_of(*texts: str) -> Ruleset:
    return build([document(text, f"{number}.yml") for number, text in enumerate(texts, 1)])


def text_of(rule: Rule) -> str:
    return joined_text(rule.reply.parts)


def test_answer_has_its_prompt_place_and_text() -> None:
    ruleset = build([document("responses:\n  hello: Hi.\n")])

    rule = ruleset.answers["hello"]

    assert (rule.name, rule.location, text_of(rule)) == ("hello", Location(FILE, 2, 3), "Hi.")


def test_answer_is_counted_at_load() -> None:
    rule = ruleset_of("responses: {hello: Hi there.}").answers["hello"]

    assert isinstance(rule.reply, ChatReply)
    assert rule.reply.usage.output_tokens > 0


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        pytest.param("Hi.", "Hi.", id="plain"),
        pytest.param("'Hi.'", "Hi.", id="quoted"),
        pytest.param("{text: Hi.}", "Hi.", id="mapping"),
        pytest.param("yes", "yes", id="boolean"),
        pytest.param("1.10", "1.10", id="number"),
        pytest.param("{text: 2024-05-01}", "2024-05-01", id="date"),
        pytest.param("!!str 7", "7", id="tagged"),
        pytest.param('""', "", id="empty"),
        pytest.param(r'"a\n😀"', "a\n😀", id="escapes"),
        pytest.param("*anchored", "anchored text", id="alias"),
        pytest.param("{<<: *merged}", "merged text", id="merged"),
    ],
)
def test_text_is_taken_as_written(answer: str, text: str) -> None:
    anchors = "x-a: [&anchored anchored text, &merged {text: merged text}]"

    ruleset = ruleset_of(f"{anchors}\nresponses:\n  hello: {answer}\n")

    assert text_of(ruleset.answers["hello"]) == text


def test_block_text_keeps_its_line_breaks() -> None:
    ruleset = ruleset_of("responses:\n  hello: |\n    Hi,\n      you.\n")

    assert ruleset.answers["hello"].reply.parts == (Text("Hi,\n  you.\n"),)


@pytest.mark.parametrize("prompt", ["7", "yes", "1.10", "2024-05-01", "=", "hello world"])
def test_prompt_is_taken_as_written(prompt: str) -> None:
    assert list(ruleset_of(f"responses: {{{prompt}: hi}}").answers) == [prompt]


def test_answers_of_all_files_are_there() -> None:
    ruleset = ruleset_of("responses: {b: 1}", "settings: {}", "responses: {a: 2, c: 3}")

    assert list(ruleset.answers) == ["b", "a", "c"]


def test_normalized_prompts_lead_to_the_same_rules() -> None:
    ruleset = ruleset_of("responses: {'  What  IS it? ': a}")

    assert ruleset.normalized["what is it?"] is ruleset.answers["  What  IS it? "]


def test_first_of_prompts_that_normalize_alike_stays() -> None:
    ruleset = ruleset_of("responses: {Hello: first, hello: second}")

    assert text_of(ruleset.normalized["hello"]) == "first"


def test_unknown_response_has_its_place() -> None:
    unknown = ruleset_of("{}", "defaults:\n  unknown_response: {text: What?}\n").unknown

    assert (unknown.name, unknown.location, text_of(unknown)) == (
        "unknown_response",
        Location("2.yml", 2, 3),
        "What?",
    )


@pytest.mark.parametrize("text", ["{}", "defaults: {}", "responses: {a: b}"])
def test_unknown_response_is_built_in_when_none_is_given(text: str) -> None:
    unknown = ruleset_of(text).unknown

    assert (unknown.location, text_of(unknown)) == (None, UNKNOWN_RESPONSE)


def test_empty_unknown_response_is_an_answer() -> None:
    assert text_of(ruleset_of('defaults: {unknown_response: ""}').unknown) == ""


@pytest.mark.parametrize("text", ["{}", "settings: {}"])
def test_settings_have_defaults(text: str) -> None:
    assert ruleset_of(text).settings == Settings(
        lag_enabled=False,
        lag_factor=10,
        match="exact",
        seed=None,
        max_body_bytes=DEFAULT_MAX_BODY_BYTES,
    )


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("lag_enabled: yes", Settings(lag_enabled=True)),
        ("lag_enabled: false", Settings(lag_enabled=False)),
        ("lag_factor: 3", Settings(lag_factor=3)),
        ("lag_factor: 0.5", Settings(lag_factor=0.5)),
        ("match: normalized", Settings(match="normalized")),
        ("match: 'exact'", Settings(match="exact")),
        ("seed: 0", Settings(seed=0)),
        ("seed: 0x10", Settings(seed=16)),
        ("max_body: 2 KB", Settings(max_body_bytes=2_048)),
        ("max_body: 1GB", Settings(max_body_bytes=1_073_741_824)),
        ("<<: {seed: 7}", Settings(seed=7)),
    ],
)
def test_setting_is_taken(setting: str, expected: Settings) -> None:
    assert ruleset_of(f"settings: {{{setting}}}").settings == expected


def test_settings_of_all_files_are_there() -> None:
    ruleset = ruleset_of("settings: {seed: 7}", "settings: {match: normalized}")

    assert ruleset.settings == Settings(seed=7, match="normalized")


def test_no_documents_make_an_empty_ruleset() -> None:
    assert build([]).answers == {}
