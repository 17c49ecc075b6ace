"""Where faults come from: rule, header, URL, session, run time, chaos; and which goes first."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.clock import FakeClock
from tests.conftest import MakeApp, runtime_of
from tests.contract.every_case import CHATS

OPENAI = CHATS["openai.chat"]


def post(app: Flask, prompt: str = "p", path: str = OPENAI.path, **headers: str) -> TestResponse:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": prompt}]}
    return app.test_client().post(path, json=body, headers=sent, buffered=True)


def set_faults(app: Flask, *faults: Any, **more: Any) -> TestResponse:
    return app.test_client().put("/_mockllm/faults", json={"faults": list(faults), **more})


def statuses(app: Flask, count: int, prompt: str = "p", **headers: str) -> list[int]:
    return [post(app, prompt, **headers).status_code for _ in range(count)]


EVERY_SOURCE = """\
settings:
  chaos:
    - {when: {contains: p}, error: {status: 500, kind: server}}
defaults: {fault: overloaded, unknown_response: hi}
responses:
  "rule": {text: hi, fault: {kind: not_found}}
  "plain": hi
"""


def test_header_goes_before_url_session_rule_run_time_and_settings(make_app: MakeApp) -> None:
    app = make_app(EVERY_SOURCE)
    set_faults(app, {"error": "permission"})
    set_faults(app, {"error": "auth"}, session="s")
    url, s = "/f/invalid" + OPENAI.path, {"X_Mockllm_Session": "s"}

    assert post(app, "rule", url, **s, X_Mockllm_Fault="rate_limit").status_code == 429
    assert post(app, "rule", url, **s).status_code == 400
    assert post(app, "rule", **s).status_code == 401
    assert post(app, "rule").status_code == 404
    assert post(app, "plain").status_code == 403
    app.test_client().delete("/_mockllm/faults")
    assert post(app, "plain").status_code == 500
    assert post(app, "another").status_code == 503


def test_url_of_a_session_may_stand_beside_that_of_a_fault(make_app: MakeApp) -> None:
    app = make_app("rules: [{when: {contains: p}, replies: [one, two]}]")

    assert post(app, path="/s/a/f/overloaded/v1/chat/completions").status_code == 503
    assert post(app, path="/f/overloaded;retry_after=2s/s/a/chat/completions").status_code == 503
    answers = [post(app, path=f"/s/a{OPENAI.path}").json for _ in range(2)]
    assert [OPENAI.text(answer or {}) for answer in answers] == ["one", "two"]


def test_error_from_outside_counts_no_answer_of_a_rule(make_app: MakeApp) -> None:
    app = make_app("rules: [{when: {contains: p}, replies: [one, two]}]")

    post(app, X_Mockllm_Fault="server")

    assert OPENAI.text(post(app).json or {}) == "one"


def test_fault_that_there_is_not_is_told(make_app: MakeApp) -> None:
    app = make_app("responses: {}")

    by_header = post(app, X_Mockllm_Fault="truncated")
    by_url = post(app, path=f"/f/truncated{OPENAI.path}")

    assert [by_header.status_code, by_url.status_code] == [400, 400]
    assert "the header x-mockllm-fault asks: there is no fault 'truncated'" in by_header.text
    assert "the URL asks: there is no fault 'truncated'" in by_url.text


def test_defaults_are_for_what_has_no_fault_of_its_own(make_app: MakeApp) -> None:
    app = make_app("defaults: {fault: {kind: html, status: 504}}\nresponses: {a: b}")

    assert post(app, "a").status_code == 504
    assert post(app, "unknown").status_code == 504


# Chaos


def test_chaos_hits_its_share(make_app: MakeApp) -> None:
    app = make_app("settings: {seed: 3, chaos: [{probability: 25%, error: overloaded}]}")

    found = statuses(app, 400)

    assert set(found) == {200, 503}
    assert 70 <= found.count(503) <= 130


def test_run_is_repeated_with_the_same_seed_and_a_retry_draws_anew(make_app: MakeApp) -> None:
    text = "settings: {seed: 3, chaos: [{probability: 50%, error: overloaded}]}"

    runs = [statuses(make_app(text), 30) for _ in range(2)]

    assert runs[0] == runs[1]
    assert len(set(runs[0])) == 2


def test_first_entry_that_hits_counts(make_app: MakeApp) -> None:
    app = make_app(
        "settings: {chaos: [{when: {contains: a}, error: auth}, {error: rate_limit},"
        " {error: server}]}"
    )

    assert post(app, "a").status_code == 401
    assert post(app, "b").status_code == 429


def test_window_begins_when_the_entry_was_first_loaded(
    make_app: MakeApp, clock: FakeClock, tmp_path: Path
) -> None:
    entry = "{error: overloaded, from: 30s, for: 60s}"
    app = make_app(f"settings: {{chaos: [{entry}]}}")
    file, live = tmp_path / "responses.yml", runtime_of(app).live

    def status_at(seconds: float) -> int:
        clock.now_s = 100 + seconds
        return post(app).status_code

    assert [status_at(29), status_at(30), status_at(89)] == [200, 503, 503]
    file.write_text(f"settings: {{chaos: [{entry}]}}\nresponses: {{a: b}}")
    live.reload()  # the entry is unchanged, and so is its window
    assert [status_at(89.5), status_at(90)] == [503, 200]
    file.write_text("responses: {a: b}")
    live.reload()
    file.write_text(f"settings: {{chaos: [{entry}]}}")
    live.reload()  # it was gone, and begins anew
    assert [status_at(119), status_at(121)] == [200, 503]


# Run time


def test_outage_heals_by_itself(make_app: MakeApp, clock: FakeClock) -> None:
    app = make_app("responses: {p: hi}")

    answer: Any = set_faults(app, {"error": "overloaded"}, ttl="90s").json

    assert answer["heals_in_s"] == 90
    assert answer["faults"] == [{"kind": "overloaded"}]
    assert post(app).status_code == 503
    clock.now_s += 89
    assert post(app).status_code == 503
    clock.now_s += 1
    assert post(app).status_code == 200
    assert app.test_client().get("/_mockllm/faults").json == {"faults": []}


def test_outage_of_a_session_is_nobody_else_s(make_app: MakeApp) -> None:
    app = make_app("responses: {p: hi}")

    set_faults(app, {"fault": "html"}, session="a")

    assert post(app, X_Mockllm_Session="a").status_code == 502
    assert post(app, X_Mockllm_Session="b").status_code == 200
    assert post(app).status_code == 200


def test_outage_outlives_a_reload(make_app: MakeApp) -> None:
    app = make_app("responses: {p: hi}")
    set_faults(app, {"error": "overloaded"})

    runtime_of(app).live.reload()

    assert post(app).status_code == 503


def test_outage_may_be_for_some_requests_for_some_of_the_time(
    make_app: MakeApp, clock: FakeClock
) -> None:
    app = make_app("responses: {p: hi}")
    set_faults(app, {"error": "overloaded", "when": {"contains": "p"}, "from": "5s", "for": "5s"})

    clock.now_s += 5
    assert [post(app, "p").status_code, post(app, "x").status_code] == [503, 200]
    clock.now_s += 5
    assert post(app, "p").status_code == 200


def test_invalid_outage_changes_nothing_and_says_where(make_app: MakeApp) -> None:
    app = make_app("responses: {p: hi}")
    set_faults(app, {"error": "overloaded"})

    response = app.test_client().put(
        "/_mockllm/faults", data=b'{"ttl": "soon",\n "faults": [{"fault": "resett"}]}'
    )

    assert response.status_code == 400
    body: Any = response.json
    found = [(each["line"], each["column"], each["code"]) for each in body["problems"]]
    assert found == [(1, 9, "MOCK006"), (2, 23, "MOCK031")]
    assert body["problems"][1]["hint"] == "did you mean 'reset'?"
    assert post(app).status_code == 503


# What is recorded


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("truncate", "fault: truncate (header)"),
        ("server", "fault: server (header)"),
        ("empty_answer", "fault: empty_answer (header)"),
        ("reset; after=100%", "fault: reset (header)"),
    ],
)
def test_console_says_what_went_wrong_on_purpose(
    fault: str, said: str, make_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app("responses: {p: hello}")
    with caplog.at_level("INFO", "mockllm.requests"), suppress(ConnectionResetError):
        post(app, X_Mockllm_Fault=fault)

    assert said in caplog.text


def test_fault_whose_place_is_never_reached_is_a_warning(
    make_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app("responses: {p: hello}")
    body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "p"}]}
    with caplog.at_level("INFO", "mockllm.requests"):
        response = app.test_client().post(
            OPENAI.path,
            json=body,
            headers={"X-Mockllm-Fault": "truncate; after=99 chunks"},
            buffered=True,
        )

    assert response.data.endswith(b"[DONE]\n\n")
    assert "warning: the fault truncate did not happen" in caplog.text
