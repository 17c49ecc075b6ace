"""Which files a source means, what is in them, and whether they changed."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from mockllm.config import files
from mockllm.config.files import fingerprint, list_files, read_all
from mockllm.core.problems import Problem
from tests.config.documents import write


def read(source: Path) -> list[tuple[str, bytes] | str]:
    """Return what `read_all` yields, problems as printed and without their paths."""
    return [
        str(found).removeprefix(f"{found.location}: ") if isinstance(found, Problem) else found
        for found in read_all(source)
    ]


def test_file_means_itself_whatever_its_name(tmp_path: Path) -> None:
    file = write(tmp_path / "mock.txt", "")

    assert list_files(file) == (file,)


def test_missing_file_means_itself(tmp_path: Path) -> None:
    assert list_files(tmp_path / "none.yml") == (tmp_path / "none.yml",)


def test_folder_means_its_yaml_files_in_sorted_order(tmp_path: Path) -> None:
    for name in ("b.yml", "a.yaml", "C.yml", "10.yml", "9.yml"):
        write(tmp_path / name, "")

    assert [file.name for file in list_files(tmp_path)] == [
        "10.yml",
        "9.yml",
        "C.yml",
        "a.yaml",
        "b.yml",
    ]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(".hidden.yml", id="hidden"),
        pytest.param("#a.yml", id="emacs-autosave-like"),
        pytest.param("#a.yml#", id="emacs-autosave"),
        pytest.param(".#a.yml", id="emacs-lock"),
        pytest.param("a.yml~", id="backup"),
        pytest.param("a.yml.bak", id="bak"),
        pytest.param(".a.yml.swp", id="vim-swap"),
        pytest.param("a.yml.4913", id="numbered"),
        pytest.param("a.YML", id="capitals"),
        pytest.param("a.json", id="json"),
        pytest.param("yml", id="no-dot"),
    ],
)
def test_other_files_of_a_folder_are_left_alone(tmp_path: Path, name: str) -> None:
    write(tmp_path / name, "")
    kept = write(tmp_path / "kept.yml", "")

    assert list_files(tmp_path) == (kept,)


def test_sub_folders_are_left_alone_whatever_their_names(tmp_path: Path) -> None:
    for name in ("sub", "x.yml"):
        (tmp_path / name).mkdir()
        write(tmp_path / name / "inner.yml", "")
    kept = write(tmp_path / "kept.yml", "")

    assert list_files(tmp_path) == (kept,)


def test_links_are_followed(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    write(tmp_path / "real.txt", "a: b")
    (folder / "link.yml").symlink_to(tmp_path / "real.txt")
    (tmp_path / "to-folder").symlink_to(folder)

    assert read(tmp_path / "to-folder") == [(str(tmp_path / "to-folder" / "link.yml"), b"a: b")]


def test_folder_named_like_a_file_is_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "x.yml"
    folder.mkdir()
    file = write(folder / "a.yml", "a: b")

    assert read(folder) == [(str(file), b"a: b")]


def test_content_is_bytes_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "a.yml"
    file.write_bytes(b"\xff\r\n")

    assert read(file) == [(str(file), b"\xff\r\n")]


def test_folder_without_yaml_files_is_a_problem(tmp_path: Path) -> None:
    write(tmp_path / "notes.txt", "")

    assert read(tmp_path) == ["error MOCK008 the folder has no *.yml or *.yaml file"]


def test_missing_file_is_a_problem(tmp_path: Path) -> None:
    assert read(tmp_path / "none.yml") == ["error MOCK008 there is no such file; check the path"]


def test_file_below_a_file_is_a_problem(tmp_path: Path) -> None:
    file = write(tmp_path / "a.yml", "")

    assert read(file / "b.yml") == ["error MOCK008 the file cannot be read: Not a directory"]


def test_dangling_link_in_a_folder_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "a.yml").symlink_to("none.yml")

    assert read(tmp_path) == ["error MOCK008 there is no such file; check the path"]


def test_link_to_itself_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "a.yml").symlink_to("a.yml")

    assert read(tmp_path) == [
        "error MOCK008 the file cannot be read: Too many levels of symbolic links"
    ]


def test_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.yml")

    assert read(tmp_path / "a.yml") == ["error MOCK008 this is not a regular file"]


def test_device_is_not_read() -> None:
    assert read(Path("/dev/zero")) == ["error MOCK008 this is not a regular file"]


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        pytest.param(2 * 1024**2, None, id="at-the-bound"),
        pytest.param(
            2 * 1024**2 + 1,
            "error MOCK009 the file is larger than 2 MB; split it",
            id="over-the-bound",
        ),
    ],
)
def test_size_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, expected: str | None
) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 2 * 1024**2)
    file = tmp_path / "a.yml"
    content = b"#" * size
    file.write_bytes(content)

    assert read(file) == [expected or (str(file), content)]


def test_path_that_cannot_exist_is_a_problem() -> None:
    assert read(Path("x" * 300)) == ["error MOCK008 the file cannot be read: File name too long"]


def test_good_files_are_read_beside_bad_ones(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.yml")
    file = write(tmp_path / "b.yml", "a: b")

    assert read(tmp_path) == [
        "error MOCK008 this is not a regular file",
        (str(file), b"a: b"),
    ]


def test_folder_that_cannot_be_listed_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> list[str]:  # root may list everything
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(os, "listdir", refuse)

    assert read(tmp_path) == ["error MOCK008 the folder cannot be read: Permission denied"]
    assert fingerprint(tmp_path) == (errno.EACCES,)


def test_fingerprint_of_unchanged_files_is_the_same(tmp_path: Path) -> None:
    write(tmp_path / "a.yml", "a: b")

    assert fingerprint(tmp_path) == fingerprint(tmp_path)


def test_fingerprint_sees_another_size(tmp_path: Path) -> None:
    file = write(tmp_path / "a.yml", "a: b")
    os.utime(file, ns=(1, 1))
    before = fingerprint(file)

    write(file, "a: bc")
    os.utime(file, ns=(1, 1))

    assert fingerprint(file) != before


@pytest.mark.parametrize("time_ns", [1, 1_999_999_999, 2_000_000_001, 3_000_000_000])
def test_fingerprint_sees_any_other_time(tmp_path: Path, time_ns: int) -> None:
    file = write(tmp_path / "a.yml", "a: b")
    os.utime(file, ns=(0, 2_000_000_000))
    before = fingerprint(file)

    os.utime(file, ns=(0, time_ns))

    assert fingerprint(file) != before


def test_fingerprint_sees_a_replacement_of_the_same_size_and_time(tmp_path: Path) -> None:
    file = write(tmp_path / "a.yml", "a: b")
    other = write(tmp_path / "other", "a: c")
    for each in (file, other):
        os.utime(each, ns=(1, 1))
    before = fingerprint(file)

    other.replace(file)

    assert fingerprint(file) != before


def test_fingerprint_sees_a_file_come_and_go(tmp_path: Path) -> None:
    write(tmp_path / "a.yml", "a: b")
    one = fingerprint(tmp_path)
    added = write(tmp_path / "b.yml", "a: b")
    two = fingerprint(tmp_path)
    added.unlink()

    assert two != one
    assert fingerprint(tmp_path) == one


def test_fingerprint_sees_a_new_name(tmp_path: Path) -> None:
    file = write(tmp_path / "a.yml", "a: b")
    before = fingerprint(tmp_path)

    file.rename(tmp_path / "b.yml")

    assert fingerprint(tmp_path) != before


def test_fingerprint_sees_a_link_swapped(tmp_path: Path) -> None:
    write(tmp_path / "one", "a: b")
    write(tmp_path / "two", "a: b")
    link = tmp_path / "a.yml"
    link.symlink_to("one")
    before = fingerprint(link)

    (tmp_path / "new").symlink_to("two")
    (tmp_path / "new").replace(link)

    assert fingerprint(link) != before


def test_fingerprint_does_not_see_other_files(tmp_path: Path) -> None:
    write(tmp_path / "a.yml", "a: b")
    before = fingerprint(tmp_path)

    write(tmp_path / "a.yml~", "a: c")

    assert fingerprint(tmp_path) == before


def test_missing_file_has_a_fingerprint(tmp_path: Path) -> None:
    missing = fingerprint(tmp_path / "a.yml")
    write(tmp_path / "a.yml", "")

    assert fingerprint(tmp_path / "a.yml") != missing


def test_path_that_cannot_exist_has_a_fingerprint() -> None:
    assert fingerprint(Path("x" * 300)) == fingerprint(Path("x" * 300))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_fingerprint_sees_a_folder_become_readable(tmp_path: Path) -> None:
    write(tmp_path / "a.yml", "")
    tmp_path.chmod(0)
    closed = fingerprint(tmp_path)
    tmp_path.chmod(0o700)

    assert fingerprint(tmp_path) != closed
