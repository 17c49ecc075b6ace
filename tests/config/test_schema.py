"""The table of keys, walked: each key of each place misspelt, empty, missing, and of every type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mockllm.config.schema import CHOICES, KINDS, PLACES, TYPE_WORDS
from tests.config.documents import line_of, lines_of, places_of, problems_of

HOLDERS = {
    "top": ("", ""),
    "rule": ("rules: [", "]"),
    "when": ("rules: [{reply: a, when: ", "}]"),
    "not": ("rules: [{reply: a, when: {contains: x, not: ", "}}]"),
    "reply": ("responses: {p: ", "}"),
    "expect": ("rules: [{when: {contains: x}, reply: a, expect: ", "}]"),
    "steps": ("responses: {p: ", "}"),
    "sequence item": ("rules: [{when: {contains: x}, replies: [", "]}]"),
    "drawn item": ("rules: [{when: {contains: x}, one_of: [", "]}]"),
    "part": ("responses: {p: {parts: [", "]}}"),
    "tool call": ("responses: {p: {tool_calls: [", "]}}"),
    "error": ("responses: {p: {error: ", "}}"),
    "embedding": ("responses: {p: {embedding: ", "}}"),
    "moderation": ("responses: {p: {moderation: ", "}}"),
    "lorem": ("responses: {p: {lorem: ", "}}"),
    "usage": ("responses: {p: {text: a, usage: ", "}}"),
    "model": ("settings: {models: [", "]}"),
    "timing": ("settings: {profiles: {p: ", "}}"),
    "percentiles": ("defaults: {timing: {first_token: ", "}}"),
    "load": ("responses: {p: {text: a, timing: {load: ", "}}}"),
    "fault": ("responses: {p: {text: a, fault: ", "}}"),
    "chaos": ("settings: {chaos: [", "]}"),
    "limit": ("settings: {limits: [", "]}"),
    "state": ("settings: {state: ", "}"),
}
"""What stands around a mapping of each kind in a file that is otherwise valid."""

COMPANIONS = {
    "rule": {"when": "{contains: x}", "reply": "a"},
    "reply": {"text": "a"},
    "steps": {"steps": "[a]"},
    "sequence item": {"text": "a"},
    "drawn item": {"text": "a"},
    "tool call": {"name": "t"},
    "error": {"kind": "server"},
    "embedding": {"like": "a"},
    "moderation": {"flagged": "[]"},
    "lorem": {"tokens": "1"},
    "model": {"name": "m"},
    "load": {"max_concurrent": "1"},
    "fault": {"kind": "stall"},
    "chaos": {"error": "server"},
    "limit": {"per": "model", "concurrent": "1"},
    "state": {"sqlite": "a.sqlite"},
}
"""What else a mapping of each kind needs."""

SAMPLES = {
    "headers": "{x-a: b}",
    "params": "{user: b}",
    "not": "{contains: y}",
    "expect": "{at_least: 2}",
    "each": "{contains: y}",
    "after_rule": "other",
    "json": "{a: [1, null]}",
    "tool_calls": "[{name: t, arguments: {a: 1}}]",
    "tool_call": "{name: t}",
    "parts": "[a, {reasoning: b}]",
    "error": "rate_limit",
    "embedding": "[0.6, -0.8]",
    "moderation": "{flagged: [violence]}",
    "lorem": "{tokens: 20}",
    "usage": "{input_tokens: 7}",
    "when": "{contains: x}",
    "reply": "{text: a}",
    "replies": "[a, {text: b}]",
    "steps": "[a, {text: b}]",
    "one_of": "[a, {text: b}]",
    "arguments": "{a: b}",
    "retry_after": "2s",
    "turn": "3+",
    "step": "3-5",
    "input_tokens": "3",
    "match_limit": "1KB",
    "max_body": "1KB",
    "responses": "{p: a}",
    "rules": "[{when: {contains: x}, reply: a}]",
    "defaults": "{unknown_response: a}",
    "settings": "{seed: 7}",
    "unknown_response": "{text: a}",
    "flagged": "[hate]",
    "contains_all": "[x, y]",
    "aliases": "[x, y]",
    "capabilities": "[tools]",
    "timing": "fast",
    "profile": "fast",
    "profiles": "{a: {first_token: 1s}}",
    "first_token": "{p50: 300ms, p99.9: 2s}",
    "rate": "60 words/s",
    "jitter": "20%",
    "probability": "0.5%",
    "per_prompt_token": "0.1ms",
    "load": "{max_concurrent: 3}",
    "fault": "{kind: truncate, after: 3 chunks}",
    "after": "50%",
    "for": "2s",
    "from": "2s",
    "max_stall": "2s",
    "chaos": "[{fault: reset}]",
    "limits": "[{per: model, concurrent: 1}]",
    "requests": "60/m",
    "tokens": "90k/m",
} | {f"p{share}": "2s" for share in (1, 5, 10, 25, 50, 75, 90, 95, 99, 99.9)}
"""A right value of each key for which its type alone does not give one."""

TYPED = {
    "[[a]]": ("list",),
    "{qqq: a}": ("dict",),
    "qqq": ("text",),
    "'7'": ("text",),
    "7": ("text", "number", "integer"),
    "1.5": ("text", "number"),
    "yes": ("text", "boolean"),
}
"""Values, each with the types that take it."""

DESCRIBED = {"[[a]]": "a list", "{qqq: a}": "a mapping", "'7'": "the text '7'"}

KEYS = [(place, key) for place, (table, _) in PLACES.items() for key in table]


def rules_of(place: str, key: str) -> dict[str, Any]:
    found: dict[str, Any] = PLACES[place][0][key]
    return found


def is_free(place: str, key: str) -> bool:
    """Return whether a key takes whatever stands there."""
    return "type" not in rules_of(place, key)


def types_of(place: str, key: str) -> list[str]:
    types = rules_of(place, key)["type"]
    return types if isinstance(types, list) else [types]


def companions(place: str, key: str) -> dict[str, str]:
    """Return what else must stand beside `key` for the file to be valid."""
    found = dict(COMPANIONS.get(place, {}))
    found.pop(key, None)
    if key in CHOICES:
        found.pop("reply", None)
    if key in KINDS:
        found.pop("text", None)
    if place == "chaos" and key == "fault":
        del found["error"]
    if place == "fault" and key in ("status", "retry_after", "message"):
        found["kind"] = "server"
    if key == "when_exhausted":
        found.pop("reply")
        found["replies"] = "[a]"
    return found


def with_value(place: str, key: str, written: str) -> tuple[str, int]:
    """Return a file in which `key` has a value, and the value's column."""
    before, after = HOLDERS[place]
    beside = "".join(f"{name}: {each}, " for name, each in companions(place, key).items())
    head = f"{before}{{{beside}{key}: "
    return f"{head}{written}}}{after}", len(head) + 1


