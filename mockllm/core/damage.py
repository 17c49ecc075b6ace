"""What a fault does to an answer on its way. Knows no vendor: the roles of frames tell enough.

Nothing here waits or touches a connection: a damaged answer is frames with interruptions between
them, and the pump obeys.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus

from msgspec import Struct, structs

from mockllm.core.faults import AT_ONCE, HALFWAY, Fault
from mockllm.core.protocol import Frame, Headers, Role, Whole

_SPLIT_S = 0.02
_SLOW_HEAD_S = 10.0
_CONTINUES = re.compile(rb"[\x80-\xbf]")
_BAD_GATEWAY = 502
_HTML = (
    "<html>\r\n<head><title>{0}</title></head>\r\n<body>\r\n<center><h1>{0}</h1></center>\r\n"
    "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)
_PHRASES = {status.value: status.phrase for status in HTTPStatus}


class Until(Struct, frozen=True):
    """Nothing more is sent before `at_s` seconds after the start."""

    at_s: float


class Stall(Struct, frozen=True):
    """Nothing is sent for `for_s` seconds, and what comes later is due later by as much. None is
    as long as a fault may hold a connection; then it is closed."""

    for_s: float | None


class Reset(Struct, frozen=True):
    """The connection is reset."""


class HangUp(Struct, frozen=True):
    """The connection is closed before the answer is complete."""


Interruption = Until | Stall | Reset | HangUp
Step = Frame | Interruption
Error = Callable[[], Frame]
_Placed = Iterator[tuple[Frame, bool]]
"""Frames, each with whether the fault's place has been reached before it."""


