"""Quantities as people write them."""

from __future__ import annotations

import pytest

from mockllm.config.units import size_bytes


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1B", 1),
        ("0B", 0),
        ("512KB", 524_288),
        ("512 KB", 524_288),
        ("32MB", 33_554_432),
        ("1GB", 1_073_741_824),
        ("007MB", 7_340_032),
        ("999999999999B", 999_999_999_999),
    ],
)
def test_size_is_in_bytes(text: str, size: int) -> None:
    assert size_bytes(text) == size


@pytest.mark.parametrize(
    "text",
    [
        "",
        "32",
        "MB",
        "32mb",
        "32M",
        "32MiB",
        "32TB",
        "1.5MB",
        "-1MB",
        "+1MB",
        "32  MB",
        "32\tMB",
        " 32MB",
        "32MB ",
        "32MB\n",
        "1_000KB",
        "1,000KB",
        "1000000000000B",
        "lots",
    ],
)
def test_anything_else_is_no_size(text: str) -> None:
    assert size_bytes(text) is None
