"""What a request's own headers and URL ask for."""

from __future__ import annotations

import pytest

from mockllm.config.control_headers import BadControl, fault, rate, time_s
from mockllm.core.faults import FAULTS, FITTING, After, Fault
from mockllm.core.timing import Rate

EXAMPLES = {"after": "50%", "for": "2s", "status": "503", "retry_after": "2s", "message": "no"}


@pytest.mark.parametrize("kind", FAULTS)
def test_kind_by_itself_is_a_fault(kind: str) -> None:
    assert fault(kind) == Fault(kind)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("truncate; after=3 chunks", Fault("truncate", After(3.0, "chunks"))),
        ("stall;after=50%;for=2s", Fault("stall", After(0.5, "share"), 2.0)),
        (" reset ; after = 1s ; ", Fault("reset", After(1.0, "seconds"))),
        ("stall; for=0s", Fault("stall", for_s=0.0)),
        ("html; status=503", Fault("html", status=503)),
        ("rate_limit; retry_after=30d", Fault("rate_limit", retry_after_s=2_592_000.0)),
        ("rate_limit; retry_after=1.5s", Fault("rate_limit", retry_after_s=1.5)),
        ("server; message=a = b, c", Fault("server", message="a = b, c")),
        ("server; message=", Fault("server", message="")),
    ],
)
def test_more_may_be_said_of_a_fault(text: str, expected: Fault) -> None:
    assert fault(text) == expected


@pytest.mark.parametrize("key", FITTING)
@pytest.mark.parametrize("kind", FAULTS)
def test_only_what_goes_with_a_kind_may_be_said_of_it(kind: str, key: str) -> None:
    text = f"{kind}; {key}={EXAMPLES[key]}"

    if kind in FITTING[key]:
        assert fault(text).kind == kind
    else:
        with pytest.raises(BadControl, match=f"^{key} does not go with {kind}$"):
            fault(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "there is no fault ''; there are rate_limit, overloaded"),
        ("Truncate", "there is no fault 'Truncate'"),
        ("after=50%", "there is no fault 'after=50%'"),
        ("truncate; at=50%", "'at' is not after, for, status, retry_after, message"),
        ("truncate; 50%", "'50%' is not after"),
        ("truncate; after", "after= cannot be; write for example after=50%"),
        ("truncate; after=3", "after=3 cannot be; write for example after=50%"),
        ("stall; for=8d", "for=8d cannot be; write for example for=2s"),
        ("stall; for=ever", "for=ever cannot be"),
        ("html; status=200", "status=200 cannot be; write for example status=503"),
        ("html; status=600", "status=600 cannot be"),
        ("html; status=+503", "status=.503 cannot be"),
        ("html; status=٥٠٣", "status=٥٠٣ cannot be"),
        ("server; retry_after=2", "retry_after=2 cannot be; write for example retry_after=2s"),
        (f"server; message={'x' * 500}", "a fault has at most 500 characters"),
    ],
)
def test_what_cannot_be_is_told_with_what_can(text: str, reason: str) -> None:
    with pytest.raises(BadControl, match=f"^{reason}"):
        fault(text)


@pytest.mark.parametrize(("text", "seconds"), [("300ms", 0.3), ("0s", 0.0), ("7d", 604_800.0)])
def test_time_is_in_seconds(text: str, seconds: float) -> None:
    assert time_s(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "300", "fast", "8d", "-1s"])
def test_anything_else_is_no_time(text: str) -> None:
    with pytest.raises(BadControl, match=f"^'{text}' is no time; write for example 300ms$"):
        time_s(text)


def test_rate_has_its_unit() -> None:
    assert rate("60 tokens/s") == Rate(60.0, "token")


@pytest.mark.parametrize("text", ["", "60", "0 tokens/s"])
def test_anything_else_is_no_rate(text: str) -> None:
    with pytest.raises(BadControl, match=f"^'{text}' is no rate; write for example 60 tokens/s$"):
        rate(text)


def test_only_the_beginning_of_what_is_long_is_shown() -> None:
    with pytest.raises(BadControl, match=f"^'{'x' * 40}' is no time"):
        time_s("x" * 10_000)
