"""The index leaves out no rule that matches, and keeps the order."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from mockllm.core.conditions import (
    Always,
    Condition,
    FlagIs,
    NameIs,
    Not,
    NumberIn,
    OtherTextContains,
    Range,
    TextIs,
    TextMatches,
    TextTest,
    glob,
)
from mockllm.core.index import build_index
from mockllm.core.match import match_rule
from mockllm.core.model import Message
from mockllm.core.regex import compile_regex
from mockllm.core.text import normalize
from tests.core.builders import assistant, contains, request, rule, subject_of, system, user

WORDS = ("a", "ab", "Hello", "HELLO", "straße", "STRASSE", "İ", "world", "é", "e\u0301", "2+2", " ")
PATTERNS = (
    "hello", "(?i)hello", "^hello", "world$", "h.llo", "(hello|world)", "[hH]ello", "(?i)STRASSE",
    "hel+o", "", "(?:hello){2}", "(?i)stra(ß|ss)e", "hello world", r"\Qhello\E", "a{3}",
)  # fmt: skip

texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)
needles = st.lists(st.sampled_from(WORDS[:-1]), min_size=1, max_size=3).map(tuple)
tests: st.SearchStrategy[TextTest] = st.sampled_from(
    ["equals", "contains", "starts_with", "ends_with"]
)


@st.composite
def text_conditions(draw: st.DrawFn) -> TextIs:
    test, wanted = draw(tests), draw(st.one_of(needles, texts.map(lambda text: (text,))))
    ignores_case = draw(st.booleans())
    if ignores_case:
        wanted = tuple(filter(None, map(normalize, wanted))) or ("a",)
    all_of_them = test == "contains" and draw(st.booleans())
    return TextIs(test, test, wanted, all_of_them, ignores_case)


simple: st.SearchStrategy[Condition] = st.one_of(
    text_conditions(),
    st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=2).map(
        lambda found: TextMatches(tuple(map(compile_regex, found)))
    ),
    st.sampled_from(
        [
            Always(),
            FlagIs(False),
            NumberIn("turn", (Range(1, 1),)),
            NameIs("model", (glob("gpt-4o"),)),
            NameIs("model", (glob("gpt-*"),)),
            NameIs("model", (glob("claude"), glob("gpt-4o"))),
            NameIs("provider", (glob("anthropic"),)),
            NameIs("operation", (glob("chat"),)),
            NameIs("session", (glob("default"),)),
            OtherTextContains("system_contains", ("hello",)),
        ]
    ),
)
conditions: st.SearchStrategy[Condition] = st.one_of(
    simple, st.lists(simple, min_size=1, max_size=2).map(lambda inner: Not(tuple(inner)))
)
whens = st.lists(conditions, min_size=1, max_size=3).map(tuple)
histories: st.SearchStrategy[tuple[Message, ...]] = st.one_of(
    st.lists(texts, min_size=1, max_size=3).map(lambda parts: (user(*parts),)),
    st.lists(texts, min_size=1, max_size=1).map(
        lambda parts: (system("hello"), user("old"), assistant("no"), user(*parts))
    ),
    st.just((system("hello"),)),
)


@settings(derandomize=True, max_examples=400)
@given(st.lists(whens, max_size=8), histories)
def test_candidates_hold_every_rule_that_matches_in_order(
    found: list[tuple[Condition, ...]], history: tuple[Message, ...]
) -> None:
    subject = subject_of(request(*history))

    candidates = build_index(found).candidates(subject)

    matching = [
        number for number, when in enumerate(found) if match_rule(rule(*when), subject) is not None
    ]
    assert candidates == sorted(set(candidates))
    assert set(matching) <= set(candidates)


MANY: list[tuple[Condition, ...]] = [
    (contains("zebra"),),
    (TextIs("equals", "equals", ("hello",)),),
    (TextIs("equals", "equals", ("hello", "bye")), contains("never")),
    (TextIs("starts_with", "starts_with", ("hell",)),),
    (TextMatches((compile_regex("(?i)HELLO"),)),),
    (TextMatches((compile_regex("zebra"),)),),
    (TextMatches((compile_regex(".*"),)),),
    (NameIs("model", (glob("gpt-4o"),)),),
    (NameIs("model", (glob("claude"),)),),
    (NameIs("model", (glob("cl*"),)),),
    (NameIs("session", (glob("x"),)),),
    (FlagIs(True),),
    (TextIs("equals", "equals", ("hello",), False, True),),
    (TextIs("contains", "contains", ("bye",), False, True),),
    (TextIs("contains_all", "contains", ("a", "hello"), True),),
]


def test_rules_that_the_prompt_or_a_name_rules_out_are_left_out() -> None:
    assert build_index(MANY).candidates(subject_of("hello")) == [
        1, 2, 3, 4, 6, 7, 9, 10, 11, 12, 14,
    ]  # fmt: skip


def test_request_without_a_prompt_has_only_what_asks_for_none() -> None:
    assert build_index(MANY).candidates(subject_of(request())) == [6, 7, 9, 10, 11]


def test_each_text_of_a_prompt_is_looked_at() -> None:
    subject = subject_of(request(user("context", "hello")))

    assert 1 in build_index(MANY).candidates(subject)


def test_other_models_have_other_candidates() -> None:
    asked = structs.replace(request(user("x")), model="claude")

    assert 8 in build_index(MANY).candidates(subject_of(asked))


def test_no_rules_have_no_candidates() -> None:
    assert build_index([]).candidates(subject_of("hello")) == []


@pytest.mark.parametrize("wanted", [("",), ("", "zebra")])
def test_needle_that_is_empty_once_normalized_is_found_everywhere(wanted: tuple[str, ...]) -> None:
    blank = TextIs("contains", "contains", wanted, False, True)

    assert build_index([(blank,)]).candidates(subject_of("hello")) == [0]
