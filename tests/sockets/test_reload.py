"""Edits are noticed under every way to serve, however they are made."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sockets.client import poll
from tests.sockets.server import FLASK, GUNICORN, PRELOAD, START, STOCK_WORKER, Server, running

pytestmark = pytest.mark.sockets

LAUNCHES = {
    "gunicorn": GUNICORN,
    "stock-worker": STOCK_WORKER,
    "preload": PRELOAD,
    "flask": FLASK,
}
LIST_FOR_ANSWER = 'responses:\n  "hello": [not, text]\n'

numbers = itertools.count(1)


def rules(answer: str) -> str:
    return f'responses:\n  "hello": "{answer}"\n'


def new_answer() -> str:
    """Return an answer unlike any before, always of the same length."""
    return f"answer {next(numbers):04}"


def write_in_place(file: Path, text: str) -> None:
    file.write_text(text)


def replace_atomically(file: Path, text: str) -> None:
    new = file.with_name(".new")
    new.write_text(text)
    new.replace(file)


def write_with_older_time(file: Path, text: str) -> None:
    before = file.stat()
    file.write_text(text)
    os.utime(file, (before.st_atime, before.st_mtime - 3600))


def swap_symlink(file: Path, text: str) -> None:
    """Change a file as Kubernetes does: `..data` is swapped, and the file is a link through it."""
    version = file.with_name(f"..{next(numbers)}")
    version.mkdir()
    (version / file.name).write_text(text)
    new = file.with_name("..new")
    new.symlink_to(version.name)
    new.replace(file.with_name("..data"))
    if not file.is_symlink():
        file.unlink()
        file.symlink_to(Path("..data", file.name))


def rename_over(file: Path, text: str) -> None:
    """Change a file as vim does: the old one is moved away, then the new one is written."""
    file.replace(file.with_name(f"{file.name}~"))
    file.write_text(text)


EDITS = (
    write_in_place,
    replace_atomically,
    write_with_older_time,
    swap_symlink,
    rename_over,
)


@pytest.fixture(scope="module", params=LAUNCHES)
def of_file(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server whose source is one file."""
    source = tmp_path_factory.mktemp("file") / "responses.yml"
    source.write_text(rules("first"))
    with running(LAUNCHES[request.param], source) as server:
        yield server


