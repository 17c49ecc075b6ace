"""How OpenAI tells what is left of a limit, and that one is reached.

Source: https://platform.openai.com/docs/guides/rate-limits, and messages that users quote in public
issue trackers, read 2026-11-22.
"""

from __future__ import annotations

from collections.abc import Iterator

from mockllm.core.exchange import Exchange
from mockllm.core.protocol import Headers
from mockllm.errors import RateLimited

_PERIODS = {1: "sec", 60: "min", 3600: "hour", 86400: "day"}
_SHORT = {("requests", 60): "RPM", ("tokens", 60): "TPM"} | {
    ("requests", 86400): "RPD",
    ("tokens", 86400): "TPD",
}


def headers(exchange: Exchange) -> Headers:
    """Return the headers of every answer under a limit."""
    return tuple(_headers(exchange))


def _headers(exchange: Exchange) -> Iterator[tuple[str, str]]:
    for each in exchange.allowances:
        yield f"x-ratelimit-limit-{each.measure}", str(each.limit)
        yield f"x-ratelimit-remaining-{each.measure}", str(each.remaining)
        yield f"x-ratelimit-reset-{each.measure}", go_duration(each.reset_s)


def go_duration(seconds: float) -> str:
    """Return a time as Go writes it, to the millisecond.

    >>> go_duration(360.0), go_duration(8.64), go_duration(0.02)
    ('6m0s', '8.64s', '20ms')
    """
    milliseconds = round(seconds * 1000)
    if milliseconds < 1000:
        return f"{milliseconds}ms" if milliseconds else "0s"
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    said = f"{rest / 1000:.3f}".rstrip("0").rstrip(".") + "s"
    if hours:
        return f"{hours}h{minutes}m{said}"
    return f"{minutes}m{said}" if minutes else said


def message(error: RateLimited) -> str:
    """Return how a 429 is worded."""
    if error.per_s is None:
        return (
            f"Rate limit reached for {error.model}: {error.limit:.0f} concurrent requests. Please"
            f" try again in {go_duration(error.wait_s)}."
        )
    period = _PERIODS.get(int(error.per_s), "period")
    short = _SHORT.get((error.what, int(error.per_s)))
    measure = f"{error.what} per {period}{f' ({short})' if short else ''}"
    return (
        f"Rate limit reached for {error.model} on {measure}: Limit {error.limit:.0f}. Please try"
        f" again in {go_duration(error.wait_s)}. Visit"
        " https://platform.openai.com/account/rate-limits to learn more."
    )


def kind(error: RateLimited) -> str:
    """Return the `type` of a 429."""
    return "tokens" if error.what == "tokens" else "requests"