class Damage:
    """What one fault does to one answer. `has_fired` tells whether it has happened."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.has_fired = False

    @property
    def is_page(self) -> bool:
        """Whether something else is sent in place of the answer, streamed or not."""
        return self.fault.kind in ("html", "empty_body")

    @property
    def slow_head_s(self) -> float | None:
        """How long the head of the response takes, None when it is sent at once."""
        if self.fault.kind != "slow_headers":
            return None
        return _SLOW_HEAD_S if self.fault.for_s is None else self.fault.for_s

    def page(self, content_type: str) -> Whole:
        """Return what is sent in place of the answer."""
        self.has_fired = True
        if self.fault.kind == "html":
            status = self.fault.status or _BAD_GATEWAY
            body = _HTML.format(f"{status} {_PHRASES.get(status, '')}".rstrip()).encode()
            return Whole(status, (("Content-Type", "text/html"),), body)
        return Whole(200, (("Content-Type", content_type),), b"")

    def headers(self, headers: Headers) -> Headers:
        """Return the headers of the answer as they are sent."""
        if self.fault.kind != "content_type":
            return headers
        self.has_fired = True
        return tuple(
            (name, "text/plain; charset=utf-8" if name == "Content-Type" else value)
            for name, value in headers
        )

    def whole(self, body: bytes) -> tuple[int, Iterator[Step]]:
        """Return the length that is announced for an unstreamed answer, and what is sent of it."""
        edit = _WHOLE.get(self.fault.kind)
        if edit is None or (edit is _whole_split and _inside_character(body) is None):
            return len(body), iter((_piece(body, 0),))
        self.has_fired = True
        return edit(body, self.fault)

    def stream(
        self, frames: Iterator[Frame], due_s: Iterator[float], chunks: int, error: Error
    ) -> Iterator[Step]:
        """Yield a stream as it is sent.

        `due_s` tells of each chunk when it is due, `chunks` how many there are; `error` makes the
        vendor's error inside a stream.
        """
        edit = _STREAM.get(self.fault.kind)
        if edit is None:
            return frames
        return edit(self, self._placed(frames, due_s, chunks), error)

    def _placed(self, frames: Iterator[Frame], due_s: Iterator[float], chunks: int) -> _Placed:
        # What can be split may come early, and only once.
        after = self.fault.after or (AT_ONCE if self.fault.kind == "split_utf8" else HALFWAY)
        wanted = after.amount * chunks if after.unit == "share" else after.amount
        seen, is_past = 0, False
        for frame in frames:
            ends, time_s = frame.role in ("finish", "end"), -1.0
            if frame.chunk is not None:
                time_s = next(due_s)
                seen += 1
            if after.unit == "seconds":
                is_past = is_past or time_s >= wanted
            elif ends or frame.chunk is not None:
                is_past = is_past or (seen if ends else seen - 1) >= wanted
            yield frame, is_past

    def _until_place(self, placed: _Placed) -> Iterator[Step]:
        """Yield what comes before the place, and note whether it is reached."""
        for frame, is_past in placed:
            if is_past:
                self.has_fired = True
                if self.fault.after is not None and self.fault.after.unit == "seconds":
                    yield Until(self.fault.after.amount)
                return
            yield frame

    def truncate(self, placed: _Placed, _: Error) -> Iterator[Step]:
        yield from self._until_place(placed)

    def reset(self, placed: _Placed, _: Error) -> Iterator[Step]:
        if self.fault.after is None:
            self.has_fired = True
        else:
            yield from self._until_place(placed)
        if self.has_fired:
            yield Reset()

    def error_event(self, placed: _Placed, error: Error) -> Iterator[Step]:
        yield from self._until_place(placed)
        if self.has_fired:
            yield error()

    def hang(self, _: _Placed, __: Error) -> Iterator[Step]:
        self.has_fired = True
        yield Stall(self.fault.for_s)
        yield HangUp()

    def stall(self, placed: _Placed, _: Error) -> Iterator[Step]:
        for frame, is_past in placed:
            if is_past and not self.has_fired:
                self.has_fired = True
                yield Stall(self.fault.for_s)
            yield frame

    def silence(self, placed: _Placed, _: Error) -> Iterator[Step]:
        yield from (frame for frame, _ in placed)
        self.has_fired = True
        yield Stall(self.fault.for_s)

    def malformed(self, placed: _Placed, _: Error) -> Iterator[Step]:
        at_first = self.fault.kind == "malformed_json"
        for frame, is_past in placed:
            if (is_past or at_first) and not self.has_fired and b"}" in frame.data:
                self.has_fired = True
                yield structs.replace(frame, data=_malformed(frame.data))
            else:
                yield frame

    def half_frame(self, placed: _Placed, _: Error) -> Iterator[Step]:
        for frame, is_past in placed:
            if is_past and frame.data:
                self.has_fired = True
                yield structs.replace(frame, data=frame.data[: len(frame.data) // 2])
                yield HangUp()
                return
            yield frame

    def split_utf8(self, placed: _Placed, _: Error) -> Iterator[Step]:
        for frame, is_past in placed:
            at = _inside_character(frame.data) if is_past and not self.has_fired else None
            if at is None:
                yield frame
            else:
                self.has_fired = True
                yield structs.replace(frame, data=frame.data[:at])
                yield Stall(_SPLIT_S)
                yield structs.replace(frame, data=frame.data[at:], chunk=None)

    def duplicate(self, placed: _Placed, _: Error) -> Iterator[Step]:
        for frame, is_past in placed:
            yield frame
            if is_past and not self.has_fired and frame.data:
                self.has_fired = True
                yield structs.replace(frame, chunk=None)

    def reorder(self, placed: _Placed, _: Error) -> Iterator[Step]:
        held: Frame | None = None
        for frame, is_past in placed:
            if held is not None and frame.data:
                self.has_fired = True
                yield frame
                yield structs.replace(held, chunk=None)
                held = None
            elif is_past and not self.has_fired and frame.data:
                held = frame
                yield structs.replace(frame, data=b"")  # its time passes
            else:
                yield frame
        if held is not None:
            yield structs.replace(held, chunk=None)

    def no_finish(self, placed: _Placed, _: Error) -> Iterator[Step]:
        """Leave out why it ends; where the vendor says that with the end, leave that out."""
        for frame, _is_past in placed:
            if frame.role == "finish" or (frame.role == "end" and not self.has_fired):
                self.has_fired = True
                yield structs.replace(frame, data=b"")
            else:
                yield frame

    def no_terminator(self, placed: _Placed, _: Error) -> Iterator[Step]:
        """Leave out the end; where the vendor has none, leave out the last frame."""
        last: Frame | None = None
        for frame, _is_past in placed:
            if last is not None:
                yield last
            last = frame
        if last is not None:
            self.has_fired = True
            yield structs.replace(last, data=b"")


_STREAM: Mapping[str, Callable[[Damage, _Placed, Error], Iterator[Step]]] = {
    "truncate": Damage.truncate,
    "reset": Damage.reset,
    "error_event": Damage.error_event,
    "hang": Damage.hang,
    "stall": Damage.stall,
    "silence": Damage.silence,
    "malformed_json": Damage.malformed,
    "malformed_frame": Damage.malformed,
    "half_frame": Damage.half_frame,
    "split_utf8": Damage.split_utf8,
    "duplicate_frames": Damage.duplicate,
    "reorder_frames": Damage.reorder,
    "no_finish": Damage.no_finish,
    "no_terminator": Damage.no_terminator,
}

_Sent = tuple[int, Iterator[Step]]


def _whole_truncated(body: bytes, fault: Fault) -> _Sent:
    kept = body[: _place(body, fault)]
    return len(kept), iter((_piece(kept, 0),))


def _whole_reset(body: bytes, fault: Fault) -> _Sent:
    if fault.after is None:
        return len(body), iter((Reset(),))
    return len(body), iter((_piece(body[: _place(body, fault)], 0), Reset()))


def _whole_hang(body: bytes, fault: Fault) -> _Sent:
    return len(body), iter((Stall(fault.for_s), HangUp()))


def _whole_stall(body: bytes, fault: Fault) -> _Sent:
    at = _place(body, fault)
    return len(body), iter((_piece(body[:at], 0), Stall(fault.for_s), _piece(body[at:])))


def _whole_silence(body: bytes, fault: Fault) -> _Sent:
    return len(body) + 1, iter((_piece(body, 0), Stall(fault.for_s), HangUp()))


def _whole_malformed(body: bytes, _: Fault) -> _Sent:
    broken = _malformed(body)
    return len(broken), iter((_piece(broken, 0),))


def _whole_half(body: bytes, fault: Fault) -> _Sent:
    return len(body), iter((_piece(body[: _place(body, fault)], 0), HangUp()))


def _whole_unterminated(body: bytes, _: Fault) -> _Sent:
    return len(body) + 1, iter((_piece(body, 0), HangUp()))


def _whole_split(body: bytes, _: Fault) -> _Sent:
    at = _inside_character(body) or 0
    return len(body), iter((_piece(body[:at], 0), Stall(_SPLIT_S), _piece(body[at:])))


def _whole_twice(body: bytes, _: Fault) -> _Sent:
    return 2 * len(body), iter((_piece(body, 0), _piece(body)))


def _whole_reordered(body: bytes, _: Fault) -> _Sent:
    half = len(body) // 2
    return len(body), iter((_piece(body[half:], 0), _piece(body[:half])))


def _whole_without_end(body: bytes, _: Fault) -> _Sent:
    kept = body.rstrip()[:-1]
    return len(kept), iter((_piece(kept, 0),))


_WHOLE: Mapping[str, Callable[[bytes, Fault], _Sent]] = {
    "truncate": _whole_truncated,
    "reset": _whole_reset,
    "hang": _whole_hang,
    "stall": _whole_stall,
    "silence": _whole_silence,
    "malformed_json": _whole_malformed,
    "malformed_frame": _whole_malformed,
    "half_frame": _whole_half,
    "split_utf8": _whole_split,
    "duplicate_frames": _whole_twice,
    "reorder_frames": _whole_reordered,
    "no_finish": _whole_without_end,
    "no_terminator": _whole_unterminated,
}


def _piece(data: bytes, chunk: int | None = None, role: Role = "end") -> Frame:
    return Frame(data, role, chunk)


def _place(body: bytes, fault: Fault) -> int:
    """Return after how many bytes a fault happens, always before the last: a whole answer has
    no chunks, and no times."""
    after = fault.after or HALFWAY
    share = after.amount if after.unit == "share" else HALFWAY.amount
    return max(min(int(len(body) * share), len(body.rstrip()) - 1), 0)


def _malformed(data: bytes) -> bytes:
    """Return JSON, or frames of it, without its last brace."""
    before, _, after = data.rpartition(b"}")
    return before + after


def _inside_character(data: bytes) -> int | None:
    """Return where the bytes of the first character of several are cut, None when there is none."""
    found = _CONTINUES.search(data)
    return found.start() if found else None
