"""Everything that mockllm raises on purpose.

MockLLMError
├── ConfigError              the responses cannot be used; carries the problems
├── InvalidRule              a rule that a Python call adds cannot be used
└── RequestError             a client's request gets an error reply, in its own dialect
    ├── MalformedBody        not JSON, or not text at all
    ├── InvalidRequest       JSON of the wrong shape; names the parameter
    ├── BodyTooLarge
    ├── PathNotFound
    ├── MethodNotAllowed
    ├── NotHttp              what HTTP itself does not allow: a bad header, a bad length
    ├── ScriptedError        an error that a rule asks for
    ├── NoMatch              strict, and no rule answers; says which came nearest
    ├── ObjectNotFound       a stored object that was never made, or is forgotten
    ├── WrongKey             settings.api_keys, and the request's is not among them
    ├── ModelNotFound        settings.models, and the request's is not among them
    ├── Unfit                what the real API refuses, in its own words
    ├── SessionRequired      settings.require_session, and the request names none
    ├── BadControlHeader     a header of mockllm's own asks for what there is not
    ├── RateLimited          settings.limits, and the request is beyond one; a ScriptedError
    ├── CannotAnswer         a rule matched and cannot answer
    └── InternalError        our own mistake; the details are in the log only
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import click

from mockllm.core.model import ErrorReply, ObjectName
from mockllm.core.problems import Location, Problem

if TYPE_CHECKING:
    from mockllm.core.limits import Allowance
    from mockllm.core.near import NearMiss

Fault = Literal["missing", "type", "value", "empty"]


class MockLLMError(Exception):
    """The family's root."""


class ConfigError(MockLLMError, click.ClickException):
    """The responses cannot be used.

    It is a click exception, so that `flask run` and `mockllm start` print the problems and exit
    with code 2, without a traceback.
    """

    exit_code = 2

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems

    def show(self, file: Any = None) -> None:
        """Print the problems, one a line, where click prints errors."""
        click.echo(self.message, file=file, err=file is None)


class InvalidRule(MockLLMError, ValueError):
    """A rule that a Python call adds cannot be used; the message names the call and every
    problem."""


class RequestError(MockLLMError):
    """A request that gets an error reply. `status` is the HTTP status of the common case."""

    status: ClassVar[int] = 400

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class MalformedBody(RequestError):
    """The body is not JSON; `message` says why and where."""


class InvalidRequest(RequestError):
    """The body is JSON of the wrong shape.

    `path` leads to the member (`("messages", 0, "content")`), () for the body itself; `fault`
    says in what way it is wrong; `expected` and `actual` are JSON types or short phrases.
    """

    def __init__(
        self, fault: Fault, path: tuple[str | int, ...], expected: str = "", actual: str = ""
    ) -> None:
        where = ".".join(map(str, path)) or "the body"
        words = {
            "missing": "is missing",
            "empty": "is empty",
            "type": f"takes {expected}, not {actual}",
            "value": f"takes a value {expected}",
        }
        super().__init__(f"{where} {words[fault]}")
        self.fault = fault
        self.path = path
        self.expected = expected
        self.actual = actual


class BodyTooLarge(RequestError):
    status = 413

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(
            f"The request body is larger than {limit_bytes:,} bytes"
            " (settings.max_body in mockllm's YAML raises the limit)."
        )


class PathNotFound(RequestError):
    """`advice` follows the message: it begins with a colon, or is "" when there is none."""

    status = 404

    def __init__(self, method: str, path: str, advice: str = "") -> None:
        self.advice = f": {advice}" if advice else ""
        super().__init__(f"mockllm has no {method} {path}{self.advice}")
        self.method = method
        self.path = path


class MethodNotAllowed(RequestError):
    """`allowed` holds the methods that the path has."""

    status = 405

    def __init__(self, method: str, path: str, allowed: tuple[str, ...]) -> None:
        super().__init__(f"{path} does not take {method}; it takes {' and '.join(allowed)}")
        self.method = method
        self.path = path
        self.allowed = allowed


