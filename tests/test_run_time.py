"""What is set in one process holds in all before the call returns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from mockllm.app import create_app
from mockllm.state import control
from tests.clock import FakeClock
from tests.conftest import runtime_of
from tests.contract.every_case import CHATS

OPENAI = CHATS["openai.chat"]
RULE = {"name": "sunny", "when": {"contains": "weather"}, "reply": "Sunny."}


@pytest.fixture
def apps(tmp_path: Path, clock: FakeClock) -> Iterator[list[Flask]]:
    """Three applications as three workers are: each with the same files and the same state."""
    file = tmp_path / "responses.yml"
    file.write_text("settings: {state: {sqlite: state.sqlite}}\nresponses: {weather: Rain.}")
    made = [create_app(file, clock) for _ in range(3)]
    yield made
    for app in made:
        runtime_of(app).stop()


def ask(app: Flask, session: str = "", prompt: str = "weather") -> str:
    headers = {"X-Mockllm-Session": session} if session else {}
    response = app.test_client().post(OPENAI.path, json=OPENAI.body(prompt), headers=headers)
    found: Any = response.json
    return OPENAI.text(found) if response.status_code == 200 else str(response.status_code)


def clients(apps: list[Flask]) -> list[FlaskClient]:
    return [app.test_client() for app in apps]


def test_rule_holds_everywhere(apps: list[Flask]) -> None:
    first, second, third = clients(apps)

    first.post("/_mockllm/rules", json={"rules": [RULE]})
    assert [ask(app) for app in apps] == ["Sunny."] * 3
    second.post("/_mockllm/rules", json={"rules": [{**RULE, "name": "b", "reply": "Snow."}]})
    assert [ask(app) for app in apps] == ["Snow."] * 3
    listed: Any = third.get("/_mockllm/rules").json
    assert [rule["name"] for rule in listed["rules"]] == ["b", "sunny"]
    third.delete("/_mockllm/rules?name=b")
    assert [ask(app) for app in apps] == ["Sunny."] * 3
    first.delete("/_mockllm/rules")
    assert [ask(app) for app in apps] == ["Rain."] * 3


def test_names_of_calls_never_meet(apps: list[Flask]) -> None:
    sent: list[Any] = [
        client.post("/_mockllm/rules", json={"rules": [RULE]}).json for client in clients(apps)
    ]

    assert len({each["rules"][0]["id"] for each in sent}) == 3


def test_rule_of_a_session_holds_there_and_is_forgotten_everywhere(apps: list[Flask]) -> None:
    clients(apps)[0].put("/_mockllm/rules", json={"rules": [RULE], "session": "a"})

    assert [ask(app, "a") for app in apps] == ["Sunny."] * 3
    assert [ask(app, "b") for app in apps] == ["Rain."] * 3
    clients(apps)[1].delete("/_mockllm/sessions/a")
    assert [ask(app, "a") for app in apps] == ["Rain."] * 3


def test_rule_counts_once_whichever_process_answers(apps: list[Flask]) -> None:
    rule = {"when": {"contains": "weather"}, "replies": ["one", "two", "three"]}
    clients(apps)[0].put("/_mockllm/rules", json={"rules": [rule], "session": "a"})

    assert [ask(app, "a") for app in apps] == ["one", "two", "three"]


def test_rule_expires_everywhere(apps: list[Flask], clock: FakeClock) -> None:
    clients(apps)[0].put("/_mockllm/rules", json={"rules": [RULE], "ttl": "1m"})
    assert ask(apps[1]) == "Sunny."

    clock.now_s += 60

    assert [ask(app) for app in apps] == ["Rain."] * 3


def test_fault_holds_everywhere_and_heals_everywhere(apps: list[Flask], clock: FakeClock) -> None:
    first, second, _ = clients(apps)
    first.put("/_mockllm/faults", json={"faults": [{"error": "overloaded"}], "ttl": "1m"})
    second.put("/_mockllm/faults", json={"faults": [{"error": "auth"}], "session": "a"})

    assert [ask(app) for app in apps] == ["503"] * 3
    assert [ask(app, "a") for app in apps] == ["401"] * 3
    second.delete("/_mockllm/faults?session=a")
    assert [ask(app, "a") for app in apps] == ["503"] * 3
    clock.now_s += 60
    assert [ask(app) for app in apps] == ["Rain."] * 3


def test_what_cannot_be_taken_changes_nothing_anywhere(
    apps: list[Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mockllm.state.run_time_rules.MAX_RULES", 1)
    first = clients(apps)[0]
    first.post("/_mockllm/rules", json={"rules": [RULE]})

    refused = first.post("/_mockllm/rules", json={"rules": [{**RULE, "reply": "Snow."}]})

    assert refused.status_code == 409
    assert [ask(app) for app in apps] == ["Sunny."] * 3


def test_process_that_starts_later_knows_it_too(
    apps: list[Flask], tmp_path: Path, clock: FakeClock
) -> None:
    clients(apps)[0].post("/_mockllm/rules", json={"rules": [RULE]})

    late = create_app(tmp_path / "responses.yml", clock)

    assert ask(late) == "Sunny."
    runtime_of(late).stop()


def test_process_that_has_missed_very_much_takes_all_anew(
    apps: list[Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "_KEPT_VERSIONS", 3)
    first, second, _ = clients(apps)
    second.put("/_mockllm/rules", json={"rules": [RULE], "session": "gone"})
    assert ask(apps[2], "gone") == "Sunny."
    first.delete("/_mockllm/rules?session=gone")
    for number in range(9):
        first.put("/_mockllm/rules", json={"rules": [RULE], "session": f"s{number}"})

    assert ask(apps[2], "gone") == "Rain."
    assert ask(apps[2], "s8") == "Sunny."


def test_every_request_is_in_the_one_journal(apps: list[Flask]) -> None:
    for number, app in enumerate(apps):
        ask(app, prompt=f"prompt {number}")

    for client in clients(apps):
        listed: Any = client.get("/_mockllm/requests").json
        assert [each["prompt"] for each in listed["requests"]] == [
            "prompt 2",
            "prompt 1",
            "prompt 0",
        ]
        last = listed["requests"][0]
        assert client.get(f"/_mockllm/requests/{last['id']}").json == last
    clients(apps)[0].delete("/_mockllm/requests?text=prompt+1")
    assert clients(apps)[1].get("/_mockllm/requests").headers["X-Total-Count"] == "2"


@pytest.mark.parametrize("path", ["/%ff%fe", "/s/%ff%fe/v1/models", "/v1/x?key=%ff&a=%ff"])
def test_odd_request_is_in_the_journal_too(apps: list[Flask], path: str) -> None:
    first, second, _ = clients(apps)
    first.get(path, headers={"X-Odd": "\xff\x80"})

    listed: Any = second.get("/_mockllm/requests").json
    assert [each["headers"]["x-odd"] for each in listed["requests"]] == ["\xff\x80"]


def test_hits_are_those_of_all_processes(apps: list[Flask]) -> None:
    clients(apps)[0].post("/_mockllm/rules", json={"rules": [RULE]})
    for app in apps:
        ask(app)

    for client in clients(apps):
        listed: Any = client.get("/_mockllm/rules").json
        assert listed["rules"][0]["hits"] == 3


def test_verification_knows_what_all_processes_were_asked(apps: list[Flask]) -> None:
    rule = {**RULE, "expect": {"exactly": 2}}
    clients(apps)[0].post("/_mockllm/rules", json={"rules": [rule]})
    ask(apps[0])
    ask(apps[1])

    for client in clients(apps):
        found: Any = client.post("/_mockllm/verify").json
        assert [(each["rule"], each["met"]) for each in found["expectations"]] == [("sunny", True)]
    ask(apps[2])
    found = clients(apps)[0].post("/_mockllm/verify").json
    assert [each["met"] for each in found["expectations"]] == [False]


def test_chaos_begins_for_all_when_the_first_has_loaded_it(
    tmp_path: Path, clock: FakeClock
) -> None:
    file = tmp_path / "responses.yml"
    chaos = "chaos: [{fault: server, from: 60s, for: 60s}]"
    file.write_text(
        f"settings: {{state: {{sqlite: s.sqlite}}, {chaos}}}\nresponses: {{weather: Rain.}}"
    )
    made = [create_app(file, clock)]
    assert ask(made[0]) == "Rain."
    clock.now_s += 50
    made.append(create_app(file, clock))
    assert ask(made[1]) == "Rain."
    clock.now_s += 20

    assert [ask(app) for app in made] == ["500", "500"]
    for app in made:
        runtime_of(app).stop()
