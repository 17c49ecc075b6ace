"""What requests came to."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from msgspec import structs

from mockllm.core.conditions import Condition, NameIs, OtherTextContains, glob
from mockllm.core.exchange import Exchange
from mockllm.core.expect import Expectation
from mockllm.core.model import Text
from mockllm.core.rules import Rule, Ruleset
from mockllm.core.verify import Question, Report, answer, report, unmatched_level
from mockllm.errors import NoMatch
from tests.core.builders import DRAWS, UNKNOWN, contains, raw, request, rule, ruleset, system, user

SYSTEM = OtherTextContains("system_contains", ("terse",))


@dataclass
class Run:
    """Requests, each a second after the one before."""

    exchanges: list[Exchange] = field(default_factory=list)

    def ask(self, text: str, by: Rule | None = None, **more: object) -> Exchange:
        made = Exchange(
            f"id{len(self.exchanges)}",
            1_000.0 + len(self.exchanges),
            0.0,
            1,
            raw(),
            DRAWS,
            request=request(user(text)),
            rule=by,
            is_matched=by is not None and by is not UNKNOWN,
            status=200,
            outcome="completed",
        )
        self.exchanges.append(structs.replace(made, **more))
        return self.exchanges[-1]


@pytest.fixture
def run() -> Run:
    return Run()


def expecting(
    *when: Condition, name: str = "pay", exactly: int | None = None, **more: object
) -> Rule:
    expect = structs.replace(Expectation(exactly), **more)
    return structs.replace(rule(*when, name=name), expect=expect)


def whys(found: Report) -> list[str]:
    return [each.why for checked in found.expectations for each in checked.shortfalls]


def test_expectation_is_met(run: Run) -> None:
    pay = expecting(contains("pay"), exactly=2)
    asked = [run.ask("pay", pay), run.ask("pay now", pay)]

    found = report(run.exchanges, ruleset(rules=(pay,)))

    (checked,) = found.expectations
    assert (checked.rule, checked.exchanges, checked.shortfalls) == (pay, tuple(asked), ())
    assert (found.has_failed, found.has_warnings) == (False, False)


@pytest.mark.parametrize(
    ("expectation", "count", "words"),
    [
        (Expectation(exactly=2), 1, "expected exactly 2 requests, got 1"),
        (Expectation(exactly=1), 2, "expected exactly 1 request, got 2"),
        (Expectation(at_least=2), 1, "expected at least 2 requests, got 1"),
        (Expectation(at_most=1), 2, "expected at most 1 request, got 2"),
        (Expectation(at_least=2, at_most=3), 4, "expected 2 to 3 requests, got 4"),
        (Expectation(), 0, "expected at least 1 request, got 0"),
        (Expectation(at_most=2), 0, None),
        (Expectation(exactly=0), 0, None),
        (Expectation(at_least=1, at_most=3), 3, None),
    ],
)
def test_requests_are_counted(
    run: Run, expectation: Expectation, count: int, words: str | None
) -> None:
    pay = structs.replace(rule(contains("pay")), expect=expectation)
    for _ in range(count):
        run.ask("pay", pay)

    found = report(run.exchanges, ruleset(rules=(pay,)))

    assert whys(found) == ([words] if words else [])
    assert found.has_failed is bool(words)


def test_rule_that_a_reload_made_anew_is_the_same(run: Run) -> None:
    pay = expecting(contains("pay"), exactly=1)
    run.ask("pay", structs.replace(pay, when=(contains("old"),)))

    assert not report(run.exchanges, ruleset(rules=(pay,))).has_failed


def test_rule_comes_after_another_in_each_session(run: Run) -> None:
    log_in, pay = rule(name="log-in"), expecting(after_rule="log-in")
    early = run.ask("pay", pay)
    run.ask("log in", log_in)
    run.ask("pay", pay)
    other = run.ask("pay", pay, session="b")

    found = report(run.exchanges, ruleset(rules=(log_in, pay)))

    assert whys(found) == ["rule 'log-in' was not used before it"] * 2
    assert [each.exchange for each in found.expectations[0].shortfalls] == [early, other]


def test_each_request_meets_conditions(run: Run) -> None:
    pay = expecting(each=(SYSTEM,))
    run.ask("pay", pay, request=request(system("be terse"), user("pay")))
    bad = run.ask("pay", pay, request=request(system("be long"), user("pay")))

    found = report(run.exchanges, ruleset(rules=(pay,)))

    assert whys(found) == ["system_contains: wanted 'terse', got 'be long'"]
    assert found.expectations[0].shortfalls[0].exchange == bad


def test_condition_on_the_state_sees_that_of_then(run: Run) -> None:
    pay = expecting(each=(NameIs("state", (glob("ready"),)),))
    run.ask("pay", pay, state="ready")
    run.ask("pay", pay, state="start")

    assert whys(report(run.exchanges, ruleset(rules=(pay,)))) == [
        "state: wanted 'ready', got 'start'"
    ]


def test_one_of_several_inputs_that_meets_conditions_will_do(run: Run) -> None:
    inputs = ((Text("cat"),), (Text("dog"),))
    run.ask("x", request=structs.replace(request(), inputs=inputs))

    for needle, count in (("dog", 1), ("cow", 0)):
        found = answer(run.exchanges, Question((contains(needle),), Expectation(count)))
        assert not found.has_failed


def test_question_is_answered_by_what_was_asked_whoever_answered(run: Run) -> None:
    pay = rule(contains("pay"))
    run.ask("pay 3", pay)
    run.ask("pay 4", UNKNOWN)
    run.ask("nothing", pay)
    run.ask("pay", request=None)

    found = answer(run.exchanges, Question((contains("pay"),), Expectation(1)))

    assert whys(found) == ["expected exactly 1 request, got 2"]
    assert [each.id for each in found.expectations[0].exchanges] == ["id0", "id1"]
    assert (found.verdicts, found.unmatched, found.unused) == ((), (), ())


def rules_of(*rules: Rule) -> Ruleset:
    return ruleset({"hello": "Hi.", "bye": "Bye."}, rules=rules)


def test_unused_rules_and_responses_are_told(run: Run) -> None:
    used, unused, may_stay = rule(name="used"), rule(name="unused"), expecting(exactly=0)
    found = rules_of(used, unused, may_stay)
    run.ask("x", used)
    run.ask("hello", found.answers["hello"])

    assert [each.name for each in report(run.exchanges, found).unused] == ["unused", "bye"]


def test_what_nothing_matched_is_told(run: Run) -> None:
    answered = run.ask("pya", UNKNOWN)
    refused = run.ask("pya", error=NoMatch("none"), status=404)
    run.ask("pya", error=ValueError("another"), status=400)
    run.ask("pya", request=None)
    run.ask("pay", rule())

    found = report(run.exchanges, rules_of())

    assert found.unmatched == (answered, refused)
    assert [unmatched_level(each) for each in found.unmatched] == ["warning", "error"]
    assert (found.has_failed, found.has_warnings) == (True, True)


def test_unknown_response_is_a_warning_only(run: Run) -> None:
    run.ask("pya", UNKNOWN)

    found = report(run.exchanges, rules_of())

    assert (found.has_failed, found.has_warnings) == (False, True)


def test_warnings_of_requests_are_told(run: Run) -> None:
    warned = run.ask("x", rule(), warnings=("odd",))

    found = report(run.exchanges, rules_of())

    assert (found.warned, found.has_failed, found.has_warnings) == ((warned,), False, True)


def test_verdicts_may_be_ignored(run: Run) -> None:
    run.ask("x", rule(), status=500)

    assert [each.name for each in report(run.exchanges, rules_of()).verdicts] == ["gave_up"]
    assert report(run.exchanges, rules_of(), ["gave_up"]).verdicts == ()


def test_error_among_verdicts_fails(run: Run) -> None:
    for _ in range(2):
        run.ask("x", rule(), status=401)

    assert report(run.exchanges, rules_of()).has_failed


def test_requests_are_ordered_by_when_they_began(run: Run) -> None:
    late, early = run.ask("x", received_at_s=9.0), run.ask("x", received_at_s=3.0)

    assert report(run.exchanges, rules_of()).exchanges == (early, late)


@pytest.mark.parametrize(
    ("expectation", "words"),
    [
        (Expectation(), "at least 1"),
        (Expectation(2), "exactly 2"),
        (Expectation(at_least=2, at_most=2), "exactly 2"),
        (Expectation(at_most=2, after_rule="a"), "at most 2, after 'a'"),
        (Expectation(at_least=1, at_most=2), "1 to 2"),
        (Expectation(3, each=(SYSTEM,)), "exactly 3, each with system_contains"),
    ],
)
def test_expectation_is_told_in_words(expectation: Expectation, words: str) -> None:
    assert str(expectation) == words
