"""What a provider's modules must offer. Modules satisfy these protocols; nothing is inherited."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, Protocol, TypeVar

from msgspec import Struct

from mockllm.core.exchange import Exchange
from mockllm.core.judging import Judgement
from mockllm.core.model import Encoding, Request
from mockllm.core.objects import Objects
from mockllm.core.raw import Raw
from mockllm.errors import RequestError

T = TypeVar("T")
Offload = Callable[[Callable[[], Any]], Any]
"""Calls a function where it holds up no stream, and returns what it returns."""

Role = Literal["open", "delta", "finish", "end"]
Headers = tuple[tuple[str, str], ...]


def call(function: Callable[[], T]) -> T:
    """Call a function here: the `Offload` of a process in which nothing is held up by that."""
    return function()


class Frame(Struct, frozen=True, gc=False):
    """Encoded bytes of a stream that belong together.

    `role` says what they are for, whatever the vendor. `chunk` is the number of the piece they
    carry, which decides when they are due; None goes out with what came before. Without data it
    only passes the time of its piece.
    """

    data: bytes
    role: Role
    chunk: int | None = None

    def pieces(self, _: bool) -> Iterable[bytes]:
        """Return the bytes that are due by themselves: all of them."""
        return (self.data,)


class Skeleton(Protocol):
    """A frame but for a text."""

    def fill(self, text: str) -> bytes:
        """Return the frame with a text."""

    def fill_each(self, texts: tuple[str, ...]) -> bytes:
        """Return the frames of several texts, one after the other."""


class Frames(Struct, frozen=True):
    """The frames of several chunks, which differ in what they say; `chunk` is the number of the
    first. Each is encoded when it is due."""

    skeleton: Skeleton
    texts: tuple[str, ...]
    role: Role
    chunk: int

    def pieces(self, are_joined: bool) -> Iterable[bytes]:
        """Return the bytes of each frame; joined where all are due at once."""
        if are_joined:
            return (self.skeleton.fill_each(self.texts),)
        return map(self.skeleton.fill, self.texts)


def apart(frames: Iterable[Frame | Frames]) -> Iterator[Frame]:
    """Yield every frame by itself."""
    for each in frames:
        if isinstance(each, Frame):
            yield each
            continue
        for chunk, text in enumerate(each.texts, each.chunk):
            yield Frame(each.skeleton.fill(text), each.role, chunk)


class Whole(Struct, frozen=True):
    """A response in one piece. `headers` hold its content type, not its length."""

    status: int
    headers: Headers
    body: bytes


class Clock(Protocol):
    """Time, injected so that tests need not wait."""

    def wall(self) -> float:
        """Return the Unix time in seconds."""

    def monotonic(self) -> float:
        """Return seconds from an arbitrary start, never going back."""

    def wait_until(self, due_s: float) -> None:
        """Return when `monotonic` has reached `due_s`; at once when it has already."""


class Dialect(Protocol):
    """How a provider speaks whatever the operation."""

    def headers(self, exchange: Exchange, /) -> Headers:
        """Return the vendor's own headers, those that every answer carries."""

    def render_error(self, error: RequestError, exchange: Exchange, /) -> Whole:
        """Return `error` with the vendor's status, shape and words."""


class Provider(Dialect, Protocol):
    """A dialect that can be told by its clients' headers."""

    @property
    def SIGNS(self) -> tuple[str, ...]:  # noqa: N802  # a module's constant
        """Headers that only this provider's clients send, lower-case."""


class Operation(Dialect, Protocol):
    """One endpoint of a provider whose answers are composed by rules."""

    @property
    def NAME(self) -> str:  # noqa: N802  # a module's constant
        """The neutral operation: `chat` for every vendor's, `completion`, `embedding`,
        `moderation`."""

    @property
    def ENCODINGS(self) -> Mapping[Encoding, str]:  # noqa: N802  # a module's constant
        """The content type of each way to answer."""

    @property
    def JUDGEMENTS(self) -> Sequence[Judgement]:  # noqa: N802  # a module's constant
        """What the real API would refuse and this operation serves, one function each."""

    def parse(self, raw: Raw, /) -> Request:
        """Return the neutral request.

        Raises:
            RequestError: the body is not what this operation takes.
        """

    def render(self, exchange: Exchange, /) -> bytes:
        """Return the body of a whole answer."""

    @property
    def stream(self) -> Callable[[Exchange], Iterator[Frame | Frames]] | None:
        """Yields the frames of a streamed answer; folded they equal the whole one. None where
        the vendor has no streams."""

    @property
    def error_frame(self) -> Callable[[RequestError, Exchange], Frame] | None:
        """Returns an error as the vendor puts it into a stream that has begun; None as above."""


Resource = Callable[[Exchange, Objects], Whole]
"""An endpoint that is not a completion: what it returns is not composed by rules. It may raise
`RequestError`."""

Keep = Callable[[Exchange, Objects], None]
"""Stores what a client asked to be stored of a completion."""
