"""Whatever a file holds, loading it gives a ruleset or problems, and never an exception."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mockllm.config import schema, validator
from mockllm.config.load import MAX_PROBLEMS_PER_FILE, load
from mockllm.config.places import places
from mockllm.config.source import MapNode, parse
from mockllm.config.valid import Valid
from mockllm.core.problems import has_errors
from tests.config.documents import FILE

WORDS = (
    *("responses", "defaults", "settings", "unknown_response", "text", "x-a", "hello"),
    *("rules", "when", "reply", "replies", "steps", "one_of", "name", "times", "goto", "contains"),
    *("equals", "regex", "always", "not", "headers", "params", "turn", "3+", "model", "tool_calls"),
    *("arguments", "parts", "template", "json", "render", "error", "embedding", "file", "echo"),
    *("lag_enabled", "lag_factor", "match", "seed", "max_body", "exact", "32MB", "10"),
    *("yes", "7", "1.10", "~", "null", ".nan", ".inf", "-", "0b_", "0x_", "1:30", "12:30:45.1"),
    *("2024-05-01", "<<", "=", "9" * 400, "1" + ":00" * 200, "😀", "\u2028", "\x85", "\ufeff"),
)
MARKS = (
    *(":", ": ", "? ", "- ", ", ", "{", "}", "[", "]", "&a ", "*a", "&b ", "*b", "!!str "),
    *("!!map ", "!foo ", "! ", "|", "|-", ">", "'", '"', "\\", "\\n", "\\b", " #", "#", "@", "`"),
    *("\n", "\n", "\n  ", "\n    ", "\r\n", "\r", "\t", "---\n", "...\n", "%YAML 1.1\n", "\x07"),
)

BOUNDED = settings(max_examples=100, deadline=None, derandomize=True)

leaves = st.sampled_from([*WORDS, "'it''s'", '"\\b"', "", '""', "hello # there", "!!str 7"])


def flow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return lists and mappings of what `inner` gives, as YAML writes them in one line."""
    pairs = st.tuples(leaves, inner).map(lambda pair: f"{pair[0]}: {pair[1]}")
    return st.lists(inner, max_size=4).map(lambda items: f"[{', '.join(items)}]") | st.lists(
        pairs, max_size=4
    ).map(lambda items: f"{{{', '.join(items)}}}")


nearly_yaml = st.lists(st.sampled_from(WORDS + MARKS), max_size=40).map("".join)
nearly_right = st.lists(
    st.tuples(
        st.sampled_from(["responses", "rules", "defaults", "settings", "x-a", "foo", "<<"]),
        st.recursive(leaves, flow, max_leaves=12),
    ),
    max_size=4,
).map(lambda sections: "".join(f"{key}: {value}\n" for key, value in sections))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz") / "responses.yml"


def check(file: Path, content: bytes) -> None:
    """Load `content`, and check what holds of everything that was loaded."""
    file.write_bytes(content)

    loaded = load(file)

    assert (loaded.ruleset is None) == has_errors(loaded.problems)
    assert len(loaded.problems) <= MAX_PROBLEMS_PER_FILE + 1
    for problem in loaded.problems:
        assert problem.location.line >= 1
        assert problem.location.column >= 1
        assert len(str(problem).splitlines()) == 1


@BOUNDED
@given(content=st.binary(max_size=300))
def test_any_bytes(file: Path, content: bytes) -> None:
    check(file, content)


@BOUNDED
@given(text=st.text(max_size=300))
def test_any_text(file: Path, text: str) -> None:
    check(file, text.encode())


@BOUNDED
@given(text=nearly_yaml)
def test_words_and_marks_in_any_order(file: Path, text: str) -> None:
    check(file, text.encode())


@BOUNDED
@given(text=nearly_right)
def test_sections_with_any_values(file: Path, text: str) -> None:
    check(file, text.encode())


@BOUNDED
@given(
    head=st.sampled_from(
        [
            *("responses: {hello: ", "responses: {hello: {", "settings: {seed: ", "defaults: {"),
            *("rules: [", "rules: [{reply: a, when: {", "rules: [{when: {always: true}, "),
        ]
    ),
    text=nearly_yaml | st.recursive(leaves, flow, max_leaves=12),
)
def test_valid_beginnings(file: Path, head: str, text: str) -> None:
    check(file, f"{head}{text}".encode())


@BOUNDED
@given(
    answers=st.lists(st.recursive(leaves, flow, max_leaves=8), max_size=6),
    rules=st.lists(
        st.dictionaries(
            st.sampled_from([*schema.RULE, *schema.WHEN]),
            st.recursive(leaves, flow, max_leaves=4),
            max_size=4,
        ),
        max_size=6,
    ),
    whens=st.lists(
        st.dictionaries(st.sampled_from([*schema.WHEN]), leaves | flow(leaves), max_size=4),
        max_size=6,
    ),
)
def test_what_was_valid_before_changes_no_problem(
    answers: list[str], rules: list[dict[str, str]], whens: list[dict[str, str]]
) -> None:
    text = "".join(
        [
            "responses:\n",
            *(f"  k{number}: {answer}\n" for number, answer in enumerate(answers)),
            "rules:\n",
            *(f"- {_mapping(rule)}\n" for rule in rules),
            *(f"- {{when: {_mapping(when)}, reply: a}}\n" for when in whens),
        ]
    )
    root, _ = parse(text, FILE)
    assume(isinstance(root, MapNode))
    assert isinstance(root, MapNode)

    remembering = list(validator.check(root, places(root), FILE))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Valid, "holds", lambda *_: False)
        asking_always = list(validator.check(root, places(root), FILE))

    assert remembering == asking_always


def _mapping(entries: dict[str, str]) -> str:
    return f"{{{', '.join(f'{key}: {text}' for key, text in entries.items())}}}"
