"""Timings, faults and limits that cannot be."""

from __future__ import annotations

import pytest

from mockllm.config.check_delivery import profiles_that_exist
from mockllm.core.timing import BUILT_IN
from tests.config.documents import document, line_of, lines_of

HOLDERS = [
    pytest.param("responses: {{a: {{text: b, fault: {}}}}}", 33, id="reply"),
    pytest.param("rules: [{{when: {{turn: 1}}, reply: {{text: b, fault: {}}}}}]", 51, id="rule"),
    pytest.param("defaults: {{fault: {}}}", 19, id="defaults"),
    pytest.param("settings: {{chaos: [{{fault: {}}}]}}", 28, id="chaos"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "column"), HOLDERS)
def test_kind_of_fault_that_there_is_not_is_located(text: str, column: int) -> None:
    assert lines_of(text.format("trunkate")) == [
        f"1:{column} error MOCK031 'trunkate' is no kind of fault; did you mean 'truncate'?"
    ]


@pytest.mark.parametrize(("text", "column"), HOLDERS)
def test_what_does_not_go_with_a_fault_is_located(text: str, column: int) -> None:
    assert lines_of(text.format("{kind: hang, status: 502}")) == [
        f"1:{column + 13} error MOCK031 'status' does not go with hang; it goes with rate_limit,"
        " overloaded, auth, permission, not_found, invalid, context_length, content_filter,"
        " server, html"
    ]


@pytest.mark.parametrize(("text", "column"), HOLDERS)
@pytest.mark.parametrize(
    "fault",
    [
        "reset",
        "{kind: stall, after: 50%, for: 7d}",
        "rate_limit",
        "{kind: rate_limit, retry_after: 30d}",
    ],
)
def test_fault_that_can_be_is_taken(text: str, column: int, fault: str) -> None:
    assert lines_of(text.format(fault)) == []


def test_kind_near_no_other_is_looked_up() -> None:
    assert lines_of("defaults: {fault: x}") == [
        "1:19 error MOCK031 'x' is no kind of fault; docs/faults.md lists the kinds"
    ]


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        ("~", "1:19 error MOCK007 'fault' is empty"),
        ("{}", "1:19 error MOCK004 'kind' is missing in 'fault'; write kind: ..."),
        ("{kind: [reset]}", "1:26 error MOCK005 'kind' takes text, not a list"),
        ("[reset]", "1:19 error MOCK005 'fault' takes text or a mapping, not a list"),
    ],
)
def test_wrong_shape_has_one_problem(fault: str, line: str) -> None:
    assert lines_of(f"defaults: {{fault: {fault}}}") == [line]


@pytest.mark.parametrize("fault", ["reset", "{kind: reset}"])
def test_error_has_no_fault_besides(fault: str) -> None:
    assert lines_of(f"responses: {{a: {{error: server, fault: {fault}}}}}") == [
        "1:39 error MOCK031 an error has no fault besides; leave out one of the two"
    ]


@pytest.mark.parametrize(
    ("entry", "says"),
    [("{}", "nothing"), ("{error: server, fault: reset}", "error and fault")],
)
def test_entry_of_chaos_does_one_thing(entry: str, says: str) -> None:
    assert lines_of(f"settings: {{chaos: [{entry}]}}") == [
        f"1:20 error MOCK019 an entry of chaos says {says};"
        " give it exactly one of error, fault"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        pytest.param(
            "{chaos: [{eror: server}]}",
            "1:21 error MOCK003 unknown key 'eror' in 'chaos'; did you mean 'error'?",
            id="chaos",
        ),
        pytest.param(
            "{limits: [{per: model, request: 1/s}]}",
            "1:34 error MOCK003 unknown key 'request' in 'limits'; did you mean 'requests'?",
            id="limit",
        ),
    ],
)
def test_misspelt_key_explains_what_is_missing(settings: str, line: str) -> None:
    assert lines_of(f"settings: {settings}") == [line]


@pytest.mark.parametrize("settings", ["{chaos: [a]}", "{limits: [a]}", "{chaos: a}", "{limits: a}"])
def test_wrong_shape_of_settings_has_one_problem(settings: str) -> None:
    (line,) = lines_of(f"settings: {settings}")

    assert " error MOCK005 " in line


@pytest.mark.parametrize("key", ["requests: 60/m", "tokens: 90k/m", "concurrent: 3"])
def test_limit_on_anything_is_taken(key: str) -> None:
    assert lines_of(f"settings: {{limits: [{{per: session, {key}}}]}}") == []


def test_limit_on_nothing_is_located() -> None:
    assert lines_of("settings: {limits: [{per: model}]}") == [
        "1:21 error MOCK032 a limit that limits nothing;"
        " give it requests or tokens or concurrent"
    ]  # fmt: skip


