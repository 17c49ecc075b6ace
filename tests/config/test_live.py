"""The rules in force, and what a bad edit does to them: nothing."""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from weakref import ref

import pytest

from mockllm.config.files import fingerprint
from mockllm.config.live import Live, keep
from mockllm.config.load import load
from mockllm.errors import ConfigError
from tests.config.documents import place_of, write

GOOD, BETTER, BAD, DOUBTFUL = (
    "responses: {hello: Hi.}",
    "responses: {hello: Hello., bye: Bye.}",
    "responses: {hello: [",
    "responses: {hello: yes, bye: Bye.}",
)
MANY = "responses:\n" + "".join(f"  question {number}: answer\n" for number in range(1_001))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path / "responses.yml", GOOD)


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Return what is logged, from the level that mockllm logs at."""
    with caplog.at_level(logging.INFO, logger="mockllm"):
        yield caplog


def test_first_load_is_generation_1(file: Path) -> None:
    live = Live(file)

    assert live.current.generation == 1
    assert list(live.current.ruleset.answers) == ["hello"]
    assert live.fingerprint == fingerprint(file)
    assert not live.is_stale


def test_first_load_must_succeed(file: Path) -> None:
    write(file, BAD)

    with pytest.raises(ConfigError, match="MOCK001"):
        Live(file)


def test_good_edit_is_swapped_in(file: Path) -> None:
    live = Live(file)

    write(file, BETTER)
    live.reload()

    assert live.current.generation == 2
    assert list(live.current.ruleset.answers) == ["hello", "bye"]
    assert live.fingerprint == fingerprint(file)


def test_snapshot_stays_what_it_was(file: Path) -> None:
    live = Live(file)
    snapshot = live.current

    write(file, BETTER)
    live.reload()

    assert snapshot.generation == 1
    assert list(snapshot.ruleset.answers) == ["hello"]


def test_bad_edit_keeps_the_rules_and_lists_the_problems(file: Path) -> None:
    live = Live(file)
    before = live.current

    write(file, BAD)
    live.reload()

    assert live.current is before
    assert live.is_stale
    assert {problem.code for problem in live.problems} == {"MOCK001"}
    assert live.fingerprint == fingerprint(file)


def test_missing_file_keeps_the_rules(file: Path) -> None:
    live = Live(file)

    file.unlink()
    live.reload()

    assert live.current.generation == 1
    assert [place_of(problem) for problem in live.problems] == ["1:1 error MOCK008"]


def test_mended_edit_ends_the_staleness(file: Path) -> None:
    live = Live(file)
    write(file, BAD)
    live.reload()

    write(file, BETTER)
    live.reload()

    assert live.current.generation == 2
    assert not live.is_stale
    assert live.problems == ()


def test_warnings_are_listed_and_are_not_stale(file: Path) -> None:
    write(file, DOUBTFUL)

    live = Live(file)

    assert [place_of(problem) for problem in live.problems] == ["1:20 warning MOCK013"]
    assert not live.is_stale


def test_good_edit_is_logged(file: Path, log: pytest.LogCaptureFixture) -> None:
    live = Live(file)

    write(file, BETTER)
    live.reload()

    assert log.record_tuples == [
        ("mockllm.config.live", logging.INFO, f"{file} reloaded: 2 answers, generation 2")
    ]


def test_rules_are_logged_beside_the_answers(file: Path, log: pytest.LogCaptureFixture) -> None:
    live = Live(file)

    write(file, f"rules: [{{when: {{contains: a}}, reply: b}}]\n{BETTER}")
    live.reload()

    assert log.messages == [f"{file} reloaded: 1 rule, 2 answers, generation 2"]


def test_one_answer_is_logged_in_the_singular(file: Path, log: pytest.LogCaptureFixture) -> None:
    live = Live(file)

    live.reload()

    assert log.messages == [f"{file} reloaded: 1 answer, generation 2"]


def test_warnings_are_logged_before_the_reload(file: Path, log: pytest.LogCaptureFixture) -> None:
    live = Live(file)

    write(file, DOUBTFUL)
    live.reload()

    assert [(record.levelno, record.message) for record in log.records] == [
        (
            logging.WARNING,
            f"{file}:1:20: warning MOCK013 'yes' is taken as text; write \"yes\"",
        ),
        (logging.INFO, f"{file} reloaded: 2 answers, generation 2"),
    ]


def test_bad_edit_is_logged_with_every_problem(file: Path, log: pytest.LogCaptureFixture) -> None:
    live = Live(file)

    write(file, "foo: 1\nresponses: {hello: yes}\n")
    live.reload()

    assert [(record.levelno, record.message) for record in log.records] == [
        (
            logging.ERROR,
            f"{file}:1:1: error MOCK003 unknown key 'foo' at the top level;"
            " known here: responses, rules, defaults, settings",
        ),
        (
            logging.WARNING,
            f"{file}:2:20: warning MOCK013 'yes' is taken as text; write \"yes\"",
        ),
        (logging.ERROR, f"{file} was not reloaded; generation 1 keeps answering"),
    ]


def test_every_reload_from_many_threads_counts(file: Path) -> None:
    live = Live(file)

    with ThreadPoolExecutor(8) as threads:
        for reload in [threads.submit(live.reload) for _ in range(40)]:
            reload.result()

    assert live.current.generation == 41


def test_reload_leaves_the_garbage_collector_on(file: Path) -> None:
    live = Live(file)

    live.reload()

    assert gc.isenabled()


def test_reload_leaves_the_garbage_collector_off_where_it_was_off(file: Path) -> None:
    live = Live(file)
    gc.disable()
    try:
        live.reload()
        enabled = gc.isenabled()
    finally:
        gc.enable()

    assert not enabled


EVERYTHING = """\
rules:
  - when: {contains: weather, regex: "in (?P<city>Paris|Rome)", model: "gpt-*"}
    reply: {template: "{{ request.prompt }}", timing: {rate: 50 tokens/s}}
  - when: {not: {contains: a}, headers: {x-user: y}}
    replies: [one, {tool_calls: [{name: f, arguments: {a: 1}}]}, {error: rate_limit}]
