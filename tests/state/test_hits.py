"""How often each rule has answered."""

from __future__ import annotations

from mockllm.config.build import build
from mockllm.core.fallback import AUTOMATIC
from mockllm.state.hits import Hits
from tests.config.documents import document

NOBODY: frozenset[str] = frozenset()
RULESET = build([
    document(
        "rules: [{name: one, when: {contains: x}, reply: y}, {when: {contains: y}, reply: z}]\n"
        "responses: {plain: a, 'name one': b, mapped: {text: c}, unknown_response: d}\n"
    )
])  # fmt: skip


def counting(*names: str) -> Hits:
    """Return the hits of rules and answers, by their names."""
    known = {rule.name: rule for rule in RULESET.rules} | dict(RULESET.answers)
    hits = Hits()
    for name in names:
        hits.count(known[name])
    return hits


def test_rules_count_by_themselves() -> None:
    hits = counting("one", "one", "rule at line 1")

    assert [hits.of(rule) for rule in RULESET.rules] == [2, 1]


def test_answers_are_no_rules_of_a_like_name() -> None:
    hits = counting("name one", "unknown_response", "plain", "plain", "mapped")

    assert hits.of(RULESET.rules[0]) == hits.of(RULESET.unknown) == 0
    assert {rule.name: count for rule, count in hits.answers(RULESET)} == {
        "name one": 1, "unknown_response": 1, "plain": 2, "mapped": 1,
    }  # fmt: skip


def test_answers_are_those_of_the_ruleset() -> None:
    hits = counting("plain", "one")

    assert list(hits.answers(build([document("responses: {other: a}")]))) == []


def test_what_a_reload_leaves_counts_on() -> None:
    hits = counting("one", "rule at line 1", "plain", "mapped")
    hits.count(AUTOMATIC)
    hits.count(RULESET.unknown)
    after = build([
        document(
            "rules: [{name: one, when: {contains: new}, reply: y}]\n"
            "responses: {plain: changed}\ndefaults: {unknown_response: changed}"
        )
    ])  # fmt: skip

    hits.keep(after, NOBODY)
    hits.keep(RULESET, NOBODY)

    assert [hits.of(rule) for rule in RULESET.rules] == [1, 0]
    assert [rule.name for rule, _ in hits.answers(RULESET)] == ["plain"]
    assert (hits.of(AUTOMATIC), hits.of(RULESET.unknown)) == (1, 1)


def test_what_was_sent_counts_on_while_it_is_held() -> None:
    hits = counting("one", "rule at line 1")
    nothing = build([document("responses: {}")])

    hits.keep(nothing, frozenset(["name one"]))

    assert [hits.of(rule) for rule in RULESET.rules] == [1, 0]
