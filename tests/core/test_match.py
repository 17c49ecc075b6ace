"""Which rules match, in which order, and why the nearest ones do not."""

from __future__ import annotations

import pytest
from msgspec import structs

from mockllm.core.conditions import Always, Condition, NameIs, TextIs, TextMatches, glob
from mockllm.core.match import Match, match_rule, matching
from mockllm.core.near import near_misses, text_difference
from mockllm.core.regex import compile_regex
from mockllm.core.rules import Rule, Ruleset
from mockllm.core.subject import Subject
from tests.core.builders import (
    call,
    contains,
    request,
    result,
    rule,
    ruleset,
    subject_of,
    user,
)

RULES = {"what is 2+2?": "4", "hello": "hi"}
AFTER_RESULT = request(user("hello"), call("f"), result("sunny"))


def names(found: Ruleset, subject: Subject) -> list[str]:
    return [match.rule.name for match in matching(found, subject)]


@pytest.mark.parametrize("prompt", ["Hello", "hello ", " hello", "hell"])
def test_exact_means_exact(prompt: str) -> None:
    assert names(ruleset(RULES), subject_of(prompt)) == []


@pytest.mark.parametrize("prompt", ["Hello", " hello\n", "HELLO"])
def test_normalized_ignores_case_and_white_space(prompt: str) -> None:
    assert names(ruleset(RULES, "normalized"), subject_of(prompt)) == ["hello"]


def test_last_part_alone_may_match_and_is_the_matched_text() -> None:
    subject = subject_of(request(user("<context>", "hello")))

    (found,) = matching(ruleset(RULES), subject)

    assert (found.rule.name, found.text) == ("hello", "hello")


def test_rules_come_in_order_and_before_answers() -> None:
    rules = (
        rule(contains("hell"), name="first"),
        rule(contains("never"), name="not"),
        rule(Always(), name="second"),
    )

    assert names(ruleset(RULES, rules=rules), subject_of("hello")) == ["first", "second", "hello"]


def test_request_without_a_prompt_matches_rules_that_do_not_ask_for_one() -> None:
    rules = (rule(contains("hell"), name="text"), rule(Always(), name="always"))

    assert names(ruleset(RULES, rules=rules), subject_of(request())) == ["always"]


def test_all_text_conditions_hold_on_the_same_text() -> None:
    both = rule(contains("context"), TextMatches((compile_regex("^hello"),)))
    subject = subject_of(request(user("context", "hello")))

    assert match_rule(both, subject) is None


def test_rule_matches_on_the_first_text_that_fits() -> None:
    found = match_rule(rule(contains("hello")), subject_of(request(user("context", "hello"))))

    assert found is not None
    assert found.text == "context\nhello"


def test_rule_that_yields_to_results_is_passed_over_after_one() -> None:
    lone = structs.replace(rule(contains("hello")), yields_to_results=True)

    assert match_rule(lone, subject_of("hello")) is not None
    assert match_rule(lone, subject_of(AFTER_RESULT)) is None


def test_answer_that_yields_to_results_is_passed_over_after_one() -> None:
    found = ruleset(RULES)
    lone = structs.replace(found.answers["hello"], yields_to_results=True)
    found = structs.replace(found, answers={"hello": lone}, normalized={"hello": lone})

    assert names(found, subject_of("hello")) == ["hello"]
    assert names(found, subject_of(AFTER_RESULT)) == []


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("my name is Zoë", {"0": "my name is Zoë", "1": "Zoë", "name": "Zoë"}),
        ("nameless", {}),
        (None, {}),
    ],
)
def test_groups_are_those_of_the_regex(text: str | None, groups: dict[str, str]) -> None:
    regex = TextMatches((compile_regex(r"my name is (?P<name>\pL+)"),))

    assert Match(rule(contains("n"), regex), text).groups == groups


def test_rule_without_a_regex_has_no_groups() -> None:
    assert Match(rule(contains("n")), "n").groups == {}


