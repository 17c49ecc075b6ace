"""The one door: files in, a ruleset or everything that is wrong out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mockllm.config import load as module
from mockllm.config.discover import STARTER
from mockllm.config.files import fingerprint
from mockllm.config.load import Loaded, load, read_document
from mockllm.core.problems import Problem, has_errors
from mockllm.core.rules import Settings
from mockllm.errors import ConfigError
from tests.config.documents import FILE, line_of, lines_of, place_of, places_of, write

EXAMPLE = 'for example: responses: {"hello": "Hi."}'


def names_and_places(loaded: Loaded) -> list[str]:
    return [
        f"{Path(problem.location.file).name}:{place_of(problem)}" for problem in loaded.problems
    ]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        pytest.param("", f"1:1 error MOCK010 the file is empty; {EXAMPLE}", id="empty"),
        pytest.param("\n\n", f"1:1 error MOCK010 the file is empty; {EXAMPLE}", id="blank"),
        pytest.param("# a\n# b\n", f"1:1 error MOCK010 the file is empty; {EXAMPLE}", id="comment"),
        pytest.param(
            "\ufeff", f"1:1 error MOCK010 the file is empty; {EXAMPLE}", id="byte-order-mark"
        ),
        pytest.param(
            "# prompts\n- a\n",
            f"2:1 error MOCK010 a mapping is needed at the top level; {EXAMPLE}",
            id="list",
        ),
        pytest.param(
            "  hello",
            f"1:3 error MOCK010 a mapping is needed at the top level; {EXAMPLE}",
            id="text",
        ),
        pytest.param(
            "~", f"1:1 error MOCK010 a mapping is needed at the top level; {EXAMPLE}", id="null"
        ),
        pytest.param(
            "---\n", f"2:1 error MOCK010 a mapping is needed at the top level; {EXAMPLE}", id="mark"
        ),
    ],
)
def test_file_without_a_mapping_is_located(content: str, line: str) -> None:
    assert lines_of(content) == [line]


@pytest.mark.parametrize("content", [b"- a: 1\n  a: 2\n", b"\xff", b"a: [", b"{a: *b}"])
def test_one_problem_is_enough_for_what_cannot_be_read(content: bytes) -> None:
    document, problems = read_document(FILE, content)

    assert document is None
    assert len(list(problems)) == 1


def test_problems_of_all_kinds_come_in_one_run() -> None:
    text = """\
responses:
  hello: hi
  hello: ho
  7: yes
  cut: here # there
  "end\\n": x
  list: [a]
defaults:
  unknown_respons: hi
settings:
  lag_factor: fast
  max_body: 32
foo: !bar
"""

    assert places_of(text) == [
        "3:3 error MOCK002",
        "4:3 warning MOCK013",
        "4:6 warning MOCK013",
        "5:8 warning MOCK014",
        "6:3 warning MOCK015",
        "7:9 error MOCK005",
        "9:3 error MOCK003",
        "11:15 error MOCK005",
        "12:13 error MOCK006",
        "13:1 error MOCK003",
        "13:6 error MOCK012",
    ]


def test_seed_file_is_valid_unchanged(tmp_path: Path) -> None:
    seed = """\
responses:
  "write a python function to calculate factorial": "def factorial(n):\\n    return 1"
  "what colour is the sky?": "The sky is purple except on Tuesday when it is hue green."
  "what is 2+2?": "2+2 equals 9."

defaults:
  unknown_response: "I don't know the answer to that. This is a mock response."

settings:
  lag_enabled: true
  lag_factor: 10  # Higher values = faster responses (10 = fast, 1 = slow)
