"""Texts and tokens that embeddings and completions take."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from mockllm.core.model import Text
from mockllm.errors import InvalidRequest, Unfit
from mockllm.providers.openai.inputs import Given, Inputs, given


def read(sent: Any) -> Given:
    return given(msgspec.convert(sent, Inputs), "input", 3)


@pytest.mark.parametrize(
    ("sent", "texts", "tokens"),
    [
        ("a", ["a"], ()),
        ("", [""], ()),
        (["a"], ["a"], ()),
        (["a", "", "b"], ["a", "", "b"], ()),
        ([1, 22, 333, 4444], ["1 22 333 4444"], (4,)),
        ([[1, 22], [333]], ["1 22", "333"], (2, 1)),
        ([0], ["0"], (1,)),
    ],
)
def test_inputs_are_texts_and_tokens_are_counted(
    sent: Any, texts: list[str], tokens: tuple[int, ...]
) -> None:
    assert read(sent) == Given(tuple((Text(text),) for text in texts), tokens)


@pytest.mark.parametrize(
    ("sent", "fault", "path", "expected", "actual"),
    [
        ([], "empty", ("input",), "array", ""),
        ([[1], []], "empty", ("input", 1), "array", ""),
        (["a", 1], "type", ("input", 1), "str", "int"),
        ([1, 2, "a"], "type", ("input", 2), "int", "str"),
        ([[1], "a"], "type", ("input", 1), "array", "str"),
        (["a", [1]], "type", ("input", 1), "str", "array"),
    ],
)
def test_other_arrays_are_refused(
    sent: Any, fault: str, path: tuple[str | int, ...], expected: str, actual: str
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read(sent)

    error = caught.value
    assert (error.fault, error.path) == (fault, path)
    assert (error.expected, error.actual) == (expected, actual)


@pytest.mark.parametrize(
    ("sent", "param", "most", "length"),
    [
        (["a"] * 4, "input", 3, 4),
        ([[1]] * 4, "input", 3, 4),
        ([1] * 8_193, "input", 8_192, 8_193),
        ([[1], [1] * 8_193], "input[1]", 8_192, 8_193),
    ],
)
def test_longer_arrays_are_refused(sent: Any, param: str, most: int, length: int) -> None:
    with pytest.raises(Unfit) as caught:
        read(sent)

    assert (caught.value.param, caught.value.code) == (param, "array_above_max_length")
    assert f"maximum length {most}, but got an array with length {length}" in str(caught.value)


def test_as_many_tokens_as_a_model_takes_are_one_input() -> None:
    assert read([1] * 8_192).tokens == (8_192,)
