"""Several workers remember as one."""

from __future__ import annotations

import json
import os
import signal
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.sockets.client import CHAT, Answer, body, poll, request
from tests.sockets.server import GUNICORN, PRELOAD, START, Launch, Server, run_to_end, running

pytestmark = pytest.mark.sockets

# gunicorn may lose the signal to stop while a worker still starts.
SOON = ("--graceful-timeout", "2")
RULES = """\
rules:
  - {name: sequence, when: {equals: next}, replies: [one, two, three, four]}
  - {name: some, when: {equals: some}, times: 50, reply: "yes"}
  - {name: pay, when: {equals: pay}, goto: paid, reply: "Thank you."}
  - {name: paid, when: {equals: state, state: paid}, reply: "Paid."}
responses: {hello: Hi.}
defaults: {unknown_response: "no"}
"""
LIMITED = """\
responses: {hello: Hi., long: "a b c d e f g h i j k l m n o p"}
settings: {limits: [{per: session, %s}]}
"""
NAMED = "settings: {state: {sqlite: kept.sqlite}}\n"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "served" / "responses.yml"
    file.parent.mkdir()
    file.write_text(RULES)
    return file


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """The folder in which a server makes its private one."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


def left_in(temporary: Path) -> list[Path]:
    return list(temporary.glob("mockllm-state-*"))


@contextmanager
def serving(
    launch: Launch, source: Path, temporary: Path, workers: int = 2
) -> Iterator[tuple[Server, list[int]]]:
    """Start a server; yield it with the process ids of its workers when all are there."""
    launch = launch(*SOON)._replace(environ={**launch.environ, "TMPDIR": str(temporary)})
    with running(launch, source) as server:
        yield server, poll(lambda: children(server.pid), lambda pids: len(pids) == workers)


def children(pid: int) -> list[int]:
    return list(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


@contextmanager
def alone(worker: int, workers: list[int]) -> Iterator[None]:
    """Let one worker answer: the others stand still."""
    others = [pid for pid in workers if pid != worker]
    for pid in others:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in others:
            os.kill(pid, signal.SIGCONT)


def post(server: Server, path: str, content: dict[str, Any]) -> Answer:
    return server.client.post(path, json.dumps(content).encode())


SHARING = {
    "gunicorn": (GUNICORN("--workers", "2"), 2),
    "preload": (PRELOAD("--workers", "2"), 2),
    "start": (START("--workers", "3"), 3),
    "concurrency": (START._replace(environ={"WEB_CONCURRENCY": "4"}), 4),
    "stock-worker": (GUNICORN("--workers", "2", "-k", "gevent"), 2),
    "threads": (GUNICORN("--workers", "2", "-k", "gthread", "--threads", "4"), 2),
}


@pytest.mark.parametrize(("launch", "workers"), SHARING.values(), ids=SHARING)
def test_a_sequence_goes_on_whichever_worker_answers(
    launch: Launch, workers: int, source: Path, temporary: Path
) -> None:
    answers = []
    with serving(launch, source, temporary, workers) as (server, pids):
        for pid in pids:
            with alone(pid, pids):
                answers.append(server.client.ask("next"))
        modes = [stat.S_IMODE(folder.stat().st_mode) for folder in left_in(temporary)]
        server.terminate()
        code = server.exit_code()

    assert answers == ["one", "two", "three", "four"][:workers]
    assert modes == [0o700]
    assert (code, left_in(temporary)) == (0, [])


def test_no_count_is_lost_or_given_twice(source: Path, temporary: Path) -> None:
    launch = GUNICORN("--workers", "4")
    with (
        serving(launch, source, temporary, 4) as (server, _),
        ThreadPoolExecutor(8) as threads,
    ):
        answers = list(threads.map(server.client.ask, ["some"] * 200))

    assert answers.count("yes") == 50


def test_a_state_and_a_forgotten_session_are_everywhere(source: Path, temporary: Path) -> None:
    with serving(GUNICORN("--workers", "2"), source, temporary) as (server, (one, other)):
        both = [one, other]
        with alone(one, both):
            server.client.ask("pay")
            server.client.ask("next")
        with alone(other, both):
            before = [server.client.ask("state"), server.client.ask("next")]
            with server.client.connection() as connection:
                gone = request(connection, "DELETE", "/_mockllm/sessions/default").json()
        with alone(one, both):
            after = [server.client.ask("state"), server.client.ask("next")]

    assert before == ["Paid.", "two"]
    assert gone == {"session": "default", "forgotten": True}
    assert after == ["no", "one"]


def test_what_is_set_in_one_worker_holds_in_the_other(source: Path, temporary: Path) -> None:
    rules = b'{"rules": [{"when": {"equals": "hello"}, "reply": "Sent."}]}'
    faults = b'{"faults": [{"error": "overloaded"}]}'
    with serving(GUNICORN("--workers", "2"), source, temporary) as (server, (one, other)):
        both = [one, other]
        with alone(one, both):
            set_there(server, "/_mockllm/rules", rules)
        with alone(other, both):
            said = server.client.ask("hello")
            set_there(server, "/_mockllm/faults", faults)
        with alone(one, both):
            status = server.client.post(CHAT, body("hello")).status

    assert (said, status) == ("Sent.", 503)


def test_the_journal_has_the_requests_of_all_workers(source: Path, temporary: Path) -> None:
    with serving(GUNICORN("--workers", "2"), source, temporary) as (server, pids):
        for prompt, pid in zip(("one", "two"), pids, strict=True):
            with alone(pid, pids):
                server.client.ask(prompt)
        for pid in pids:
            with alone(pid, pids):
                listed = json.loads(server.client.get("/_mockllm/requests").body)
                verified = json.loads(post(server, "/_mockllm/verify", {}).body)
            assert [each["prompt"] for each in listed["requests"]] == ["two", "one"]
            assert verified["requests"] == 2


def test_a_request_is_in_the_journal_before_its_last_byte(source: Path, temporary: Path) -> None:
    with serving(GUNICORN("--workers", "4"), source, temporary, 4) as (server, _):

        def ask(number: int) -> list[str]:
            server.client.ask(f"prompt {number}")
            listed = server.client.get(f"/_mockllm/requests?text=prompt+{number}").body
            return [each["prompt"] for each in json.loads(listed)["requests"]]

        with ThreadPoolExecutor(8) as threads:
            found = list(threads.map(ask, range(100, 200)))

    assert found == [[f"prompt {number}"] for number in range(100, 200)]


def set_there(server: Server, path: str, content: bytes) -> None:
    with server.client.connection() as connection:
        assert request(connection, "PUT", path, content).status == 200


def test_limits_are_of_all_workers(source: Path, temporary: Path) -> None:
    source.write_text(LIMITED % "requests: 2/h")
    statuses = []
    with serving(GUNICORN("--workers", "2"), source, temporary) as (server, (one, other)):
        for pid in (one, other, one):
            with alone(pid, [one, other]):
                statuses.append(server.client.post(CHAT, body("hello")).status)

    assert statuses == [200, 200, 429]


def test_answers_under_way_are_counted_in_all_workers_and_not_in_killed_ones(
    source: Path, temporary: Path
) -> None:
    source.write_text(LIMITED % "concurrent: 1" + "defaults: {timing: {rate: 1 word/s}}\n")
    with serving(GUNICORN("--workers", "2"), source, temporary) as (server, (one, other)):
        with alone(one, [one, other]):
            stream = server.client.stream("long")
            response = stream.__enter__()
            response.readline()
        with alone(other, [one, other]):
            meanwhile = server.client.post(CHAT, body("hello")).status
            os.kill(one, signal.SIGKILL)
        poll(lambda: children(server.pid), lambda pids: len(pids) == 2 and one not in pids)
        afterwards = server.client.post(CHAT, body("hello")).status
        response.close()

    assert (meanwhile, afterwards) == (429, 200)


def test_what_is_stored_is_found_by_the_other_worker(source: Path, temporary: Path) -> None:
    asked = {"model": "m", "input": "hello"}
    with serving(GUNICORN("--workers", "2"), source, temporary) as (server, (one, other)):
        both = [one, other]
        with alone(one, both):
            response = post(server, "/v1/responses", asked).json()
            chat = json.loads(body("hello")) | {"store": True}
            completion = post(server, CHAT, chat).json()
        with alone(other, both):
            found = server.client.get(f"/v1/responses/{response['id']}")
            listed = server.client.get("/v1/chat/completions").json()["data"]
            going_on = asked | {"previous_response_id": response["id"]}
            continued = post(server, "/v1/responses", going_on)
        with alone(one, both):
            second = server.client.get(f"/v1/responses/{continued.json()['id']}/input_items")

    assert (found.status, found.json()["output"]) == (200, response["output"])
    assert [each["id"] for each in listed] == [completion["id"]]
    assert (continued.status, second.status) == (200, 200)


def test_a_worker_that_is_started_anew_remembers(source: Path, temporary: Path) -> None:
    with serving(GUNICORN("--workers", "2"), source, temporary) as (server, pids):
        first = server.client.ask("next")
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        poll(lambda: children(server.pid), lambda now: len(now) == 2 and not {*now} & {*pids})

        assert (first, server.client.ask("next")) == ("one", "two")


def test_one_worker_makes_no_file(source: Path, temporary: Path) -> None:
    with serving(GUNICORN, source, temporary, 1) as (server, _):
        server.client.ask("next")

        assert left_in(temporary) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_a_named_file_is_kept(workers: int, source: Path, temporary: Path) -> None:
    source.write_text(RULES + NAMED)
    launch = START("--workers", str(workers))
    with serving(launch, source, temporary, workers) as (server, _):
        before = server.client.ask("next"), server.client.ask("next")
        server.terminate()
        server.exit_code()
    with serving(launch, source, temporary, workers) as (server, _):
        after = server.client.ask("next")

    assert (*before, after) == ("one", "two", "three")
    assert source.with_name("kept.sqlite").exists()
    assert left_in(temporary) == []


@pytest.mark.parametrize("options", [(), ("--preload",)], ids=["workers", "preload"])
def test_a_named_file_that_cannot_be_is_refused(options: tuple[str, ...], source: Path) -> None:
    source.write_text(RULES + NAMED)
    source.with_name("kept.sqlite").write_text("no database " * 100)

    ended = run_to_end(START("--workers", "2", *options), source)

    assert ended.exit_code == 2
    assert "error MOCK008 the file of settings.state cannot be used: " in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_file_of_a_killed_server_is_removed_by_the_next(source: Path, temporary: Path) -> None:
    launch = GUNICORN("--workers", "2")
    with serving(launch, source, temporary) as (server, pids):
        (stale,) = left_in(temporary)
        for pid in (server.pid, *pids):
            os.kill(pid, signal.SIGKILL)
        server.exit_code()
        poll(lambda: [pid for pid in pids if is_running(pid)], lambda alive: not alive)
    with serving(launch, source, temporary):
        (made,) = left_in(temporary)

    assert made != stale


def is_running(pid: int) -> bool:
    """Return whether a process is there and has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
