"""Where the mappings of a document stand."""

from __future__ import annotations

import pytest

from mockllm.config.places import Place, places
from mockllm.config.source import Scalar
from tests.config.documents import root_of


def shown(place: Place) -> str:
    """Return the kind of a place, where its node stands, and the key that it stands under."""
    key = place.key.text if isinstance(place.key, Scalar) else ""
    item = " item" if place.is_item else ""
    return f"{place.node.line}:{place.node.column} {place.kind} {key}".rstrip() + item


def shown_of(text: str) -> list[str]:
    return list(map(shown, places(root_of(text))))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("responses: {a: b}", ["1:16 reply a item"], id="text"),
        pytest.param("responses: {a: {text: b}}", ["1:16 reply a item"], id="mapping"),
        pytest.param("responses: {a: [b]}", ["1:16 reply a item"], id="list"),
        pytest.param("responses: {a: ~}", ["1:16 reply a item"], id="nothing"),
        pytest.param(
            "responses: {a: b, c: d}", ["1:16 reply a item", "1:22 reply c item"], id="prompts"
        ),
        pytest.param(
            "responses: {a: {steps: [b, {text: c}, [d]]}}",
            [
                "1:16 steps a",
                "1:25 reply steps item",
                "1:28 reply steps item",
                "1:39 reply steps item",
            ],
            id="steps",
        ),
        pytest.param(
            "responses: {a: {text: b, timing: {first_token: {}, load: {}}, fault: {}}}",
            [
                "1:16 reply a item",
                "1:34 timing timing item",
                "1:48 percentiles first_token",
                "1:58 load load",
                "1:70 fault fault",
            ],
            id="delivery",
        ),
        pytest.param(
            "defaults: {timing: {load: a}, fault: reset}",
            ["1:20 timing timing item"],
            id="default-delivery",
        ),
        pytest.param("settings: {state: {sqlite: a}}", ["1:19 state state"], id="settings-state"),
        pytest.param("settings: {state: a}", [], id="settings-state-text"),
        pytest.param(
            "settings: {models: [a, {timing: {}}], profiles: {b: {}, c: d}}",
            [
                "1:21 model models item",
                "1:24 model models item",
                "1:33 timing timing item",
                "1:53 timing b item",
                "1:60 timing c item",
            ],
            id="timings-of-settings",
        ),
        pytest.param(
            "settings: {chaos: [a, {when: {not: {}}, error: {}, fault: {}}], limits: [b, {}]}",
            [
                "1:20 chaos chaos item",
                "1:23 chaos chaos item",
                "1:30 when when",
                "1:36 not not",
                "1:48 error error",
                "1:59 fault fault",
                "1:74 limit limits item",
                "1:77 limit limits item",
            ],
            id="chaos-and-limits",
        ),
        pytest.param("responses: {a: {steps: b}}", ["1:16 steps a"], id="steps-no-list"),
        pytest.param(
            "defaults: {unknown_response: a}", ["1:30 reply unknown_response"], id="default"
        ),
        pytest.param(
            "defaults: {unknown_response: {error: {kind: server}}}",
            ["1:30 reply unknown_response", "1:38 error error"],
            id="default-mapping",
        ),
        pytest.param(
            "rules: [a, ~, [b]]", [f"1:{n} rule item" for n in (9, 12, 15)], id="no-rules"
        ),
        pytest.param("rules: [{}]", ["1:9 rule item"], id="empty-rule"),
        pytest.param(
            "rules: [{when: {contains: a}, reply: b}]",
            ["1:9 rule item", "1:16 when when", "1:38 reply reply"],
            id="rule",
        ),
        pytest.param(
            "rules: [{when: a, reply: [b]}]",
            ["1:9 rule item", "1:16 when when", "1:26 reply reply"],
            id="wrong-rule",
        ),
        pytest.param(
            "rules: [{when: {not: {contains: a}}}]",
            ["1:9 rule item", "1:16 when when", "1:22 not not"],
            id="not",
        ),
        pytest.param(
            "rules: [{when: {not: {not: {contains: a}}}}]",
            ["1:9 rule item", "1:16 when when", "1:22 not not"],
            id="not-in-not",
        ),
        pytest.param(
            "rules: [{replies: [a, {text: b}]}]",
            ["1:9 rule item", "1:20 sequence item replies item", "1:23 sequence item replies item"],
            id="replies",
        ),
        pytest.param(
            "rules: [{one_of: [a, {text: b}]}]",
            ["1:9 rule item", "1:19 drawn item one_of item", "1:22 drawn item one_of item"],
            id="one_of",
        ),
        pytest.param(
            "rules: [{steps: [a]}]", ["1:9 rule item", "1:18 reply steps item"], id="rule-steps"
        ),
        pytest.param("rules: [{steps: a, one_of: {}}]", ["1:9 rule item"], id="choices-no-lists"),
        pytest.param(
            "responses: {a: {tool_calls: [{name: b}, c]}}",
            [
                "1:16 reply a item",
                "1:30 tool call tool_calls item",
                "1:41 tool call tool_calls item",
            ],
            id="tool-calls",
        ),
        pytest.param("responses: {a: {tool_calls: b}}", ["1:16 reply a item"], id="no-calls"),
        pytest.param(
            "responses: {a: {parts: [b, {text: c}, {tool_call: {name: d}}, {tool_call: e}, [f]]}}",
            [
                "1:16 reply a item",
                "1:25 part parts item",
                "1:28 part parts item",
                "1:39 part parts item",
                "1:51 tool call parts",
                "1:63 part parts item",
                "1:79 part parts item",
            ],
            id="parts",
        ),
        pytest.param(
            "responses: {a: {embedding: {}, moderation: {}, lorem: {}, usage: {}, error: {}}}",
            [
                "1:16 reply a item",
                "1:77 error error",
                "1:28 embedding embedding",
                "1:44 moderation moderation",
                "1:55 lorem lorem",
                "1:66 usage usage",
            ],
            id="mappings-inside",
        ),
        pytest.param(
            "responses: {a: {embedding: [1], error: server, lorem: 7}}",
            ["1:16 reply a item"],
            id="no-mappings-inside",
        ),
    ],
)
def test_places_are_found_in_order(text: str, expected: list[str]) -> None:
    assert shown_of(text) == expected


def test_rules_come_before_answers_and_the_default_last() -> None:
    text = "defaults: {unknown_response: a}\nresponses: {b: c}\nrules: [{reply: d}]\n"

    assert shown_of(text) == [
        "3:9 rule item",
        "3:17 reply reply",
        "2:16 reply b item",
        "1:30 reply unknown_response",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "x-a: b",
        "responses: [a]\nrules: {b: c}\ndefaults: d",
        "responses: a\nrules: b",
        "defaults: {a: b}",
        "settings: {seed: 7}",
        "responses: {}\nrules: []\n",
    ],
)
def test_wrong_and_empty_sections_hold_no_places(text: str) -> None:
    assert shown_of(text) == []


def test_place_reached_by_an_alias_is_where_its_anchor_is() -> None:
    assert shown_of("x-a: &a {text: b}\nresponses: {c: *a, d: *a}\n") == [
        "1:6 reply c item",
        "1:6 reply d item",
    ]
