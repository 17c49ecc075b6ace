"""Log probabilities without a model: deterministic, and plausible enough to be shown.

What is said is always the likeliest, since nothing was sampled; the probabilities of a token and
its alternatives sum to less than 1.
"""

from __future__ import annotations

from hashlib import blake2b
from math import log

from msgspec import Struct

from mockllm.core import tokens

MAX_ALTERNATIVES = 20
"""How many likely tokens are told at most."""

_OTHERS = (
    " the", " a", " and", " to", " of", " in", " is", " that", " it", " for", " on", " with",
    " as", " this", " be", " at", " or", " from", ",", ".", "\n",
)  # fmt: skip
"""What might have been said instead: one more than are told, as one of them may be the token."""

_LEAST_LIKELY, _SPREAD = 0.6, 0.39
_DIGITS = 8


class Scored(Struct, frozen=True, gc=False):
    """A token, the natural logarithm of its probability, and the likeliest tokens with theirs,
    itself first."""

    token: str
    logprob: float
    top: tuple[tuple[str, float], ...]


def scored(text: str, most: int, start: int = 0) -> tuple[Scored, ...]:
    """Return the tokens of `text` with their probabilities, and the `most` likeliest of each.

    The same token at the same position has the same ones; the first is at `start`. Joined, the
    tokens are `text`, and they are the pieces of a stream that goes by token.
    """
    pieces = tokens.pieces(text)
    return tuple(_scored(token, at, most) for at, token in enumerate(pieces, start))


def _scored(token: str, position: int, most: int) -> Scored:
    digest = blake2b(f"{position} {token}".encode(), digest_size=4).digest()
    likelihood = _LEAST_LIKELY + _SPREAD * int.from_bytes(digest[:2], "big") / 0xFFFF
    logprob = round(log(likelihood), _DIGITS)
    if most < 1:
        return Scored(token, logprob, ())
    first = int.from_bytes(digest[2:], "big") % len(_OTHERS)
    others = [each for each in (*_OTHERS[first:], *_OTHERS[:first]) if each != token]
    left = 1 - likelihood
    top = [(token, logprob)]
    for rank, other in enumerate(others[: min(most, MAX_ALTERNATIVES) - 1], start=1):
        top.append((other, round(log(left * 0.5**rank), _DIGITS)))
    return Scored(token, logprob, tuple(top))
