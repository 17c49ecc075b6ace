"""What goes wrong on purpose. What each kind does is in `damage` and `misbehaviour`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from msgspec import Struct

AfterUnit = Literal["share", "chunks", "seconds"]

ErrorKind = Literal[
    "rate_limit",
    "overloaded",
    "auth",
    "permission",
    "not_found",
    "invalid",
    "context_length",
    "content_filter",
    "server",
]

ERROR_FAULTS: tuple[ErrorKind, ...] = get_args(ErrorKind)
"""An error of the provider in place of the answer."""

WIRE_FAULTS: Mapping[str, str] = {
    "reset": "the connection is reset: before the answer, or after a part of it",
    "hang": "nothing is sent, for as long as `for` says or for ever; then the connection is closed",
    "slow_headers": "the head of the response trickles in, for 10 s unless `for` says otherwise",
    "content_type": "the content type is `text/plain`",
    "html": "a proxy's page in HTML, with status 502 unless `status` says otherwise",
    "empty_body": "status 200 and nothing else",
    "malformed_json": "the JSON, or the first of a stream, has a syntax error",
    "truncate": "the answer ends early, and cleanly: JSON cut off, or a stream without an end",
    "stall": "the answer pauses for as long as `for` says, or for ever",
    "error_event": "the vendor's error, inside the stream where there is one",
    "malformed_frame": "one frame of the stream has a syntax error",
    "half_frame": "half a frame, and the connection is closed",
    "split_utf8": "the bytes of one character come in two pieces",
    "duplicate_frames": "one frame comes twice; an answer that is no stream, too",
    "reorder_frames": "two frames change places; of an answer that is no stream, the halves",
    "no_finish": "what says why the answer ends is missing; without a stream, the last bytes",
    "no_terminator": "the end of the stream is missing, or of the body: it is announced longer",
    "silence": "everything is sent, and then nothing: the connection stays open",
}
"""Damage on the way, and what the client sees of it."""

MISBEHAVIOURS: Mapping[str, str] = {
    "cut_arguments": "the arguments of a tool call are cut off",
    "trailing_comma": "the arguments of a tool call have a comma too many",
    "missing_argument": "an argument is missing",
    "wrong_type": "an argument has another type than the tool's schema wants",
    "extra_argument": "an argument is there that the tool does not have",
    "bad_enum": "an argument is none of the values that the tool's schema allows",
    "unknown_tool": "a tool is called that was not offered",
    "duplicate_ids": "two tool calls have one id",
    "length_in_call": "the answer ends for its length in the middle of a tool call",
    "empty_answer": "an answer without content",
    "refusal": "the model refuses",
    "filtered": "the answer is cut off by the content filter",
    "reasoning_only": "the model thinks, and says nothing",
    "code_fence": "JSON comes in a Markdown code fence",
    "wrong_language": "the answer is in another language",
    "injection": "the answer holds instructions for whoever reads it",
}
"""Valid HTTP from a model that errs."""

FAULTS = (*ERROR_FAULTS, *WIRE_FAULTS, *MISBEHAVIOURS)

PLACED = (
    "reset", "truncate", "stall", "error_event", "malformed_frame", "half_frame", "split_utf8",
    "duplicate_frames", "reorder_frames",
)  # fmt: skip
"""The kinds that `after` places."""

LASTING = ("hang", "slow_headers", "stall", "silence")
"""The kinds that `for` bounds."""

FITTING: Mapping[str, tuple[str, ...]] = {
    "after": PLACED,
    "for": LASTING,
    "status": (*ERROR_FAULTS, "html"),
    "retry_after": ERROR_FAULTS,
    "message": ERROR_FAULTS,
}
"""What may be said of a fault, and of which kinds."""


class After(Struct, frozen=True):
    """Where in an answer a fault happens: after a share (0 to 1) of its chunks, after so many
    chunks, or so many seconds after the request."""

    amount: float
    unit: AfterUnit


HALFWAY = After(0.5, "share")
AT_ONCE = After(0.0, "share")


class Fault(Struct, frozen=True):
    """`after` None is before the answer for `reset`, and halfway for the others that have a place.
    `for_s` None is without end. `status` and `retry_after_s` are those of an error or a page."""

    kind: str
    after: After | None = None
    for_s: float | None = None
    status: int | None = None
    retry_after_s: float | None = None
    message: str | None = None

    @property
    def is_error(self) -> bool:
        """Whether it is an error of the provider in place of the answer: an `ErrorKind`."""
        return self.kind in ERROR_FAULTS


FaultSource = Literal["header", "url", "session", "rule", "run-time", "chaos", "defaults"]


class ChosenFault(Struct, frozen=True):
    """The fault of one exchange, and where it comes from."""

    fault: Fault
    source: FaultSource
