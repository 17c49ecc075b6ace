"""Edits of every kind are noticed, whether the system tells of them or not."""

from __future__ import annotations

import itertools
import logging
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from watchdog.events import DirModifiedEvent, FileClosedNoWriteEvent, FileOpenedEvent

from mockllm.config import watcher as module
from mockllm.config.live import Live
from mockllm.config.watcher import Watcher, _Stir
from mockllm.core.protocol import Offload, call
from tests.config.documents import write

DEADLINE_S = 10

Watch = Callable[..., Watcher]


def soon(claim: Callable[[], bool]) -> bool:
    """Return whether `claim` holds before the deadline."""
    deadline = monotonic() + DEADLINE_S
    while not claim():
        if monotonic() > deadline:
            return False
        threading.Event().wait(0.02)
    return True


def answers(text: str) -> str:
    return f"responses:\n  hello: {text}\n"


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Return a function that starts a watcher, which is stopped at the end."""
    started: list[Watcher] = []

    def start(live: Live, offload: Offload = call) -> Watcher:
        started.append(Watcher(live, offload))
        started[-1].start()
        return started[-1]

    yield start

    for watcher in started:
        if watcher.is_alive:
            watcher.stop()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path / "responses.yml", answers("one"))


@pytest.fixture
def folder(file: Path) -> Path:
    return file.parent


class Refusing:
    """An observer on a system that gives no file events."""

    def schedule(self, *_arguments: Any, **_options: Any) -> None:
        raise OSError(28, "inotify watch limit reached")

    def unschedule_all(self) -> None:
        pass


@pytest.fixture
def no_events(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "Observer", Refusing)
    monkeypatch.setattr(module, "SWEEP_S", 0.02)


@pytest.fixture(
    params=[
        pytest.param(False, id="by-events"),
        pytest.param(True, id="by-looking"),
    ]
)
def either_way(request: pytest.FixtureRequest) -> None:
    """Run a test twice: with file events, and with the look at the files only."""
    if request.param:
        request.getfixturevalue("no_events")


@pytest.fixture
def by_events_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SWEEP_S", 600)


@pytest.mark.usefixtures("either_way")
class TestEdit:
    def test_in_place_is_noticed(self, file: Path, watch: Watch) -> None:
        live = Live(file)
        watch(live)

        write(file, answers("two and more"))

        assert soon(lambda: live.current.generation == 2)

    def test_by_atomic_replacement_is_noticed(
        self, file: Path, tmp_path: Path, watch: Watch
    ) -> None:
        live = Live(file)
        watch(live)

        os.replace(write(tmp_path / ".new", answers("two")), file)

        assert soon(lambda: live.current.generation == 2)

    def test_after_an_atomic_replacement_is_noticed(
        self, file: Path, tmp_path: Path, watch: Watch
    ) -> None:
        live = Live(file)
        watch(live)
        os.replace(write(tmp_path / ".new", answers("two")), file)
        assert soon(lambda: live.current.generation == 2)

        write(file, answers("three"))

        assert soon(lambda: live.current.generation == 3)

    def test_of_a_config_map_is_noticed(self, tmp_path: Path, watch: Watch) -> None:
        for version in ("one", "two"):
            (tmp_path / f"..{version}").mkdir()
            write(tmp_path / f"..{version}" / "responses.yml", answers(version))
        (tmp_path / "..data").symlink_to("..one")
        (tmp_path / "responses.yml").symlink_to("..data/responses.yml")
        live = Live(tmp_path / "responses.yml")
        watch(live)

        (tmp_path / "..data_tmp").symlink_to("..two")
        os.replace(tmp_path / "..data_tmp", tmp_path / "..data")

        assert soon(lambda: live.current.generation == 2)

    def test_of_a_config_map_served_as_a_folder_is_noticed(
        self, tmp_path: Path, watch: Watch
    ) -> None:
        for version in ("one", "two"):
            (tmp_path / f"..{version}").mkdir()
            write(tmp_path / f"..{version}" / "responses.yml", answers(version))
        (tmp_path / "..data").symlink_to("..one")
        (tmp_path / "responses.yml").symlink_to("..data/responses.yml")
        live = Live(tmp_path)
        watch(live)

        (tmp_path / "..data_tmp").symlink_to("..two")
        os.replace(tmp_path / "..data_tmp", tmp_path / "..data")

        assert soon(lambda: live.current.generation == 2)

    def test_with_an_older_time_is_noticed(self, file: Path, tmp_path: Path, watch: Watch) -> None:
        live = Live(file)
        watch(live)
        older = write(tmp_path / ".older", answers("two"))
        os.utime(older, ns=(1, 1))

        os.replace(older, file)

        assert soon(lambda: live.current.generation == 2)

    def test_that_only_sets_the_time_back_is_noticed(self, file: Path, watch: Watch) -> None:
        live = Live(file)
        watch(live)

        os.utime(file, ns=(1, 1))

        assert soon(lambda: live.current.generation == 2)

    def test_by_deletion_keeps_the_rules_until_the_file_is_back(
        self, file: Path, watch: Watch
    ) -> None:
        live = Live(file)
        watch(live)

        file.unlink()
        assert soon(lambda: live.is_stale)
        assert live.current.generation == 1
        write(file, answers("two"))

        assert soon(lambda: live.current.generation == 2)
        assert soon(lambda: not live.is_stale)

    def test_that_adds_a_file_is_noticed(self, folder: Path, watch: Watch) -> None:
        live = Live(folder)
        watch(live)

        write(folder / "more.yml", "responses: {bye: Bye.}")

        assert soon(lambda: "bye" in live.current.ruleset.answers)

    def test_that_removes_a_file_is_noticed(self, folder: Path, watch: Watch) -> None:
        more = write(folder / "more.yml", "responses: {bye: Bye.}")
        live = Live(folder)
        watch(live)

        more.unlink()

        assert soon(lambda: list(live.current.ruleset.answers) == ["hello"])

    def test_that_is_wrong_keeps_the_rules_until_it_is_mended(
        self, file: Path, watch: Watch
    ) -> None:
        live = Live(file)
        watch(live)

        write(file, "responses: {hello: [")
        assert soon(lambda: [problem.code for problem in live.problems] == ["MOCK001"])
        assert live.current.generation == 1
        write(file, answers("mended"))

        assert soon(lambda: live.current.generation == 2)
        assert soon(lambda: live.problems == ())

    def test_of_a_second_path_is_noticed(self, file: Path, tmp_path: Path, watch: Watch) -> None:
        (tmp_path / "staging").mkdir()
        second = write(tmp_path / "staging" / "a.yml", "settings: {seed: 1}")
        live = Live(file, second.parent)
        watch(live)

        write(second, "settings: {seed: [")
        assert soon(lambda: live.is_stale)
        assert live.current.ruleset.settings.seed == 1
        write(second, "settings: {seed: 22}")

        assert soon(lambda: live.current.ruleset.settings.seed == 22)

    def test_before_the_start_is_noticed(self, file: Path, watch: Watch) -> None:
        live = Live(file)
        write(file, answers("two and more"))

        watch(live)

        assert soon(lambda: live.current.generation == 2)


@pytest.mark.usefixtures("by_events_alone")
def test_events_alone_suffice_where_there_are_any(file: Path, watch: Watch) -> None:
    live = Live(file)
    watcher = watch(live)

    write(file, answers("two and more"))

    assert soon(lambda: live.current.generation == 2)
    assert watcher.has_events


def test_folder_that_was_replaced_is_still_watched(
    tmp_path: Path, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SWEEP_S", 0.02)
    folder = tmp_path / "responses"
    folder.mkdir()
    write(folder / "a.yml", answers("one"))
    live = Live(folder)
    watcher = watch(live)

    folder.rename(tmp_path / "old")
    assert soon(lambda: live.is_stale)
    folder.mkdir()
    write(folder / "a.yml", answers("two"))

    assert soon(lambda: live.current.generation == 2)
    assert watcher.is_alive


@pytest.mark.usefixtures("by_events_alone")
@pytest.mark.parametrize("edited", ["one", "two"])
def test_events_of_every_path_arrive(tmp_path: Path, watch: Watch, edited: str) -> None:
    files = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        files.append(write(tmp_path / name / "a.yml", f"responses: {{{name}: hello}}"))
    live = Live(*files)
    watcher = watch(live)

    write(tmp_path / edited / "a.yml", "responses: {three: hello}")

    assert soon(lambda: "three" in live.current.ruleset.answers)
    assert watcher.has_events


def test_events_of_one_path_alone_do_not_count(file: Path, watch: Watch) -> None:
    (file.parent / "two").mkdir()
    watcher = watch(Live(file, write(file.parent / "two" / "a.yml", "settings: {seed: 1}")))
    emitters = watcher._observer.emitters

    next(iter(emitters)).stop()
    next(iter(emitters)).join()

    assert not watcher.has_events


@pytest.mark.usefixtures("no_events")
def test_without_events_a_warning_says_so(
    file: Path, watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    watcher = watch(Live(file))

    assert (watcher.is_alive, watcher.has_events) == (True, False)
    assert [(record.levelno, record.message) for record in caplog.records] == [
        (
            logging.WARNING,
            "no file events ([Errno 28] inotify watch limit reached);"
            f" {file} is looked at every second instead",
        )
    ]


def test_stop_ends_the_thread_and_the_events(file: Path, watch: Watch) -> None:
    watcher = watch(Live(file))

    watcher.stop()

    assert (watcher.is_alive, watcher.has_events) == (False, False)


@pytest.mark.usefixtures("no_events")
def test_stop_ends_the_thread_where_there_are_no_events(file: Path, watch: Watch) -> None:
    watcher = watch(Live(file))

    watcher.stop()

    assert not watcher.is_alive


def test_stop_waits_for_the_look_under_way(file: Path, watch: Watch) -> None:
    live = Live(file)
    looking = threading.Event()

    def until_stopped(function: Callable[[], Any]) -> Any:
        looking.set()
        assert soon(lambda: not watcher.has_events)  # the first thing that `stop` ends
        return function()

    watcher = Watcher(live, until_stopped)
    write(file, answers("two and more"))
    watcher.start()
    assert looking.wait(DEADLINE_S)

    watcher.stop()

    assert live.current.generation == 2


@pytest.mark.usefixtures("no_events")
def test_reading_happens_where_the_offload_says(file: Path, watch: Watch) -> None:
    live = Live(file)
    looks: list[Callable[[], Any]] = []

    def counting(function: Callable[[], Any]) -> Any:
        looks.append(function)
        return function()

    watch(live, counting)
    write(file, answers("two and more"))

    assert soon(lambda: live.current.generation == 2)
    assert live.reload in looks


@pytest.mark.usefixtures("no_events")
def test_unchanged_files_are_not_loaded_again(file: Path, watch: Watch) -> None:
    live = Live(file)
    looks: list[Callable[[], Any]] = []

    def counting(function: Callable[[], Any]) -> Any:
        looks.append(function)
        return function()

    watch(live, counting)

    assert soon(lambda: len(looks) >= 5)
    assert live.reload not in looks
    assert live.current.generation == 1


@pytest.mark.usefixtures("no_events")
def test_look_that_fails_is_logged_and_the_next_one_counts(
    file: Path, watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    live = Live(file)
    failures = [RuntimeError("the disk is gone")]

    def failing_once(function: Callable[[], Any]) -> Any:
        if failures:
            raise failures.pop()
        return function()

    watch(live, failing_once)
    write(file, answers("two and more"))

    assert soon(lambda: live.current.generation == 2)
    (record,) = (record for record in caplog.records if record.levelno == logging.ERROR)
    assert record.message == "looking for changes failed; the rules stay as they are"
    assert record.exc_info is not None


@pytest.mark.usefixtures("no_events")
def test_file_that_never_settles_is_loaded_all_the_same(
    file: Path, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SETTLE_S", 0.001)
    live = Live(file)
    edits = itertools.count(1)

    def editing(function: Callable[[], Any]) -> Any:
        if function != live.reload:
            write(file, answers("x" * next(edits)))
        return function()

    watch(live, editing)

    assert soon(lambda: live.current.generation > 1)


@pytest.mark.usefixtures("no_events")
def test_steps_of_one_edit_are_one_load(file: Path, watch: Watch) -> None:
    live = Live(file)
    steps = [answers("two and"), answers("two and three")]
    reloads = 0

    def editing(function: Callable[[], Any]) -> Any:
        nonlocal reloads
        if function == live.reload:
            reloads += 1
        elif steps:
            write(file, steps.pop(0))
        return function()

    watch(live, editing)

    assert soon(lambda: live.current.generation == 2)
    assert reloads == 1


@pytest.mark.parametrize("event", [FileOpenedEvent("a.yml"), FileClosedNoWriteEvent("a.yml")])
def test_reading_is_no_reason_to_look(event: FileOpenedEvent) -> None:
    stirred = threading.Event()

    _Stir(stirred).on_any_event(event)

    assert not stirred.is_set()


def test_any_other_event_is_a_reason_to_look() -> None:
    stirred = threading.Event()

    _Stir(stirred).on_any_event(DirModifiedEvent("."))

    assert stirred.is_set()
