"""Rules that go before those of the files."""

from __future__ import annotations

from math import inf

import pytest

from mockllm.core.conditions import NameIs, TextIs, glob
from mockllm.core.match import matching
from mockllm.core.model import Message, Request, Text
from mockllm.core.raw import Raw
from mockllm.core.rules import Rule, Ruleset
from mockllm.core.subject import Subject
from mockllm.state import run_time_rules as module
from mockllm.state.run_time_rules import EVERYONE, RunTimeRules, Sent
from tests.config.test_sent_rules import SERVED

NOW_S = 1_700_000_000.0


def rule(name: str, needle: str = "x") -> Rule:
    return Rule(name, None, (), (TextIs("contains", "contains", (needle,)),), identity=f"id {name}")


def sent(*names: str, session: str = EVERYONE, ttl_s: float = inf, size_bytes: int = 0) -> Sent:
    rules = tuple(map(rule, names))
    return Sent("run-time/1", session, b"", rules, NOW_S + ttl_s, size_bytes)


def holding(*found: Sent) -> RunTimeRules:
    """Return rules of which the later ones were added in front of the earlier."""
    rules = RunTimeRules()
    for each in found:
        rules.add(each, NOW_S)
    return rules


def tried(rules: RunTimeRules, session: str, after_s: float = 0, text: str = "x") -> list[str]:
    """Return the names of the rules that match, in order."""
    ruleset = rules.over(SERVED, session, NOW_S + after_s)
    request = Request("chat", "openai", "m", (Message("user", (Text(text),)),))
    return [found.rule.name for found in matching(ruleset, Subject(request, RAW))]


RAW = Raw("POST", "", "", {}, b"")


def listed(rules: RunTimeRules, after_s: float = 0) -> list[str]:
    return [each.name for found in rules.all(NOW_S + after_s) for each in found.rules]


def test_newest_come_first_and_each_call_s_in_order() -> None:
    rules = holding(sent("1"), sent("2", "3"))

    assert tried(rules, "a") == ["2", "3", "1"]


def test_session_s_own_come_before_everyone_s() -> None:
    rules = holding(sent("mine", session="a"), sent("ours"), sent("theirs", session="b"))

    assert tried(rules, "a") == ["mine", "ours"]
    assert tried(rules, "c") == ["ours"]
    assert listed(rules) == ["mine", "theirs", "ours"]


def test_put_stands_in_place_of_the_session_s_own() -> None:
    rules = holding(sent("1", session="a"), sent("2", session="a"), sent("ours"))

    rules.put(sent("3", session="a"), NOW_S)

    assert tried(rules, "a") == ["3", "ours"]


def test_only_candidates_are_asked() -> None:
    rules = RunTimeRules()
    rules.put(Sent("n", EVERYONE, b"", (rule("x"), rule("y", "y"))), NOW_S)

    assert tried(rules, "a", text="y") == ["y"]


@pytest.mark.parametrize(
    ("after_s", "names"), [(0, ["brief", "long", "for ever"]), (60, ["long", "for ever"])]
)
def test_rules_hold_until_their_time_is_over(after_s: float, names: list[str]) -> None:
    rules = holding(sent("for ever"), sent("long", ttl_s=900), sent("brief", ttl_s=60))

    assert tried(rules, "a", after_s) == names
    assert listed(rules, after_s) == names


def test_what_expires_is_not_compiled_anew() -> None:
    rules = holding(sent("lasting"), sent("brief", ttl_s=60))
    (before,) = rules.over(SERVED, "a", NOW_S).before

    (after,) = rules.over(SERVED, "a", NOW_S + 60).before

    assert after.index is before.index
    assert [each.name for each in after.rules.values()] == ["lasting"]


def test_there_are_none_once_all_have_expired() -> None:
    rules = holding(sent("1", session="a", ttl_s=60), sent("2", ttl_s=60))
    assert rules

    assert rules.over(SERVED, "a", NOW_S + 60) is SERVED
    assert not rules
    assert rules.identities() == frozenset()


def test_without_rules_a_ruleset_is_itself() -> None:
    rules = holding(sent("1", session="a"))

    assert rules.over(SERVED, "b", NOW_S) is SERVED


def test_all_of_a_session_are_deleted() -> None:
    rules = holding(sent("1", "2", session="a"), sent("3", session="a"), sent("ours"))

    assert rules.remove("a", NOW_S) == 3
    assert rules.remove("a", NOW_S) == 0
    assert tried(rules, "a") == ["ours"]


@pytest.mark.parametrize("name", ["2", "id 2"])
def test_one_is_deleted_by_its_name_or_identity(name: str) -> None:
    rules = holding(sent("1", "2"), sent("3"))

    assert rules.remove(EVERYONE, NOW_S, name) == 1
    assert tried(rules, "a") == ["3", "1"]
    assert [each.deleted for each in rules.all(NOW_S)] == [(), ("id 2",)]
    assert rules.identities() == {"id 1", "id 3"}


def test_one_that_has_expired_cannot_be_deleted() -> None:
    rules = holding(sent("1", ttl_s=60))

    assert rules.remove(EVERYONE, NOW_S + 60) == 0


def test_there_are_some_until_the_last_is_deleted() -> None:
    rules = holding(sent("1"))

    rules.remove(EVERYONE, NOW_S, "1")

    assert not rules


def test_session_without_rules_is_not_kept() -> None:
    assert not holding(sent(session="a"))


def test_only_so_many_rules_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_RULES", 2)
    rules = holding(sent("1"), sent("2", session="a"))

    with pytest.raises(OverflowError):
        rules.add(sent("3", session="b"), NOW_S)
    rules.put(sent("3", session="a"), NOW_S)

    assert tried(rules, "a") == ["3", "1"]


def test_only_so_many_bytes_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 10)
    rules = holding(sent("1", size_bytes=6))

    with pytest.raises(OverflowError):
        rules.add(sent("2", size_bytes=5), NOW_S)

    assert tried(rules, "a") == ["1"]


def test_what_has_expired_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_RULES", 1)
    rules = holding(sent("1", session="a", ttl_s=60))

    rules.add(sent("2", session="b"), NOW_S + 60)

    assert listed(rules, 60) == ["2"]


@pytest.mark.parametrize("session", ["a", "b"])
def test_rulesets_read_states_where_a_rule_does(session: str) -> None:
    rules = RunTimeRules()
    stateful = Rule("1", None, (), (NameIs("state", (glob("paid"),)),), identity="1")
    rules.put(Sent("n", "a", b"", (stateful,)), NOW_S)

    ruleset: Ruleset = rules.over(SERVED, session, NOW_S)

    assert ruleset.uses_state is (session == "a")


def test_names_differ() -> None:
    rules = RunTimeRules()

    assert rules.new_name() != rules.new_name()
