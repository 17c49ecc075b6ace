"""`mockllm explain`: which rule answers a request, and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mockllm.cli.main import main
from tests.config.documents import write

RULES = """\
rules:
- {name: bye, when: {contains: bye, model: gpt-4}, reply: See you.}
- {name: greet, when: {contains: hell}, reply: Hello.}
responses: {hello: Hi.}
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return write(tmp_path / "r.yml", RULES)


def asked(text: str, **more: Any) -> str:
    """Return a chat request as JSON."""
    return json.dumps({"model": "m", "messages": [{"role": "user", "content": text}], **more})


def run(rules: Path, body: str, *options: str) -> Result:
    return CliRunner().invoke(main, ["explain", "-", "-r", str(rules), *options], input=body)


def test_rule_that_answers_is_named_with_its_place(rules: Path) -> None:
    result = run(rules, asked("hello"))

    assert result.exit_code == 0
    assert result.output.splitlines()[:3] == [
        "prompt 'hello', turn 1, step 1",
        f"answered by {rules}:3:3 'greet' (contains)",
        f"also matches {rules}:4:13 'hello'",
    ]


def test_what_matches_does_not_nearly_match(rules: Path) -> None:
    assert f"nearly {rules}:4:13 'hello'" not in run(rules, asked("hello")).output


def test_exact_prompt_is_named(tmp_path: Path) -> None:
    rules = write(tmp_path / "r.yml", "responses: {hello: Hi.}")

    lines = run(rules, asked("hello")).output.splitlines()

    assert lines[1] == f"answered by {rules}:1:13 'hello' (exact prompt)"


def test_request_of_any_operation_is_explained(rules: Path) -> None:
    body = json.dumps({"model": "m", "input": "hello"})

    lines = run(rules, body, "--provider", "openai.responses").output.splitlines()

    assert lines[1] == f"answered by {rules}:3:3 'greet' (contains)"


def test_fallback_and_near_misses_are_named(rules: Path) -> None:
    result = run(rules, asked("bye"))

    assert result.exit_code == 0
    assert "no rule matches; answered by 'unknown_response'" in result.output
    assert f"nearly {rules}:2:3 'bye': model: wanted 'gpt-4', got 'm'" in result.output


def test_explanation_as_json(rules: Path) -> None:
    found = json.loads(run(rules, asked("hello"), "--format", "json").output)

    assert found["answer"] == {"name": "greet", "file": str(rules), "line": 3}
    assert (found["matched_on"], found["prompts"]) == ("hello", ["hello"])
    assert [rule["name"] for rule in found["later"]] == ["hello"]


def test_fallback_as_json(rules: Path) -> None:
    found = json.loads(run(rules, asked("what?"), "--format", "json").output)

    assert (found["answer"]["name"], found["matched_on"], found["later"]) == (
        "unknown_response",
        None,
        [],
    )


def test_request_of_another_provider(rules: Path) -> None:
    result = run(rules, asked("hello", max_tokens=7), "--provider", "anthropic")

    assert f"answered by {rules}:3:3 'greet' (contains)" in result.output


def test_request_may_be_a_file(rules: Path, tmp_path: Path) -> None:
    request = write(tmp_path / "request.json", asked("hello"))

    result = CliRunner().invoke(main, ["explain", str(request), "-r", str(rules)])

    assert (result.exit_code, "'greet'" in result.output) == (0, True)


@pytest.mark.parametrize("body", ["", "{", "[]", "{}", '{"model": 7}'])
def test_refused_request_is_an_error(rules: Path, body: str) -> None:
    result = run(rules, body)

    assert result.exit_code == 1
    assert result.output.startswith("Error: openai would refuse this: ")


def test_refused_request_names_the_operations_that_take_it(rules: Path) -> None:
    result = run(rules, '{"model": "m", "prompt": "hello"}')

    takers = "openai.completions or openai.fim"
    assert result.output.endswith(f"messages is missing ({takers} would take it)\n")


def test_bad_rules_are_listed(tmp_path: Path) -> None:
    result = run(write(tmp_path / "r.yml", "foo: 1"), asked("hello"))

    assert result.exit_code == 2
    assert "r.yml:1:1: error MOCK003" in result.output


def test_missing_request_is_an_error(rules: Path) -> None:
    result = CliRunner().invoke(main, ["explain", "nothing.json", "-r", str(rules)])

    assert result.exit_code == 2
    assert "nothing.json" in result.output


def test_later_responses_override(rules: Path, tmp_path: Path) -> None:
    staging = write(tmp_path / "staging.yml", "rules: [{when: {contains: lo}, reply: No.}]")

    result = run(rules, asked("hello"), "-r", str(staging))

    assert f"answered by {staging}:1:9 'rule at line 1' (contains)" in result.output
    assert f"also matches {rules}:3:3 'greet'" in result.output