"""

    loaded = load(write(tmp_path / "responses.yml", seed))

    assert loaded.problems == ()
    assert len(loaded.usable.answers) == 3
    assert loaded.usable.settings == Settings(lag_enabled=True, lag_factor=10)


def test_starter_is_valid_without_a_warning() -> None:
    loaded = load(STARTER)

    assert loaded.problems == ()
    assert "hello" in loaded.usable.answers


def test_warnings_do_not_keep_rules_from_being_used(tmp_path: Path) -> None:
    loaded = load(write(tmp_path / "a.yml", "responses: {7: yes}"))

    assert [problem.level for problem in loaded.problems] == ["warning", "warning"]
    assert list(loaded.usable.answers) == ["7"]


def test_errors_leave_no_ruleset(tmp_path: Path) -> None:
    loaded = load(write(tmp_path / "a.yml", "responses: {a: b}\nfoo: bar\n"))

    assert loaded.ruleset is None


def test_using_what_is_unusable_raises_every_problem(tmp_path: Path) -> None:
    file = write(tmp_path / "a.yml", "foo: 1\nresponses: {hello: [a]}\n")
    loaded = load(file)

    with pytest.raises(ConfigError) as raised:
        loaded.usable  # noqa: B018  # the property raises

    assert raised.value.problems == loaded.problems
    assert raised.value.exit_code == 2
    assert raised.value.message.splitlines() == [
        f"{file}:1:1: error MOCK003 unknown key 'foo' at the top level;"
        " known here: responses, rules, defaults, settings",
        f"{file}:2:20: error MOCK005 an answer takes text or a mapping, not a list",
    ]


def test_config_error_is_shown_without_a_prefix(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write(tmp_path / "a.yml", "")

    ConfigError(load(file).problems).show()

    assert capsys.readouterr() == (
        "",
        f"{file}:1:1: error MOCK010 the file is empty; {EXAMPLE}\n",
    )


def test_problem_shows_the_path_as_it_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "a.yml", "")

    (problem,) = load(Path("a.yml")).problems

    assert str(problem).startswith("a.yml:1:1: error MOCK010")


def test_missing_file_is_a_problem(tmp_path: Path) -> None:
    (problem,) = load(tmp_path / "none.yml").problems

    assert line_of(problem) == "1:1 error MOCK008 there is no such file; check the path"


def test_folder_is_one_ruleset(tmp_path: Path) -> None:
    write(tmp_path / "b.yml", "responses: {b: 1st}")
    write(tmp_path / "a.yaml", "responses: {a: 2nd}\nsettings: {seed: 7}\n")
    write(tmp_path / "c.yml", "defaults: {unknown_response: What?}")

    ruleset = load(tmp_path).usable

    assert list(ruleset.answers) == ["a", "b"]
    assert ruleset.settings.seed == 7
    assert ruleset.unknown.location is not None


def test_problems_are_sorted_by_file_and_place(tmp_path: Path) -> None:
    write(tmp_path / "b.yml", "foo: 1")
    write(tmp_path / "c.yml", "")
    write(tmp_path / "a.yml", "settings: {bar: 1}\nresponses:\n  7: hi\nbaz: 2\n")

    assert names_and_places(load(tmp_path)) == [
        "a.yml:1:12 error MOCK003",
        "a.yml:3:3 warning MOCK013",
        "a.yml:4:1 error MOCK003",
        "b.yml:1:1 error MOCK003",
        "c.yml:1:1 error MOCK010",
    ]


def test_one_bad_file_spoils_the_folder(tmp_path: Path) -> None:
    write(tmp_path / "a.yml", "responses: {a: b}")
    write(tmp_path / "b.yml", "responses: {c: ")

    assert load(tmp_path).ruleset is None


def test_same_prompt_in_two_files_is_an_error(tmp_path: Path) -> None:
    first = write(tmp_path / "a.yml", "responses: {hello: Hi}")
    write(tmp_path / "b.yml", "responses:\n  hello: Hello\n")

    (problem,) = load(tmp_path).problems

    assert line_of(problem) == (
        f"2:3 error MOCK016 'hello' is already in {first}:1:13;"
        " keep it in one of the two 'responses'"
    )


def test_1_000_problems_are_all_listed(tmp_path: Path) -> None:
    text = "responses:\n" + "".join(f"  k{number}: []\n" for number in range(1_000))

    problems = load(write(tmp_path / "a.yml", text)).problems

    assert {problem.code for problem in problems} == {"MOCK005"}
    assert len(problems) == 1_000


def test_past_1_000_problems_the_rest_is_counted(tmp_path: Path) -> None:
    text = "responses:\n" + "".join(f"  k{number}: []\n" for number in range(3_500))

    problems = load(write(tmp_path / "a.yml", text)).problems

    assert len(problems) == 1_001
    assert line_of(problems[-1]) == "1001:9 error MOCK017 2,500 more problems in this file"


def test_rest_of_only_warnings_is_a_warning(tmp_path: Path) -> None:
    text = "responses:\n" + "".join(f"  k{number}: 7\n" for number in range(1_002))

    loaded = load(write(tmp_path / "a.yml", text))

    assert line_of(loaded.problems[-1]) == "1001:9 warning MOCK017 2 more problems in this file"
    assert len(loaded.usable.answers) == 1_002


def test_rest_of_one_is_in_the_singular(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PROBLEMS_PER_FILE", 1)

    problems = load(write(tmp_path / "a.yml", "responses: {a: [], b: []}")).problems

    assert problems[-1].message == "1 more problem in this file"


def test_errors_count_before_warnings(tmp_path: Path) -> None:
    text = "responses:\n" + "".join(f"  k{number}: 7\n" for number in range(1_500)) + "foo: 1\n"

    loaded = load(write(tmp_path / "a.yml", text))

    assert has_errors(loaded.problems)
    assert "1502:1 error MOCK003" in map(place_of, loaded.problems)


def test_number_of_the_rest_comes_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PROBLEMS_PER_FILE", 2)
    file = write(tmp_path / "a.yml", "responses: {a: [], b: [], c: []}\nsettings: {seed: -1}\n")

    problems = load(file).problems

    assert [problem.code for problem in problems] == ["MOCK005", "MOCK006", "MOCK017"]


def test_cap_is_for_each_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PROBLEMS_PER_FILE", 2)
    for name in ("a", "b"):
        write(tmp_path / f"{name}.yml", f"responses: {{{name}1: [], {name}2: [], {name}3: []}}")

    assert names_and_places(load(tmp_path)) == [
        "a.yml:1:17 error MOCK005",
        "a.yml:1:25 error MOCK005",
        "a.yml:1:25 error MOCK017",
        "b.yml:1:17 error MOCK005",
        "b.yml:1:25 error MOCK005",
        "b.yml:1:25 error MOCK017",
    ]


def test_cap_of_keys_in_two_files_is_for_each_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_PROBLEMS_PER_FILE", 2)
    for name in ("a.yml", "b.yml", "c.yml"):
        write(tmp_path / name, "responses: {a: 1st, b: 2nd}")

    assert names_and_places(load(tmp_path)) == [
        "b.yml:1:13 error MOCK016",
        "b.yml:1:21 error MOCK016",
        "c.yml:1:13 error MOCK016",
        "c.yml:1:21 error MOCK016",
    ]


def test_fingerprint_is_that_of_the_files(tmp_path: Path) -> None:
    file = write(tmp_path / "a.yml", "responses: {a: b}")

    assert load(file).fingerprint == fingerprint(file)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_folder_is_a_problem(tmp_path: Path) -> None:
    folder = tmp_path / "secret"
    folder.mkdir()
    folder.chmod(0)
    try:
        (problem,) = load(folder).problems
    finally:
        folder.chmod(0o700)

    assert line_of(problem) == "1:1 error MOCK008 the folder cannot be read: Permission denied"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file_is_a_problem(tmp_path: Path) -> None:
    file = write(tmp_path / "a.yml", "responses: {a: b}")
    file.chmod(0)

    (problem,) = load(file).problems

    assert line_of(problem) == "1:1 error MOCK008 the file cannot be read: Permission denied"


def test_problem_is_one_line_for_people() -> None:
    problem: Problem = read_problem("foo: 1")

    assert str(problem) == (
        "f.yml:1:1: error MOCK003 unknown key 'foo' at the top level;"
        " known here: responses, rules, defaults, settings"
    )


def read_problem(text: str) -> Problem:
    (problem,) = read_document(FILE, text.encode())[1]
    return problem


def test_what_is_wrong_everywhere_is_looked_for_only_so_far(tmp_path: Path) -> None:
    wrong = ",".join(f"w{number}" for number in range(6_000))

    problems = load(write(tmp_path / "a.yml", f"rules: [{wrong}]")).problems

    assert len(problems) == 1_001
    assert problems[-1].message == "at least 4,000 more problems in this file"
