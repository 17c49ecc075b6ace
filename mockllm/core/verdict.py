"""A verdict on a client, and all kinds of them: what was seen, and what mends it."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from mockllm.core.exchange import Exchange
from mockllm.core.problems import Level


class Verdict(Struct, frozen=True):
    """What a client did. `exchanges` are the requests that show it, the oldest first."""

    name: str
    level: Level
    message: str
    exchanges: tuple[Exchange, ...]

    @property
    def fix(self) -> str:
        """What mends it."""
        return KINDS[self.name].fix


class Kind(Struct, frozen=True):
    """What a verdict means: `seen` is what the requests show, `fix` what mends it."""

    seen: str
    fix: str


KINDS: Mapping[str, Kind] = {
    "retried_in_vain": Kind(
        "the same request again after an answer that stays as it is: a 4xx but 408, 409, 425, 429",
        "retry only 408, 409, 425, 429, 5xx and broken connections; raise the others at once",
    ),
    "ignored_retry_after": Kind(
        "a retry earlier than the answer's `Retry-After` said",
        "wait as long as `Retry-After` says before the next attempt",
    ),
    "no_backoff": Kind(
        "a retry within 0.1 s of a failure, or three and more after pauses that do not grow",
        "double the pause after each failure, with some chance in it, from about 0.5 s",
    ),
    "storm": Kind(
        "ten attempts at one request within a minute",
        "bound the attempts: two or three retries, then an error; of nested retries keep one",
    ),
    "gave_up": Kind(
        "one attempt only, although what failed may pass: 429, 5xx, a broken connection",
        "retry two or three times with pauses that grow, or fall back to another model",
    ),
    "took_truncated": Kind(
        "an answer that was broken off is quoted in the next request as if it were all",
        "keep an answer only when it has its finish reason and its stream has ended as it should",
    ),
    "waited_for_ever": Kind(
        "the client held a connection on which nothing came until the server closed it",
        "set a timeout for the time between two pieces of an answer, and one for all of it",
    ),
    "repeated_side_effect": Kind(
        "two results of one call, or of the same call of two attempts: the tool ran twice",
        "run a tool once for each call, after the whole answer has come; remember what was done",
    ),
    "leaked_key": Kind(
        "a prompt, a tool's call or its result holds an API key or a token",
        "take secrets out of what is sent to a model: environment, files, headers, errors",
    ),
    "changed_arguments": Kind(
        "a tool's call comes back with another name or other arguments than the model said",
        "send calls back as they came; join the pieces of streamed arguments by index, in order",
    ),
    "missing_result": Kind(
        "a tool's call whose result never came",
        "answer every call, also one that failed or was refused, before the next prompt",
    ),
    "unended_loop": Kind(
        "the last answer of an agent's loop calls tools, and nothing came after",
        "run the loop until an answer calls no tool; where steps are bounded, ask for a last text",
    ),
}
"""All verdicts, by name: the manual's table."""
