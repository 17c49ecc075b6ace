"""Where references lead."""

from __future__ import annotations

from typing import Any

import pytest

from mockllm.core.values.schema_references import References
from mockllm.core.values.steps import OutOfSteps, Steps

ROOT: dict[str, Any] = {
    "$id": "https://example.com/root#",
    "$defs": {"a/b": {"c~d": 1}, "per%cent": 2, "list": [3, 4]},
    "items": [{"$anchor": "five", "is": 5}, {"$id": "six", "properties": {"is": 6}}, {"$id": 7}],
}


def target(reference: str) -> object:
    return References(ROOT, Steps(100)).target(reference)


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("#", ROOT),
        ("", ROOT),
        ("#/$defs/a~1b/c~0d", 1),
        ("#/$defs/per%25cent", 2),
        ("#/$defs/list/1", 4),
        ("#five", ROOT["items"][0]),
        ("six", ROOT["items"][1]),
        ("six#/properties/is", 6),
        ("https://example.com/root", ROOT),
        ("https://example.com/root#/$defs/list/0", 3),
    ],
)
def test_reference_leads_into_the_document(reference: str, expected: object) -> None:
    assert target(reference) == expected


@pytest.mark.parametrize(
    "reference",
    [
        "#/$defs/missing",
        "#/$defs/list/2",
        "#/$defs/list/x",
        "#/$defs/list/-1",
        "#/$defs/list/99999999999999999999",
        "#/$defs/list/1/deeper",
        "#missing",
        "https://example.com/other",
        "file:///etc/passwd",
    ],
)
def test_reference_to_anything_else_leads_nowhere(reference: str) -> None:
    assert target(reference) is None


def test_looking_for_names_is_bounded() -> None:
    with pytest.raises(OutOfSteps):
        References({"a": [1, 2, 3]}, Steps(4)).target("#name")