@pytest.mark.parametrize(
    ("wanted", "actual", "difference"),
    [
        ("hello", "Hello", ("'hello' (case counts)", "'Hello'")),
        ("hello", "hello ", ("'hello'", "white space at the end")),
        ("hello", "\nhello", ("'hello'", "white space at the start")),
        ("hello\n", "hello", ("white space at the end", "none")),
        ("\nhello", "hello", ("white space at the start", "none")),
        (
            "what is 2+2?",
            "What  is 2+2?",
            ("'what is 2+2?'", "another case, white space or Unicode form"),
        ),
        ("what is 2+2?", "what is 2+3?", ("'2?' at character 11", "'3?'")),
        ("hello", "hell", ("'o' at character 5", "the end")),
        ("hell", "hello", ("the end at character 5", "'o'")),
        ("x" * 30, "y" * 30, (f"'{'x' * 12}…' at character 1", f"'{'y' * 12}…'")),
        ("straße", "strasse", ("'ße' (case counts)", "'sse'")),
    ],
)
def test_first_difference_of_two_texts(
    wanted: str, actual: str, difference: tuple[str, str]
) -> None:
    assert text_difference(wanted, actual) == difference


@pytest.mark.parametrize("prompt", ["Hello", "hello ", "HELLO", "helllo", "hello there"])
def test_nearest_answer_is_found(prompt: str) -> None:
    (near,) = near_misses(ruleset(RULES), subject_of(prompt))

    assert near.rule.name == "hello"
    assert near.mismatch.key == "prompt"
    assert near.mismatch.quotes_request


def test_last_part_alone_may_come_near() -> None:
    (near,) = near_misses(ruleset(RULES), subject_of(request(user("x" * 90, "Hello"))))

    assert near.rule.name == "hello"


def test_last_part_alone_may_resemble_an_answer() -> None:
    (near,) = near_misses(ruleset(RULES), subject_of(request(user("x" * 90, "helllo"))))

    assert near.rule.name == "hello"


@pytest.mark.parametrize("prompt", ["zzzz", ""])
def test_nothing_near_is_nothing(prompt: str) -> None:
    assert near_misses(ruleset(RULES), subject_of(prompt)) == []


def test_request_without_a_prompt_comes_near_no_answer() -> None:
    assert near_misses(ruleset(RULES), subject_of(request())) == []


def test_rules_come_nearest_by_the_share_of_conditions_that_hold() -> None:
    openai, gpt, claude = (
        NameIs("provider", (glob("openai"),)),
        NameIs("model", (glob("gpt-*"),)),
        NameIs("model", (glob("claude-*"),)),
    )
    rules = (
        rule(openai, claude, name="half"),
        rule(openai, gpt, contains("zebra"), name="two thirds"),
        rule(claude, contains("zebra"), name="nothing"),
        rule(contains("yak"), name="the only one"),
    )

    misses = near_misses(ruleset(rules=rules), subject_of("hello"), most=4)

    assert [(miss.rule.name, miss.mismatch.key) for miss in misses] == [
        ("two thirds", "contains"),
        ("half", "model"),
        ("the only one", "contains"),
    ]


def test_at_most_so_many_near_misses() -> None:
    rules = tuple(rule(contains(f"needle {number}"), name=str(number)) for number in range(9))

    misses = near_misses(ruleset(rules=rules), subject_of("hello"))

    assert [miss.rule.name for miss in misses] == ["0", "1", "2"]


def test_rule_that_matches_is_no_near_miss() -> None:
    assert near_misses(ruleset(rules=(rule(Always()),)), subject_of("hello")) == []


def test_rule_without_conditions_is_no_near_miss() -> None:
    assert near_misses(ruleset(rules=(rule(),)), subject_of("hello")) == []


def test_rule_that_yields_to_a_result_says_so() -> None:
    lone = structs.replace(rule(contains("hello")), yields_to_results=True)

    (near,) = near_misses(ruleset(rules=(lone,)), subject_of(AFTER_RESULT))

    assert str(near.mismatch) == (
        "reply: wanted no tool result as the newest message, got a tool result"
    )


def test_answer_that_yields_to_a_result_says_so() -> None:
    found = ruleset({"hello": "hi"})
    lone = structs.replace(found.answers["hello"], yields_to_results=True)
    found = structs.replace(found, answers={"hello": lone}, normalized={"hello": lone})

    (near,) = near_misses(found, subject_of(AFTER_RESULT))

    assert str(near.mismatch) == (
        "reply: wanted no tool result as the newest message, got a tool result"
    )


