"""What is written for a person holds nobody up."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import TextIO

import pytest

from mockllm import console as module
from mockllm.console import Console

DEADLINE_S = 10
LINE = "x" * 99 + "\n"


@pytest.fixture
def pipe() -> Iterator[tuple[TextIO, TextIO]]:
    """The two ends of a small pipe: what is read, and what is written to."""
    read, write = os.pipe()
    fcntl.fcntl(write, 1031, 8192)  # F_SETPIPE_SZ
    with os.fdopen(read) as reader, os.fdopen(write, "w") as writer:
        yield reader, writer


def test_what_is_no_file_is_written_to_at_once() -> None:
    stream = StringIO()
    console = Console(stream)

    console.later("one\n")
    console.now("two\n")
    console.flush()

    assert stream.getvalue() == "one\ntwo\n"


def test_lines_are_written_soon_by_a_thread(pipe: tuple[TextIO, TextIO]) -> None:
    reader, writer = pipe
    console = Console(writer)

    console.later("one\n")
    console.later("two\n")

    assert [reader.readline(), reader.readline()] == ["one\n", "two\n"]
    names = [thread.name for thread in threading.enumerate()]
    assert "mockllm-console" in names


def test_what_is_urgent_comes_after_what_waits(pipe: tuple[TextIO, TextIO]) -> None:
    reader, writer = pipe
    console = Console(writer)

    console.later("one\n")
    console.now("two\n")

    assert [reader.readline(), reader.readline()] == ["one\n", "two\n"]


def test_nobody_waits_for_a_reader_that_is_not_there(
    pipe: tuple[TextIO, TextIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_WAITING", 20_000)
    reader, writer = pipe
    console = Console(writer)

    for _ in range(1_000):
        console.later(LINE)
        console.flush()
    held = [reader.readline() for _ in range(150)]
    console.flush()
    console.later("next\n")
    console.flush()
    for line in reader:
        held.append(line)
        console.flush()
        if line == "next\n":
            break

    *lines, dropped, _ = held
    assert set(lines) == {LINE}
    assert dropped == f"({1_000 - len(lines)} lines were dropped: nobody read them)\n"


def test_file_is_written_whole_and_in_its_encoding(tmp_path: Path) -> None:
    file = tmp_path / "log"
    with file.open("w", encoding="ascii") as stream:
        console = Console(stream)
        for _ in range(1_000):
            console.later(LINE)
        console.later("né\n")
        console.flush()

    assert file.read_bytes() == LINE.encode() * 1_000 + b"n\\xe9\n"