responses: {hello: Hi., list: {steps: [a, b]}}
"""


def test_old_rules_leave_no_cycle_behind(file: Path) -> None:
    write(file, EVERYTHING)
    live = Live(file)
    old = ref(live.current.ruleset)
    gc.disable()

    try:
        write(file, GOOD)
        live.reload()

        assert old() is None
    finally:
        gc.enable()


def test_kept_rules_serve_while_the_file_is_broken(file: Path) -> None:
    kept = load(file)
    keep((file,), kept)
    write(file, BAD)

    live = Live(file)

    assert (live.current.generation, live.current.ruleset) == (1, kept.ruleset)
    assert live.is_stale


def test_file_that_is_right_comes_before_what_was_kept(file: Path) -> None:
    keep((file,), load(file))
    write(file, BETTER)

    live = Live(file)

    assert list(live.current.ruleset.answers) == ["hello", "bye"]
    assert not live.is_stale


def test_catching_up_reloads_what_has_changed(file: Path) -> None:
    live = Live(file)
    write(file, BETTER)

    live.catch_up()

    assert live.current.generation == 2


def test_catching_up_leaves_what_has_not_changed(file: Path) -> None:
    live = Live(file)

    live.catch_up()

    assert live.current.generation == 1


@pytest.fixture
def second(file: Path) -> Path:
    """Return a file that is served over the first."""
    return write(file.with_name("staging.yml"), "settings: {seed: 7}")


def test_edit_of_the_second_path_is_swapped_in(file: Path, second: Path) -> None:
    live = Live(file, second)
    write(second, BETTER)

    live.catch_up()

    assert live.current.generation == 2
    assert list(live.current.ruleset.answers) == ["hello", "bye"]


def test_bad_edit_of_the_second_path_keeps_the_rules_of_both(
    file: Path, second: Path, log: pytest.LogCaptureFixture
) -> None:
    live = Live(file, second)
    write(second, BAD)

    live.reload()

    assert (live.current.generation, live.current.ruleset.settings.seed) == (1, 7)
    assert live.is_stale
    assert log.messages[-1] == (f"{file}, {second} were not reloaded; generation 1 keeps answering")


def test_reload_names_every_path(file: Path, second: Path, log: pytest.LogCaptureFixture) -> None:
    Live(file, second).reload()

    assert log.messages == [f"{file}, {second} reloaded: 1 answer, generation 2"]


def test_what_was_kept_serves_while_the_file_is_what_it_was(file: Path) -> None:
    write(file, DOUBTFUL)
    kept = load(file)
    keep((file,), kept)

    live = Live(file)

    assert live.current.ruleset is kept.ruleset
    assert live.problems == kept.problems != ()
    assert live.look() == live.fingerprint


def test_what_was_kept_does_not_serve_when_the_file_of_a_reply_is_another(file: Path) -> None:
    write(file.with_name("long.md"), "Long.")
    write(file, "responses: {hello: {file: long.md}}")
    kept = load(file)
    keep((file,), kept)
    write(file.with_name("long.md"), "Longer.")

    live = Live(file)

    assert live.current.ruleset != kept.ruleset


def test_what_was_kept_is_not_freed(file: Path) -> None:
    write(file, MANY)
    kept = load(file)
    keep((file,), kept)
    live = Live(file)
    write(file, GOOD)

    live.reload()
    live.look()

    assert kept.usable.answers["question 7"].name == "question 7"


def test_pace_of_threads_is_the_usual_one_after_a_reload(file: Path) -> None:
    before_s = sys.getswitchinterval()

    Live(file).reload()

    assert sys.getswitchinterval() == before_s


def test_what_was_kept_of_one_path_does_not_serve_two(file: Path, second: Path) -> None:
    keep((file,), load(file))
    write(second, BAD)

    with pytest.raises(ConfigError, match="MOCK001"):
        Live(file, second)


def test_refused_edit_beside_a_file_of_a_reply_is_loaded_once(file: Path) -> None:
    write(file.with_name("long.md"), "Long.")
    write(file, "responses: {hello: {file: long.md}}")
    live = Live(file)
    write(file, BAD)

    live.reload()

    assert live.look() == live.fingerprint
