"""From valid documents to a ruleset."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockllm.config.build import build, rule_nodes
from mockllm.config.document import section_of
from mockllm.core.compose import UNKNOWN_RESPONSE
from mockllm.core.conditions import Always, Condition, FlagIs, NameIs, TextIs, glob
from mockllm.core.model import ChatReply, ErrorReply, Text, joined_text
from mockllm.core.problems import Location
from mockllm.core.rules import DEFAULT_MAX_BODY_BYTES, Canned, Recipe, Rule, Ruleset, Settings
from tests.config.documents import FILE, document


def ruleset_of(*texts: str) -> Ruleset:
    return build([document(text, f"{number}.yml") for number, text in enumerate(texts, 1)])


def reply_of(rule: Rule) -> ChatReply:
    """Return the one answer of a rule, which is the same for everybody."""
    (recipe,) = rule.recipes
    assert isinstance(recipe.making, Canned)
    assert isinstance(recipe.making.reply, ChatReply)
    return recipe.making.reply


def text_of(rule: Rule) -> str:
    return joined_text(reply_of(rule).parts)


def test_answer_has_its_prompt_place_and_text() -> None:
    ruleset = build([document("responses:\n  hello: Hi.\n")])

    rule = ruleset.answers["hello"]

    assert (rule.name, rule.location, text_of(rule)) == ("hello", Location(FILE, 2, 3), "Hi.")


def test_answer_is_counted_at_load() -> None:
    rule = ruleset_of("responses: {hello: Hi there.}").answers["hello"]

    assert reply_of(rule).usage.output_tokens > 0


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

    assert reply_of(ruleset.answers["hello"]).parts == (Text("Hi,\n  you.\n"),)


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
        ("match_limit: 1KB", Settings(match_limit=1_024)),
        ("session_by: api_key", Settings(session_by="api_key")),
        ("require_session: true", Settings(require_session=True)),
        ("strict: on", Settings(strict=True)),
        ("echo_prompts: true", Settings(echo_prompts=True)),
        ("auto_tools: yes", Settings(auto_tools=True)),
        ("cors: no", Settings(cors=False)),
        ("prefixes: [/a, /b/c/, /a/]", Settings(prefixes=("/b/c", "/a"))),
        ("state: {sqlite: 'a b.sqlite'}", Settings(state_file="a b.sqlite")),
        ("state: {sqlite: 7}", Settings(state_file="7")),
        ("state: {sqlite: /tmp/a}", Settings(state_file="/tmp/a")),
        ("openai_extras: [vllm, groq]", Settings(openai_extras=("vllm", "groq"))),
    ],
)
def test_setting_is_taken(setting: str, expected: Settings) -> None:
    assert ruleset_of(f"settings: {{{setting}}}").settings == expected


def test_settings_of_all_files_are_there() -> None:
    ruleset = ruleset_of("settings: {seed: 7}", "settings: {match: normalized}")

    assert ruleset.settings == Settings(seed=7, match="normalized")


def test_file_of_state_is_relative_to_its_yaml_and_the_first_is_taken() -> None:
    texts = ("{}", "settings: {state: {sqlite: a.sqlite}}", "settings: {state: {sqlite: b.sqlite}}")
    documents = [document(text, f"{number}/r.yml") for number, text in enumerate(texts, 1)]

    assert build(documents).settings.state_file == str(Path("2", "a.sqlite"))


def test_no_documents_make_an_empty_ruleset() -> None:
    assert build([]).answers == {}


def rule_of(rule: str, settings: str = "{}") -> Rule:
    """Return the rule that `{...}` makes."""
    (found,) = ruleset_of(f"rules: [{rule}]\nsettings: {settings}").rules
    return found


def texts_of(rule: Rule) -> list[str]:
    """Return the text of each answer of a rule."""
    makings = [recipe.making for recipe in rule.recipes]
    return [
        joined_text(making.reply.parts)
        for making in makings
        if isinstance(making, Canned) and isinstance(making.reply, ChatReply)
    ]


def test_rule_has_its_name_place_conditions_and_answer() -> None:
    text = "rules:\n- name: greet\n  when: {contains: hello, stream: true}\n  reply: Hi.\n"

    (rule,) = build([document(text)]).rules

    assert (rule.name, rule.location) == ("greet", Location(FILE, 2, 3))
    assert rule.when == (TextIs("contains", "contains", ("hello",)), FlagIs(True))
    assert (rule.pick, texts_of(rule)) == ("one", ["Hi."])
    assert (rule.times, rule.goto, rule.when_exhausted) == (None, None, "repeat_last")


def test_rule_without_a_name_is_called_after_its_line() -> None:
    ruleset = ruleset_of(
        "rules:\n- {when: {contains: a}, reply: b}\n- when: {contains: a}\n  reply: b"
    )

    assert [rule.name for rule in ruleset.rules] == ["rule at line 2", "rule at line 3"]


@pytest.mark.parametrize("name", ["7", "yes", "1.10", "'a b'", "😀"])
def test_name_is_taken_as_written(name: str) -> None:
    rule = rule_of(f"{{name: {name}, when: {{contains: a}}, reply: b}}")

    assert (rule.name, rule.identity) == (name.strip("'"), f"name {name.strip(chr(39))}")


@pytest.mark.parametrize(
    ("choice", "pick", "texts"),
    [
        pytest.param("reply: b", "one", ["b"], id="reply"),
        pytest.param("reply: {text: b}", "one", ["b"], id="mapping"),
        pytest.param("replies: [b, {text: c}]", "in_order", ["b", "c"], id="replies"),
        pytest.param("steps: [b, {text: c}]", "by_step", ["b", "c"], id="steps"),
        pytest.param("one_of: [b, {text: c}]", "drawn", ["b", "c"], id="one_of"),
    ],
)
def test_choice_says_how_answers_are_picked(choice: str, pick: str, texts: list[str]) -> None:
    rule = rule_of(f"{{when: {{contains: a}}, {choice}}}")

    assert (rule.pick, texts_of(rule)) == (pick, texts)


def test_items_have_their_times_and_weights() -> None:
    replies = rule_of("{when: {contains: a}, replies: [{text: b, times: 3}, c]}")
    one_of = rule_of("{when: {contains: a}, one_of: [{text: b, weight: 0.5}, c]}")

    assert [recipe.times for recipe in replies.recipes] == [3, 1]
    assert [recipe.weight for recipe in one_of.recipes] == [0.5, 1.0]


@pytest.mark.parametrize("word", ["repeat_last", "loop", "next_rule", "fail"])
def test_what_follows_the_last_is_kept(word: str) -> None:
    rule = rule_of(f"{{when: {{contains: a}}, replies: [b], when_exhausted: {word}}}")

    assert rule.when_exhausted == word


@pytest.mark.parametrize(("written", "state"), [("paid", "paid"), ("7", "7"), ("yes", "yes")])
def test_times_and_goto_are_kept(written: str, state: str) -> None:
    rule = rule_of(f"{{when: {{contains: a}}, reply: b, times: 2, goto: {written}}}")

    assert (rule.times, rule.goto) == (2, state)


def test_rules_of_all_files_are_in_order() -> None:
    ruleset = ruleset_of(
        "rules: [{name: a, when: {always: true}, reply: x}]",
        "responses: {b: c}",
        "rules: [{name: d, when: {always: true}, reply: x}]",
    )

    assert [rule.name for rule in ruleset.rules] == ["a", "d"]
    assert [str(rule.location) for rule in ruleset.rules] == ["1.yml:1:9", "3.yml:1:9"]


def test_needles_are_normalized_where_any_file_says_so() -> None:
    ruleset = ruleset_of(
        "rules: [{when: {contains: A  B}, reply: c}]", "settings: {match: normalized}"
    )

    assert ruleset.rules[0].when == (TextIs("contains", "contains", ("a b",), ignores_case=True),)


def test_steps_under_a_prompt_are_picked_by_step() -> None:
    rule = ruleset_of("responses: {a: {steps: [b, {tool_calls: [{name: t}]}]}}").answers["a"]

    assert (rule.name, rule.pick, len(rule.recipes)) == ("a", "by_step", 2)
    assert (rule.identity, rule.location) == ("answer a", Location("1.yml", 1, 13))
    assert not rule.yields_to_results


@pytest.mark.parametrize("reply", ["{error: server}", "{error: {status: 500}}"])
def test_unknown_response_may_be_an_error(reply: str) -> None:
    (recipe,) = ruleset_of(f"defaults: {{unknown_response: {reply}}}").unknown.recipes

    assert isinstance(recipe.making, Canned)
    assert isinstance(recipe.making.reply, ErrorReply)


def test_answer_of_the_first_file_with_a_default_is_the_unknown_response() -> None:
    ruleset = ruleset_of("defaults: {}", "defaults: {unknown_response: a}")

    assert text_of(ruleset.unknown) == "a"


@pytest.mark.parametrize(
    ("reply", "yields"),
    [
        pytest.param("{tool_calls: [{name: t}]}", True, id="calls"),
        pytest.param("{tool_calls: [{name: t}, {name: u}]}", True, id="several"),
        pytest.param("{tool_calls: [{name: t}], render: true}", True, id="rendered"),
        pytest.param("{parts: [{tool_call: {name: t}}]}", True, id="part"),
        pytest.param("{text: a, tool_calls: [{name: t}]}", False, id="text-and-calls"),
        pytest.param("{template: a, tool_calls: [{name: t}]}", False, id="template-and-calls"),
        pytest.param("{parts: [a, {tool_call: {name: t}}]}", False, id="text-and-part"),
        pytest.param("{text: a}", False, id="text"),
        pytest.param("{text: a, render: true}", False, id="template"),
        pytest.param("{error: server}", False, id="error"),
        pytest.param("{echo: true}", False, id="echo"),
        pytest.param("{auto: true}", False, id="auto"),
        pytest.param("a", False, id="scalar"),
    ],
)
def test_lone_tool_calls_yield_to_results(reply: str, yields: bool) -> None:
    answer = ruleset_of(f"responses: {{a: {reply}}}").answers["a"]
    rule = rule_of(f"{{when: {{contains: a}}, reply: {reply}}}")

    assert (answer.yields_to_results, rule.yields_to_results) == (yields, yields)


@pytest.mark.parametrize(
    ("rule", "yields"),
    [
        pytest.param("when: {tool_result: t}, reply: ", False, id="tool_result"),
        pytest.param("when: {step: 2}, reply: ", False, id="step"),
        pytest.param("when: {contains: a, step: 1+}, reply: ", False, id="step-among-others"),
        pytest.param("when: {turn: 1}, reply: ", True, id="turn"),
        pytest.param("when: {always: true}, reply: ", True, id="always"),
        pytest.param(
            "when: {tool_result_contains: sun}, reply: ", False, id="tool_result_contains"
        ),
    ],
)
def test_rule_that_asks_for_the_step_does_not_yield(rule: str, yields: bool) -> None:
    found = rule_of(f"{{{rule}{{tool_calls: [{{name: t}}]}}}}")

    assert found.yields_to_results == yields


@pytest.mark.parametrize("choice", ["replies", "steps", "one_of"])
def test_sequences_do_not_yield(choice: str) -> None:
    rule = rule_of(f"{{when: {{contains: a}}, {choice}: [{{tool_calls: [{{name: t}}]}}]}}")

    assert not rule.yields_to_results


def test_identity_is_kept_when_a_rule_moves_and_changes_with_what_it_says() -> None:
    one, two = "{when: {contains: a}, reply: b}", "{when: {contains: c}, reply: d}"
    before = ruleset_of(f"rules: [{one}]").rules
    after = ruleset_of(f"rules:\n- {two}\n- {one}\n").rules

    assert after[1].identity == before[0].identity
    assert after[0].identity != before[0].identity


def test_rules_that_say_the_same_have_their_own_identities() -> None:
    same = "{when: {contains: a}, reply: b}"

    ruleset = ruleset_of(f"rules: [{same}, {same}]", f"rules: [{same}]")

    assert len({rule.identity for rule in ruleset.rules}) == 3


def test_name_is_the_identity_whatever_the_rule_says() -> None:
    rules = [rule_of(f"{{name: n, when: {{contains: a}}, reply: {each}}}") for each in "bc"]

    assert {rule.identity for rule in rules} == {"name n"}


@pytest.mark.parametrize(
    ("rule", "uses"),
    [
        pytest.param("{when: {contains: a}, reply: b}", False, id="neither"),
        pytest.param("{when: {model: a, session: b}, reply: b}", False, id="names"),
        pytest.param("{when: {contains: a}, reply: b, goto: c}", True, id="goto"),
        pytest.param("{when: {state: a}, reply: b}", True, id="state"),
        pytest.param("{when: {contains: a, not: {state: a}}, reply: b}", True, id="not"),
        pytest.param("{when: {contains: a, not: {model: a}}, reply: b}", False, id="not-names"),
    ],
)
def test_ruleset_knows_whether_state_is_read(rule: str, uses: bool) -> None:
    assert ruleset_of(f"rules: [{rule}]").uses_state == uses


@pytest.mark.parametrize(
    ("when", "condition"),
    [("always: true", Always()), ("model: 'gpt*'", NameIs("model", (glob("gpt*"),)))],
)
def test_when_becomes_conditions(when: str, condition: Condition) -> None:
    assert rule_of(f"{{when: {{{when}}}, reply: a}}").when == (condition,)


def test_recipes_of_answers_have_their_extras() -> None:
    rule = ruleset_of("responses: {a: {text: b, finish: length, headers: {x-a: c}}}").answers["a"]

    assert rule.recipes == (
        Recipe(Canned(reply_of(rule)), finish="length", headers=(("x-a", "c"),)),
    )


@pytest.mark.parametrize("text", ["x-a: b", "responses: [a]", "responses: a"])
def test_section_that_is_no_mapping_is_empty(text: str) -> None:
    assert section_of(document(text), "responses") == {}


@pytest.mark.parametrize(
    ("text", "count"), [("x-a: b", 0), ("rules: a", 0), ("rules: [a, {}, [b], {c: d}]", 2)]
)
def test_rule_nodes_are_mappings(text: str, count: int) -> None:
    assert len(list(rule_nodes(document(text)))) == count