def percentiles(text: str) -> list[str]:
    """Return what is wrong with the percentiles of a profile; their mapping stands at 1:40."""
    return lines_of(f"settings: {{profiles: {{m: {{first_token: {text}}}}}}}")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("{}", "1:40 error MOCK033 percentiles without one; write {p50: 300ms, p95: 900ms}"),
        (
            "{p50: 0s, p95: 1s}",
            "1:46 error MOCK033 this percentile is not above zero;"
            " a higher percentile takes longer",
        ),
        (
            "{p95: 1s, p50: 1s}",
            "1:46 error MOCK033 this percentile is not longer than the one before;"
            " a higher percentile takes longer",
        ),
        (
            "{p99: 3s, p99.9: 2s, p50: 4s}",
            "1:46 error MOCK033 this percentile is not longer than the one before;"
            " a higher percentile takes longer",
        ),
        (
            "{p50: 1, p95: 1s}",
            "1:46 error MOCK006 'p50': 1 is not a duration; write a number and a unit, such as 1s",
        ),
    ],
)  # fmt: skip
def test_percentile_that_cannot_be_is_located(text: str, line: str) -> None:
    assert percentiles(text) == [line]


@pytest.mark.parametrize("name", ["p51", "p", "50", "p1.2.3", "p²", "median"])
def test_unknown_percentile_is_located(name: str) -> None:
    (line,) = percentiles(f"{{{name}: 1s}}")

    assert line.startswith(f"1:41 error MOCK003 unknown key '{name}' in percentiles; ")


@pytest.mark.parametrize("text", ["1s", "0s", "{p50: 1s}", "{p99.9: 3s, p1: 1ms, p50: 1s}"])
def test_percentiles_that_rise_are_taken(text: str) -> None:
    assert percentiles(text) == []


@pytest.mark.parametrize(
    ("text", "column"),
    [
        pytest.param("responses: {a: {text: b, timing: fsat}}", 34, id="reply"),
        pytest.param("responses: {a: {text: b, timing: {profile: fsat}}}", 44, id="mapping"),
        pytest.param("defaults: {timing: fsat}", 20, id="defaults"),
        pytest.param("settings: {models: [{name: m, timing: fsat}]}", 39, id="model"),
        pytest.param("settings: {profiles: {m: {profile: fsat}}}", 36, id="profile"),
    ],
)
def test_profile_that_there_is_not_is_located(text: str, column: int) -> None:
    assert list(map(line_of, profiles_that_exist([document(text)]))) == [
        f"1:{column} error MOCK034 there is no profile 'fsat'; did you mean 'fast'?"
    ]


def test_profile_near_no_other_names_all() -> None:
    (problem,) = profiles_that_exist([
        document("settings: {profiles: {mine: {}}}\ndefaults: {timing: x}")
    ])  # fmt: skip

    assert problem.hint == f"there are mine, {', '.join(BUILT_IN)}"


def test_profile_may_stand_in_another_file() -> None:
    documents = [
        document("defaults: {timing: mine}", "one.yml"),
        document("settings: {profiles: {mine: {profile: fast}}}", "two.yml"),
        document("settings: {profiles: {other: {profile: fast}}}", "three.yml"),
    ]

    assert list(profiles_that_exist(documents)) == []


def test_profiles_that_go_round_are_located() -> None:
    text = "settings: {profiles: {a: {profile: b}, b: {profile: a}, c: {profile: fast}}}"

    assert list(map(line_of, profiles_that_exist([document(text)]))) == [
        "1:36 error MOCK034 the profile 'b' changes itself; let it begin with another one",
        "1:53 error MOCK034 the profile 'a' changes itself; let it begin with another one",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "defaults: {timing: ~}",
        "defaults: a",
        "settings: {profiles: [a]}",
        "settings: {profiles: {a: fast, b: {profile: a}}}",
        "settings: {profiles: {a: {profile: b}, b: {profile: ~}}}",
        "rules: [{when: {contains: profile, params: {timing: fsat}}, reply: a}]",
    ],
)
def test_what_names_no_profile_is_left_to_others(text: str) -> None:
    assert list(profiles_that_exist([document(text)])) == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "defaults: {timing: {jitter: 20}}",
            "1:29 error MOCK006 'jitter': 20 is not a share from 0% to 100%, such as 20%",
        ),
        (
            "defaults: {timing: {jitter: 200}}",
            "1:29 error MOCK006 'jitter': 200 is not a share from 0% to 100%, such as 20%",
        ),
        (
            "defaults: {timing: {rate: 50}}",
            "1:27 error MOCK006 'rate': 50 is not a rate; write tokens/s, words/s or"
            " characters/s, such as 50 tokens/s",
        ),
        (
            "defaults: {timing: {rate: fast}}",
            "1:27 error MOCK006 'rate': fast is not a rate; write tokens/s, words/s or"
            " characters/s, such as 60 tokens/s",
        ),
        (
            "defaults: {fault: {kind: reset, after: 3}}",
            "1:40 error MOCK006 'after': 3 is not a place in an answer; write a share, a number"
            " of chunks or a time, such as 3 chunks",
        ),
        (
            "settings: {limits: [{per: model, requests: 90}]}",
            "1:44 error MOCK006 'requests': 90 is not a number in a time; write s, m, h or d,"
            " such as 90/m",
        ),
        (
            "defaults: {fault: {kind: stall, for: 8d}}",
            "1:38 error MOCK006 'for': 8d is longer than 7d",
        ),
        ("defaults: {timing: {jitter: ~}}", "1:29 error MOCK007 'jitter' is empty"),
        ("defaults: {timing: {first_token: ~}}", "1:34 error MOCK007 'first_token' is empty"),
    ],
)
def test_bare_number_is_told_its_unit(text: str, line: str) -> None:
    assert lines_of(text) == [line]