def with_key(place: str, key: str, name: str) -> tuple[str, int]:
    """Return a file in which `key` is called `name`, and the key's column."""
    before, after = HOLDERS[place]
    beside = "".join(f", {other}: {each}" for other, each in companions(place, key).items())
    return f"{before}{{{name}: {sample(place, key)}{beside}}}{after}", len(before) + 2


def sample(place: str, key: str) -> str:
    """Return a right value of a key."""
    rules = rules_of(place, key)
    if key in SAMPLES and place not in ("usage", "lorem"):
        return SAMPLES[key]
    if "allowed" in rules:
        return str(rules["allowed"][0]).lower()
    if rules.get("type") in ("number", "integer", "boolean"):
        return str(rules.get("max", "true"))
    return "abc"


def ids(value: str) -> str:
    return value.replace(" ", "-")


def wrongly_typed() -> Iterator[Any]:
    for place, key in KEYS:
        if is_free(place, key):
            continue
        types = types_of(place, key)
        wanted = " or ".join(TYPE_WORDS[each] for each in types)
        for written, fitting in TYPED.items():
            if not set(fitting) & set(types):
                text, column = with_value(place, key, written)
                said = DESCRIBED.get(written, written)
                line = f"1:{column} error MOCK005 '{key}' takes {wanted}, not {said}"
                yield pytest.param(text, line, id=ids(f"{place}-{key}-{written}"))


def test_every_place_is_walked() -> None:
    assert HOLDERS.keys() == PLACES.keys()


@pytest.mark.parametrize(("place", "key"), KEYS, ids=ids)
def test_right_value_of_every_key_is_taken(place: str, key: str) -> None:
    text, _ = with_value(place, key, sample(place, key))

    problems = [line for line in lines_of(text) if "MOCK026" not in line]  # there is no such file

    assert problems == []


@pytest.mark.parametrize(
    ("place", "key"), [each for each in KEYS if each != ("steps", "steps")], ids=ids
)
def test_every_misspelt_key_is_located_once_with_the_right_one(place: str, key: str) -> None:
    text, column = with_key(place, key, f"{key}q")

    assert lines_of(text) == [
        f"1:{column} error MOCK003 unknown key '{key}q' {PLACES[place][1]}; did you mean '{key}'?"
    ]


@pytest.mark.parametrize("place", PLACES, ids=ids)
def test_foreign_key_of_every_place_is_told_the_known_ones(place: str) -> None:
    table, words = PLACES[place]
    before, after = HOLDERS[place]
    beside = "".join(f", {key}: {each}" for key, each in COMPANIONS.get(place, {}).items())

    lines = lines_of(f"{before}{{zzqzz: 1{beside}}}{after}")

    assert lines == [
        f"1:{len(before) + 2} error MOCK003 unknown key 'zzqzz' {words};"
        f" known here: {', '.join(table)}"
    ]


