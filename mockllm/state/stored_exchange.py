"""An exchange as bytes, for the file that processes share: all that somebody may ask of it later.

What only its answering needed is left out: its draws, its plan, what its rule asks for and says,
and the body as its operation decoded it.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec import Struct, structs

from mockllm.core.conditions import Mismatch
from mockllm.core.draws import Draws
from mockllm.core.exchange import Exchange, Outcome
from mockllm.core.faults import ChosenFault
from mockllm.core.model import Reply, Request
from mockllm.core.near import NearMiss
from mockllm.core.problems import Location
from mockllm.core.raw import Raw
from mockllm.core.rules import Rule, Settings
from mockllm.errors import NoMatch, RequestError

_NO_DRAWS = Draws(b"")


class _Rule(Struct, frozen=True, array_like=True):
    """What tells a rule from others, and people where it stands."""

    name: str
    location: Location | None
    identity: str


class _Stored(Struct, frozen=True, array_like=True):
    """The first members are an exchange's own. Of an error there is its message, and whether it
    says that nothing matched."""

    id: str
    received_at_s: float
    started_s: float
    generation: int
    session: str
    state: str
    request: Request | None
    replies: tuple[Reply, ...]
    warnings: tuple[str, ...]
    fault: ChosenFault | None
    has_faulted: bool
    outcome: Outcome | None
    is_matched: bool
    response_headers: tuple[tuple[str, str], ...]
    status: int
    first_byte_at_s: float | None
    sent_bytes: int
    took_s: float

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    match_limit: int
    max_stall_s: float
    named: _Rule | None
    missed: tuple[tuple[_Rule, Mismatch], ...]
    refusal: tuple[str, bool] | None


_OWN = tuple(name for name in _Stored.__struct_fields__ if name in Exchange.__struct_fields__)
_encode = msgspec.msgpack.Encoder(enc_hook=dict).encode
_decode = msgspec.msgpack.Decoder(_Stored).decode
_encode_json = msgspec.json.Encoder(enc_hook=dict).encode
_decode_json = msgspec.json.Decoder(_Stored).decode
_JSON_ARRAY = b"["
"""What JSON begins with, and MessagePack here never does."""


def encode(exchange: Exchange) -> bytes:
    """Return a closed exchange as bytes."""
    raw, settings, error = exchange.raw, exchange.settings, exchange.error
    if exchange.request is not None and exchange.request.wire is not None:
        request = structs.replace(exchange.request, wire=None)
        exchange = structs.replace(exchange, request=request)
    stored = _Stored(
        **{name: getattr(exchange, name) for name in _OWN},
        method=raw.method,
        path=raw.path,
        query=raw.query,
        headers=raw.headers,
        body=raw.body,
        match_limit=settings.match_limit,
        max_stall_s=settings.max_stall_s,
        named=None if exchange.rule is None else _named(exchange.rule),
        missed=tuple((_named(miss.rule), miss.mismatch) for miss in exchange.near),
        refusal=None if error is None else (error.message, isinstance(error, NoMatch)),
    )
    try:
        return _encode(stored)
    except OverflowError:  # a client has sent an integer of more than 64 bits
        return _encode_json(stored)


def decode(content: bytes) -> Exchange:
    """Return the exchange that was made into these bytes. Its rules have no conditions and say
    nothing; of its settings only those are there that tell what a client could be expected to
    do."""
    stored = (_decode_json if content.startswith(_JSON_ARRAY) else _decode)(content)
    near = tuple(NearMiss(_rule(named), mismatch) for named, mismatch in stored.missed)
    return Exchange(
        raw=Raw(stored.method, stored.path, stored.query, stored.headers, stored.body),
        draws=_NO_DRAWS,
        settings=Settings(match_limit=stored.match_limit, max_stall_s=stored.max_stall_s),
        rule=None if stored.named is None else _rule(stored.named),
        near=near,
        error=None if stored.refusal is None else _error(*stored.refusal, near),
        **{name: getattr(stored, name) for name in _OWN},
    )


def _named(rule: Rule) -> _Rule:
    return _Rule(rule.name, rule.location, rule.identity)


def _rule(named: _Rule) -> Rule:
    return Rule(named.name, named.location, (), identity=named.identity)


def _error(message: str, is_no_match: bool, near: tuple[NearMiss, ...]) -> RequestError:
    return NoMatch(message, near) if is_no_match else RequestError(message)