def test_very_long_prompt_is_compared_by_its_beginning() -> None:
    long = "tell me a story " * 1_000
    subject = subject_of(request(user(long + "then")))

    misses = near_misses(ruleset({long + "now": "ok"}), subject)

    assert [miss.rule.name for miss in misses] == [long + "now"]


def test_prompt_that_would_match_normalized_is_told_so() -> None:
    (near,) = near_misses(ruleset(RULES), subject_of("Hello"))

    assert (
        near.mismatch.wanted
        == "'hello' (case counts), which settings.match: normalized would match"
    )


def starts_with(needle: str) -> TextIs:
    return TextIs("starts_with", "starts_with", (needle,))


def nearest(*rules: Rule, prompt: str = "what is the weather in Paris?") -> str:
    return near_misses(ruleset(rules=rules), subject_of(prompt))[0].rule.name


@pytest.mark.parametrize(
    "condition",
    [
        pytest.param(contains("wether"), id="contains"),
        pytest.param(contains("zebra", "wether"), id="any"),
        pytest.param(contains("WEATHRE"), id="case"),
        pytest.param(TextIs("contains_all", "contains", ("Paris", "wether"), True), id="all"),
        pytest.param(starts_with("wat is the"), id="starts_with"),
        pytest.param(TextIs("ends_with", "ends_with", ("in Pariss?",)), id="ends_with"),
        pytest.param(TextIs("equals", "equals", ("what is the wether in Pari",)), id="equals"),
        pytest.param(TextMatches((compile_regex("wether +in"),)), id="regex"),
        pytest.param(TextMatches((compile_regex("(?i)WETHER +in"),)), id="regex-without-case"),
    ],
)
def test_misspelt_text_is_nearer_than_another_model(condition: Condition) -> None:
    other = rule(NameIs("provider", (glob("openai"),)), NameIs("model", (glob("x"),)), name="other")

    assert nearest(other, rule(condition, name="near")) == "near"


def test_text_that_holds_beside_another_model_is_nearest() -> None:
    model = NameIs("model", (glob("x"),))
    holding = rule(contains("weather"), model, name="model")

    assert nearest(rule(contains("wether"), name="misspelt"), holding) == "model"


def test_nearer_text_comes_first() -> None:
    assert nearest(
        rule(contains("whethre"), name="far"), rule(contains("weathr"), name="near")
    ) == ("near")


@pytest.mark.parametrize("needle", ["wth", "zebra", ""])
def test_text_that_is_short_or_not_there_is_not_near(needle: str) -> None:
    other = rule(NameIs("provider", (glob("openai"),)), NameIs("model", (glob("x"),)), name="other")
    condition = starts_with(needle) if needle else TextMatches((compile_regex("[0-9]"),))

    assert nearest(rule(condition, name="text"), other) == "other"


def test_ends_of_a_long_prompt_are_looked_at() -> None:
    prompt = f"what is the weather {'x' * 9_000} thank you"
    rules = (rule(contains("zebra"), name="zebra"), rule(contains("thnak you"), name="end"))

    assert nearest(*rules, prompt=prompt) == "end"
    assert nearest(rules[0], rule(contains("wether"), name="start"), prompt=prompt) == "start"


def test_only_so_many_texts_are_compared() -> None:
    many = rule(contains(*(f"{number:04} zebras" for number in range(1_000))), name="many")

    assert nearest(many, rule(contains("wether"), name="near")) == "many"


@pytest.mark.parametrize("normalized", [False, True])
def test_condition_that_would_hold_normalized_is_told_so(normalized: bool) -> None:
    needle = "zebra" if normalized else "WEATHER"
    condition = TextIs("contains", "contains", (needle,), ignores_case=normalized)

    (near,) = near_misses(ruleset(rules=(rule(condition),)), subject_of("what weather"))

    hint = "" if normalized else ", which settings.match: normalized would match"
    assert near.mismatch.wanted == f"'{needle}'{hint}"


def test_long_texts_are_not_normalized_for_a_hint() -> None:
    (near,) = near_misses(ruleset(rules=(rule(contains("A" * 10_000)),)), subject_of("aaaa"))

    assert "normalized" not in near.mismatch.wanted