@pytest.fixture(scope="module", params=LAUNCHES)
def of_folder(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server whose source is a folder."""
    source = tmp_path_factory.mktemp("folder") / "responses"
    source.mkdir()
    (source / "one.yml").write_text(rules("first"))
    with running(LAUNCHES[request.param], source) as server:
        yield server


def expect(server: Server, answer: str, prompt: str = "hello") -> None:
    poll(lambda: server.client.ask(prompt), lambda found: found == answer)


def expect_status(server: Server, status: str) -> dict[str, Any]:
    return poll(lambda: server.health, lambda health: health["status"] == status)


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_file_answers(of_file: Server, edit: Callable[[Path, str], None]) -> None:
    replace_atomically(of_file.source, rules(before := new_answer()))
    expect(of_file, before)

    edit(of_file.source, rules(after := new_answer()))

    expect(of_file, after)


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_file_in_a_folder_answers(
    of_folder: Server, edit: Callable[[Path, str], None]
) -> None:
    file = of_folder.source / "one.yml"
    replace_atomically(file, rules(before := new_answer()))
    expect(of_folder, before)

    edit(file, rules(after := new_answer()))

    expect(of_folder, after)


def test_a_second_symlink_swap_answers(of_file: Server) -> None:
    swap_symlink(of_file.source, rules(before := new_answer()))
    expect(of_file, before)

    swap_symlink(of_file.source, rules(after := new_answer()))

    expect(of_file, after)


def test_a_second_symlink_swap_in_a_folder_answers(of_folder: Server) -> None:
    file = of_folder.source / "one.yml"
    swap_symlink(file, rules(before := new_answer()))
    expect(of_folder, before)

    swap_symlink(file, rules(after := new_answer()))

    expect(of_folder, after)


def test_a_deleted_file_keeps_answering_until_it_is_there_again(of_file: Server) -> None:
    replace_atomically(of_file.source, rules(before := new_answer()))
    expect(of_file, before)

    of_file.source.unlink()
    stale = expect_status(of_file, "stale")
    kept = of_file.client.ask("hello")
    of_file.source.write_text(rules(after := new_answer()))

    expect(of_file, after)
    assert [problem["code"] for problem in stale["problems"]] == ["MOCK008"]
    assert kept == before
    assert of_file.health["status"] == "ok"


def test_a_file_that_comes_into_a_folder_answers_until_it_goes(of_folder: Server) -> None:
    unknown = of_folder.client.ask("who is new?")
    new = of_folder.source / "two.yml"

    new.write_text('responses:\n  "who is new?": "I am."\n')
    expect(of_folder, "I am.", "who is new?")
    new.unlink()

    expect(of_folder, unknown, "who is new?")


def test_an_invalid_edit_keeps_the_last_good_rules(of_file: Server) -> None:
    replace_atomically(of_file.source, rules(before := new_answer()))
    expect(of_file, before)
    generation = of_file.health["generation"]

    of_file.source.write_text(LIST_FOR_ANSWER)
    stale = expect_status(of_file, "stale")
    kept = of_file.client.ask("hello")

    place = ("line", "column", "level", "code")
    assert [[problem[key] for key in place] for problem in stale["problems"]] == [
        [2, 12, "error", "MOCK005"]
    ]
    assert stale["generation"] == generation
    assert kept == before
    assert f"{of_file.source.name}:2:12: error MOCK005 " in of_file.log


def test_a_mended_edit_is_ok_again(of_file: Server) -> None:
    of_file.source.write_text(LIST_FOR_ANSWER)
    expect_status(of_file, "stale")

    of_file.source.write_text(rules(after := new_answer()))

    expect(of_file, after)
    health = of_file.health
    assert health["status"] == "ok"
    assert health["problems"] == []


def test_the_watcher_lives_and_gets_events(of_file: Server) -> None:
    of_file.client.ask("hello")  # flask's server has started nothing before the first

    assert of_file.health["watcher"] == {"alive": True, "events": True}


def test_a_folder_that_is_made_anew_answers(of_folder: Server) -> None:
    kept = of_folder.client.ask("hello")

    shutil.rmtree(of_folder.source)
    expect_status(of_folder, "stale")
    meanwhile = of_folder.client.ask("hello")
    of_folder.source.mkdir()
    (of_folder.source / "one.yml").write_text(rules(after := new_answer()))

    expect(of_folder, after)
    assert meanwhile == kept


def test_an_edit_before_the_first_completion_is_noticed(tmp_path: Path) -> None:
    source = tmp_path / "responses.yml"
    source.write_text(rules("first"))
    with running(FLASK, source) as server:
        source.write_text(rules("second"))

        poll(lambda: server.health["generation"], lambda number: number == 2, deadline_s=5)


@pytest.mark.parametrize("signal_to", ["worker killed", "master told to reload"])
def test_a_worker_that_starts_while_the_file_is_broken_serves_the_last_good_rules(
    signal_to: str, tmp_path: Path
) -> None:
    source = tmp_path / "responses.yml"
    source.write_text('responses: {"hello": "Hi."}')
    with running(GUNICORN, source) as server:
        source.write_text("respones: {}")
        poll(lambda: status_of(server), lambda status: status == "stale")
        first = worker_of(server)
        if signal_to == "worker killed":
            os.kill(first, signal.SIGKILL)
        else:
            os.kill(server.pid, signal.SIGHUP)
        poll(lambda: worker_of(server), lambda pid: pid not in (0, first))
        poll(lambda: status_of(server), lambda status: status == "stale")

        assert server.client.ask("hello") == "Hi."


def worker_of(server: Server) -> int:
    """Return the process id of the one worker, 0 when there is none or more than one."""
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    return int(children[0]) if len(children) == 1 else 0


def status_of(server: Server) -> str:
    """Return what the health page says, "down" while no worker answers."""
    try:
        return str(server.health["status"])
    except OSError:
        return "down"


def test_an_edit_of_a_second_file_answers(tmp_path: Path) -> None:
    source, second = tmp_path / "responses.yml", tmp_path / "over" / "staging.yml"
    source.write_text(rules("first"))
    second.parent.mkdir()
    second.write_text("settings: {seed: 1}")
    with running(START("-r", str(source), "-r", str(second.parent)), source) as server:
        second.write_text(rules("second"))
        expect(server, "second")
        second.write_text(LIST_FOR_ANSWER)
        stale = expect_status(server, "stale")
        kept = server.client.ask("hello")

    assert (stale["source"], kept) == (f"{source}:{second.parent}", "second")
