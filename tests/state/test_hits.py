"""How often each rule has answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from mockllm.config.build import build
from mockllm.core.fallback import AUTOMATIC
from mockllm.state.database import Database
from mockllm.state.hits import Hits, MemoryHits, SharedHits
from tests.config.documents import document

NOBODY: frozenset[str] = frozenset()
RULESET = build([
    document(
        "rules: [{name: one, when: {contains: x}, reply: y}, {when: {contains: y}, reply: z}]\n"
        "responses: {plain: a, 'name one': b, mapped: {text: c}, unknown_response: d}\n"
    )
])  # fmt: skip


Counting = Callable[..., Hits]
"""Counts answers of rules, by their names."""


@pytest.fixture(params=["memory", "sqlite"])
def counting(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Counting]:
    known = {rule.name: rule for rule in (*RULESET.rules, *RULESET.answers.values())}
    others = {"automatic": AUTOMATIC, "unknown": RULESET.unknown}

    def count(*names: str) -> Hits:
        hits = MemoryHits() if request.param == "memory" else SharedHits(database)
        for name in names:
            hits.count({**known, **others}[name])
        if isinstance(hits, SharedHits):
            with database.transaction as cursor:
                hits.save(cursor)
        return hits

    with closing(Database(tmp_path / "state.sqlite")) as database:
        yield count


def test_rules_count_by_themselves(counting: Counting) -> None:
    hits = counting("one", "one", "rule at line 1")

    assert [hits.of(rule) for rule in RULESET.rules] == [2, 1]


def test_answers_are_no_rules_of_a_like_name(counting: Counting) -> None:
    hits = counting("name one", "unknown_response", "plain", "plain", "mapped")

    assert hits.of(RULESET.rules[0]) == hits.of(RULESET.unknown) == 0
    assert {rule.name: count for rule, count in hits.answers(RULESET)} == {
        "name one": 1, "unknown_response": 1, "plain": 2, "mapped": 1,
    }  # fmt: skip


def test_answers_are_those_of_the_ruleset(counting: Counting) -> None:
    hits = counting("plain", "one")

    assert list(hits.answers(build([document("responses: {other: a}")]))) == []


def test_what_a_reload_leaves_counts_on(counting: Counting) -> None:
    hits = counting("one", "rule at line 1", "plain", "mapped", "automatic", "unknown")
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


def test_what_was_sent_counts_on_while_it_is_held(counting: Counting) -> None:
    hits = counting("one", "rule at line 1")
    nothing = build([document("responses: {}")])

    hits.keep(nothing, frozenset(["name one"]))

    assert [hits.of(rule) for rule in RULESET.rules] == [1, 0]


def test_what_was_counted_here_is_there_for_others_when_it_is_saved(tmp_path: Path) -> None:
    file, (rule, _) = tmp_path / "state.sqlite", RULESET.rules
    with closing(Database(file)) as ours, closing(Database(file)) as theirs:
        hits, others = SharedHits(ours), SharedHits(theirs)
        hits.count(rule)
        others.count(rule)
        assert others.of(rule) == 0
        for each, database in ((hits, ours), (others, theirs), (hits, ours)):
            with database.transaction as cursor:
                each.save(cursor)

        assert (hits.of(rule), others.of(rule)) == (2, 2)
