"""Quantities as people write them."""

from __future__ import annotations

import pytest

from mockllm.config.units import after, duration_s, number_range, quota, rate, share, size_bytes
from mockllm.core.conditions import Range
from mockllm.core.faults import After
from mockllm.core.rules import Quota
from mockllm.core.timing import Rate


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
        "٣MB",
    ],
)
def test_anything_else_is_no_size(text: str) -> None:
    assert size_bytes(text) is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("400ms", 0.4),
        ("2s", 2.0),
        ("2 s", 2.0),
        ("0s", 0.0),
        ("1.5m", 90.0),
        ("0.25s", 0.25),
        ("1h", 3_600.0),
        ("1d", 86_400.0),
        ("007s", 7.0),
        ("999999999s", 999_999_999.0),
    ],
)
def test_duration_is_in_seconds(text: str, seconds: float) -> None:
    assert duration_s(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "2",
            "s",
            "2S",
            "2sec",
            "2 seconds",
            "2us",
            "2w",
            "-2s",
            "+2s",
            "2  s",
            "2\ts",
            " 2s",
        ),
        *("2s ", "2s\n", "1_0s", "1,5s", ".5s", "5.s", "1e3s", "1m30s", "1:30", "٢s", "lots"),
        *("1000000000s", "1.0000001s"),
    ],
)
def test_anything_else_is_no_duration(text: str) -> None:
    assert duration_s(text) is None


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("3", 3, 3),
        ("0", 0, 0),
        ("03", 3, 3),
        ("3+", 3, None),
        ("0+", 0, None),
        ("3-5", 3, 5),
        ("3-3", 3, 3),
        ("999999999", 999_999_999, 999_999_999),
    ],
)
def test_range_is_inclusive(text: str, low: int, high: int | None) -> None:
    assert number_range(text) == Range(low, high)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "x",
            "+",
            "-",
            "-3",
            "+3",
            "3-",
            "3++",
            "3+-5",
            "5-3",
            "3-5+",
            "3 - 5",
            "3..5",
            "3–5",
        ),
        *(" 3", "3 ", "3\n", "1.5", "1_0", "0x1", "1:30", "٣", "1000000000", "3-1000000000"),
    ],
)
def test_anything_else_is_no_range(text: str) -> None:
    assert number_range(text) is None


@pytest.mark.parametrize(
    ("text", "amount"),
    [("20%", 0.2), ("0%", 0.0), ("100%", 1.0), ("100.0 %", 1.0), ("0.5%", 0.005), ("007%", 0.07)],
)
def test_share_is_from_nothing_to_all(text: str, amount: float) -> None:
    assert share(text) == pytest.approx(amount)


@pytest.mark.parametrize(
    "text", ["", "%", "20", "0.2", "101%", "100.1%", "-5%", "5  %", "5%%", "5.%", "1000%", "٣%"]
)
def test_anything_else_is_no_share(text: str) -> None:
    assert share(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("60 tokens/s", Rate(60.0, "token")),
        ("1 token/s", Rate(1.0, "token")),
        ("60tokens/s", Rate(60.0, "token")),
        ("2.5 words/s", Rate(2.5, "word")),
        ("300 characters/s", Rate(300.0, "character")),
    ],
)
def test_rate_is_in_its_unit(text: str, expected: Rate) -> None:
    assert rate(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "60", "60/s", "60 tokens", "60 tokens/m", "0 tokens/s", "0.0 words/s", "-1 tokens/s",
     "60 tokens / s", "60 Tokens/s", "60 sentences/s", "tokens/s"],
)  # fmt: skip
def test_anything_else_is_no_rate(text: str) -> None:
    assert rate(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("50%", After(0.5, "share")),
        ("0%", After(0.0, "share")),
        ("3 chunks", After(3.0, "chunks")),
        ("1 chunk", After(1.0, "chunks")),
        ("0chunks", After(0.0, "chunks")),
        ("2s", After(2.0, "seconds")),
        ("300ms", After(0.3, "seconds")),
    ],
)
def test_place_in_an_answer_is_a_share_chunks_or_a_time(text: str, expected: After) -> None:
    assert after(text) == expected


@pytest.mark.parametrize("text", ["", "3", "0.5", "150%", "1.5 chunks", "3 tokens", "-1 chunks"])
def test_anything_else_is_no_place(text: str) -> None:
    assert after(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("60/m", Quota(60.0, 60.0)),
        ("90k/m", Quota(90_000.0, 60.0)),
        ("1/s", Quota(1.0, 1.0)),
        ("10 / h", Quota(10.0, 3_600.0)),
        ("5/d", Quota(5.0, 86_400.0)),
    ],
)
def test_quota_is_a_number_in_a_time(text: str, expected: Quota) -> None:
    assert quota(text) == expected


@pytest.mark.parametrize("text", ["", "60", "0/m", "0k/m", "1.5/m", "-1/m", "60/w", "60/2m"])
def test_anything_else_is_no_quota(text: str) -> None:
    assert quota(text) is None
