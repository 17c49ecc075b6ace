"""Faults that are sent while the server runs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mockllm.config.build_when import build_when
from mockllm.config.outage import OutageText, read_outage
from mockllm.core.conditions import Condition
from mockllm.core.faults import After, Fault
from mockllm.core.rules import Chaos
from tests.config.documents import line_of, root_of


def taken(content: Any, normalized: bool = False) -> OutageText:
    """Return what a body asks for, in which nothing is wrong."""
    found, problems = read_outage(json.dumps(content).encode(), normalized)
    assert problems == ()
    assert found is not None
    return found


def lines(content: str | bytes) -> list[str]:
    """Return what is wrong with a body, of which nothing is taken."""
    found, problems = read_outage(content.encode() if isinstance(content, str) else content)
    assert found is None
    return list(map(line_of, problems))


def when(text: str) -> tuple[Condition, ...]:
    return build_when(root_of(text), normalized=False)


def test_fault_is_everyone_s_for_ten_minutes() -> None:
    found = taken({"faults": [{"error": "overloaded"}]})

    (entry,) = found.faults
    assert entry.fault == Fault("overloaded")
    assert (found.session, found.ttl_s) == ("", 600.0)


def test_session_and_time_are_taken() -> None:
    found = taken({"faults": [{"fault": "reset"}], "session": 7, "ttl": "90s"})

    assert (found.session, found.ttl_s) == ("7", 90.0)


def test_entries_are_those_of_chaos() -> None:
    (entry,) = taken({
        "faults": [{
            "when": {"contains": "weather"},
            "probability": "5%",
            "fault": {"kind": "truncate", "after": "3 chunks"},
            "from": "1s",
            "for": "2s",
        }]
    }).faults  # fmt: skip

    assert entry == Chaos(
        Fault("truncate", After(3.0, "chunks")),
        when("{contains: weather}"),
        0.05,
        1.0,
        2.0,
        entry.identity,
    )


def test_entries_alike_are_told_apart() -> None:
    first, second = taken({"faults": [{"error": "server"}, {"error": "server"}]}).faults

    assert first.identity != second.identity


def test_conditions_compare_as_the_settings_say() -> None:
    body = {"faults": [{"error": "server", "when": {"equals": "HELLO"}}]}

    exact, normalized = taken(body).faults[0], taken(body, normalized=True).faults[0]

    assert exact.when != normalized.when


def test_yaml_is_taken_too() -> None:
    found, _ = read_outage(b"faults: [error: server]\nttl: 5m\n")

    assert found is not None
    assert found.ttl_s == 300.0


@pytest.mark.parametrize("message", ["\N{GRINNING FACE}!", "é", "a/b", 'say "no"', r"\ud83d\ude00"])
def test_json_s_escapes_are_read(message: str) -> None:
    (entry,) = taken({"faults": [{"error": {"kind": "server", "message": message}}]}).faults

    assert entry.fault.message == message


def test_half_a_character_is_located() -> None:
    (line,) = lines('{"faults": [{"error": {"kind": "server", "message": "\\ud83d"}}]}')

    assert line.startswith("1:56 error MOCK001 ")


def test_nothing_at_all_heals_at_once() -> None:
    assert taken({"faults": [], "ttl": "0s"}) == OutageText((), "", 0.0)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(
            '{"faults": [{"error": "overladed"}]}',
            ["1:23 error MOCK006 'overladed' is no kind of error; did you mean 'overloaded'?"],
            id="error",
        ),
        pytest.param(
            '{"faults": [\n  {"fault": {"kind": "html", "after": "50%"}}]}',
            [
                "2:30 error MOCK031 'after' does not go with html; it goes with reset, truncate,"
                " stall, error_event, malformed_frame, half_frame, split_utf8, duplicate_frames,"
                " reorder_frames"
            ],
            id="fault",
        ),
        pytest.param(
            '{"faults": [{}]}',
            [
                "1:13 error MOCK019 an entry of chaos says nothing;"
                " give it exactly one of error, fault"
            ],
            id="nothing",
        ),
        pytest.param(
            '{"faults": ["server", {"error": "server"}]}',
            ["1:13 error MOCK005 a chaos takes a mapping, not the text 'server'"],
            id="text",
        ),
        pytest.param(
            '{"ttl": "5m"}', ["1:1 error MOCK004 'faults' is missing here; write faults: ..."],
            id="missing",
        ),
        pytest.param(
            '{"fault": [], "ttl": 5}',
            [
                "1:2 error MOCK003 unknown key 'fault' here;"
                " it belongs in a reply or under 'defaults'",
                "1:22 error MOCK006 'ttl': 5 is not a duration; write a number and a unit,"
                " such as 5s",
            ],
            id="key",
        ),
        pytest.param(
            '{"faults": {"error": "server"}}',
            ["1:12 error MOCK005 'faults' takes a list, not a mapping"],
            id="no-list",
        ),
        pytest.param(
            '{"faults": [], "ttl": "8d"}',
            ["1:23 error MOCK006 'ttl': the text '8d' is longer than 7d"],
            id="ttl",
        ),
        pytest.param(
            b"\xff", ["1:1 error MOCK008 byte 0xff is not UTF-8; save the file as UTF-8"],
            id="bytes",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_located_in_the_body(content: str | bytes, expected: list[str]) -> None:
    assert lines(content) == expected


def test_syntax_error_is_located_in_the_body() -> None:
    (line,) = lines('{"faults":\n  [{"error": "server"}\n')

    assert line.startswith("2:3 error MOCK001 ")


@pytest.mark.parametrize("session", ['""', "null"])
def test_session_is_named(session: str) -> None:
    (line,) = lines(f'{{"faults": [], "session": {session}}}')

    assert line.startswith("1:27 error MOCK007 'session' is empty")


@pytest.mark.parametrize("content", ["", "[]", "faults", "~"])
def test_body_is_a_mapping(content: str) -> None:
    assert lines(content) == [
        "1:1 error MOCK010 a mapping is needed;"
        ' for example: {"faults": [{"error": "overloaded"}], "ttl": "5m"}'
    ]


def test_warning_does_not_stand_in_the_way() -> None:
    found, problems = read_outage(b"faults: [{error: server, when: {contains: yes}}]")

    assert found is not None
    assert [problem.level for problem in problems] == ["warning"]
