"""Objects that were never made, for suites that use placeholders as ids (`unknown_ids: invent`)."""

from __future__ import annotations

from msgspec import structs

from mockllm.core.compose import UNKNOWN_RESPONSE, canned
from mockllm.core.exchange import Exchange
from mockllm.core.model import ObjectName, Request
from mockllm.core.objects import Objects, StoredObject
from mockllm.errors import ObjectNotFound
from mockllm.providers.openai import chat_message, dialect, responses, responses_schema, schema
from mockllm.providers.openai.response_input import Item

COMPLETION = "chat completion"

_MODEL = "mock-llm"


def found(name: ObjectName, exchange: Exchange, objects: Objects) -> StoredObject:
    """Return a stored object; one that was never made is empty, and plausible.

    Raises:
        ObjectNotFound: there is none of this name.
    """
    stored = objects.get(name)
    if stored is None:
        raise ObjectNotFound(name)
    return with_body(stored, name.kind, exchange)


def with_body(stored: StoredObject, kind: str, exchange: Exchange) -> StoredObject:
    """Return an object with a body, whether it was made or not."""
    if stored.body:
        return stored
    return structs.replace(stored, body={**_body(kind, exchange), "id": stored.id})


def _body(kind: str, exchange: Exchange) -> Item:
    match kind:
        case responses.RESPONSE:
            wire = responses_schema.ResponsesRequest(model=_MODEL)
            return responses.response(_answered(exchange, wire))
        case responses.CONVERSATION:
            created = int(exchange.received_at_s)
            return {"id": "", "object": kind, "created_at": created, "metadata": {}}
        case _:
            chat = schema.ChatRequest(model=_MODEL, messages=[schema.ChatMessage("user")])
            return {**chat_message.completion(_answered(exchange, chat)), "metadata": {}}


def _answered(exchange: Exchange, wire: object) -> Exchange:
    """Return the exchange as if it had asked for what is now fetched."""
    request = Request("chat", dialect.NAME, _MODEL, wire=wire)
    return structs.replace(exchange, request=request, replies=(canned(UNKNOWN_RESPONSE),))