@pytest.mark.parametrize("written", ["", "~", "null"], ids=["nothing", "tilde", "null"])
@pytest.mark.parametrize(("place", "key"), [each for each in KEYS if each[1] != "json"], ids=ids)
def test_empty_value_of_every_key_is_located_once(place: str, key: str, written: str) -> None:
    text, column = with_value(place, key, written)

    (problem,) = problems_of(text)

    assert line_of(problem).startswith(f"1:{column} error MOCK007 ")
    assert problem.message in (f"'{key}' is empty", "this answer is empty")


@pytest.mark.parametrize(("text", "line"), list(wrongly_typed()))
def test_every_wrong_type_of_every_key_is_located_and_described(text: str, line: str) -> None:
    problems = [
        line for line in lines_of(text) if "MOCK013" not in line
    ]  # as text, it is warned of

    assert problems == [line]


@pytest.mark.parametrize(
    ("place", "key"), [each for each in KEYS if rules_of(*each).get("required")], ids=ids
)
def test_every_missing_key_is_located_at_its_mapping(place: str, key: str) -> None:
    before, after = HOLDERS[place]
    beside = ", ".join(f"{name}: {each}" for name, each in companions(place, key).items())

    assert lines_of(f"{before}{{{beside}}}{after}") == [
        f"1:{len(before) + 1} error MOCK004 '{key}' is missing {PLACES[place][1]}; write {key}: ..."
    ]


@pytest.mark.parametrize("written", ["zzqzz", "''", "7"], ids=["word", "empty", "number"])
@pytest.mark.parametrize(
    ("place", "key"),
    [each for each in KEYS if "allowed" in rules_of(*each) and "text" in types_of(*each)],
    ids=ids,
)
def test_every_closed_word_is_checked(place: str, key: str, written: str) -> None:
    text, column = with_value(place, key, written)
    empty = written == "''" and rules_of(place, key).get("empty") is False

    code = "MOCK007" if empty else "MOCK006"

    assert places_of(text) == [f"1:{column} error {code}"]


@pytest.mark.parametrize("written", ["no", "false", "off"])
@pytest.mark.parametrize(
    ("place", "key"),
    [each for each in KEYS if "allowed" in rules_of(*each) and "text" not in types_of(*each)],
    ids=ids,
)
def test_what_can_only_be_true_is_never_false(place: str, key: str, written: str) -> None:
    text, column = with_value(place, key, written)

    assert lines_of(text) == [f"1:{column} error MOCK006 '{key}' takes true, not {written}"]


@pytest.mark.parametrize("bound", ["min", "max"])
@pytest.mark.parametrize(
    ("place", "key"), [each for each in KEYS if "max" in rules_of(*each)], ids=ids
)
def test_every_bound_is_inclusive(place: str, key: str, bound: str) -> None:
    limit = rules_of(place, key)[bound]

    assert lines_of(with_value(place, key, f"{limit:f}" if limit % 1 else str(limit))[0]) == []


@pytest.mark.parametrize(
    ("bound", "step", "words"), [("min", -1, "at least"), ("max", 1, "at most")], ids=["min", "max"]
)
@pytest.mark.parametrize(
    ("place", "key"), [each for each in KEYS if "max" in rules_of(*each)], ids=ids
)
def test_past_every_bound_is_located(
    place: str, key: str, bound: str, step: int, words: str
) -> None:
    limit = rules_of(place, key)[bound]
    text, column = with_value(place, key, str(limit + step))

    assert lines_of(text) == [
        f"1:{column} error MOCK006 '{key}' takes {words} {limit}, not {limit + step}"
    ]


LISTS_OF_TEXT = [
    each
    for each in KEYS
    if each[0] in ("when", "not") and not is_free(*each) and "list" in types_of(*each)
]


@pytest.mark.parametrize(
    ("written", "code"),
    [("''", "MOCK007"), ("~", "MOCK007"), ("[a]", "MOCK005"), ("{a: b}", "MOCK005")],
    ids=["empty", "null", "list", "mapping"],
)
@pytest.mark.parametrize(("place", "key"), LISTS_OF_TEXT, ids=ids)
def test_every_wrong_item_of_a_list_is_located(
    place: str, key: str, written: str, code: str
) -> None:
    good = "a" if key == "contains_all" else sample(place, key)
    text, column = with_value(place, key, f"[{good}, {written}]")

    assert places_of(text) == [f"1:{column + len(good) + 3} error {code}"]


@pytest.mark.parametrize(("place", "key"), LISTS_OF_TEXT, ids=ids)
def test_every_empty_list_is_located(place: str, key: str) -> None:
    text, column = with_value(place, key, "[]")

    assert lines_of(text) == [
        f"1:{column} error MOCK007 '{key}' is empty: it would match everything or nothing"
    ]