class NotHttp(RequestError):
    """`status` is the one HTTP prescribes for this mistake."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status  # type: ignore[misc]  # the one class whose status varies


class ScriptedError(RequestError):
    """An error that a rule asks for. `words` None means the vendor's own for `kind`."""

    def __init__(self, reply: ErrorReply) -> None:
        super().__init__(reply.message or f"{reply.kind}, as was asked for")
        self.words = reply.message
        self.status = reply.status or 0  # type: ignore[misc]  # 0: the vendor's for the kind
        self.kind = reply.kind
        self.retry_after_s = reply.retry_after_s
        self.headers = reply.headers


def scripted_headers(error: ScriptedError) -> tuple[tuple[str, str], ...]:
    """Return the headers that a rule's error has in every dialect."""
    if error.retry_after_s is None:
        return error.headers
    seconds = f"{error.retry_after_s:.3f}".rstrip("0").rstrip(".")
    return (("retry-after", seconds), *error.headers)


class NoMatch(RequestError):
    """`message` names the nearest rules, the first failing condition of each, and its place; `near`
    are those that did not match."""

    status = 404

    def __init__(self, message: str, near: tuple[NearMiss, ...] = ()) -> None:
        super().__init__(message)
        self.near = near


class ObjectNotFound(RequestError):
    """`name` is the object's kind and id; `is_continued` tells that a request was to go on from
    it, and did not ask for it."""

    status = 404

    def __init__(self, name: ObjectName, is_continued: bool = False) -> None:
        super().__init__(f"No {name.kind} found with id '{name.id}'.")
        self.name = name
        self.is_continued = is_continued


class WrongKey(RequestError):
    """The key itself is not told: it may be a real one."""

    status = 401

    def __init__(self, is_missing: bool) -> None:
        super().__init__("no API key was sent" if is_missing else "the API key is not known here")
        self.is_missing = is_missing


class ModelNotFound(RequestError):
    status = 404

    def __init__(self, model: str) -> None:
        super().__init__(f"settings.models has no model '{model}'")
        self.model = model


class Unfit(RequestError):
    """What the real API refuses. `message` is in the vendor's words; `param` and `code` are told by
    vendors that have them."""

    def __init__(self, message: str, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.param = param
        self.code = code


class SessionRequired(RequestError):
    def __init__(self) -> None:
        super().__init__(
            "This mockllm keeps sessions apart (settings.require_session): send the header"
            " X-Mockllm-Session, or put /s/<session> before the path."
        )


class BadControlHeader(RequestError):
    """`name` is the header's, or says that it is the URL."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"mockllm cannot do what {name} asks: {reason}")
        self.name = name


class RateLimited(ScriptedError):
    """A request beyond a limit. `what` is `requests`, `tokens` or `concurrent`; `limit` is how many
    there may be in `per_s` seconds (None: at once). After `wait_s` there is enough again.
    `allowances` are what is left."""

    def __init__(
        self,
        what: Literal["requests", "tokens", "concurrent"],
        limit: float,
        per_s: float | None,
        wait_s: float,
        model: str,
        allowances: tuple[Allowance, ...] = (),
    ) -> None:
        super().__init__(ErrorReply("rate_limit", retry_after_s=float(ceil(wait_s))))
        self.model = model
        self.what = what
        self.limit = limit
        self.per_s = per_s
        self.wait_s = wait_s
        self.allowances = allowances


class CannotAnswer(RequestError):
    """A rule matched and cannot answer: its sequence is exhausted, its template fails, or no
    value satisfies the request's schema. `message` says which and where; `location` is the
    rule's, None for what is built in."""

    def __init__(self, message: str, location: Location | None = None) -> None:
        super().__init__(message)
        self.location = location


class InternalError(RequestError):
    status = 500

    def __init__(self) -> None:
        super().__init__(
            "mockllm failed on this request; its log has the traceback under this request's id."
        )
