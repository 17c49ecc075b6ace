"""Chat completions that a client asked to be stored: `GET /v1/chat/completions` and below.

Sources: openai-python 3.54 (`resources/chat/completions/`, `types/chat/completion_list_params.py`,
`chat_completion_store_message.py`, `chat_completion_deleted.py`) and
https://platform.openai.com/docs/api-reference/chat/get, read 2026-11-22.

Departures: a completion can be fetched as soon as its answer begins; it is kept until others take
its place. Messages keep their roles, as in the documentation's examples, where openai-python types
`assistant` only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from msgspec import structs

from mockllm.core.exchange import Exchange
from mockllm.core.model import ObjectName
from mockllm.core.objects import Objects, StoredObject
from mockllm.core.protocol import Whole
from mockllm.errors import ObjectNotFound
from mockllm.providers.openai import chat_message, dialect, listing, schema
from mockllm.providers.openai.invented import COMPLETION, found, with_body
from mockllm.wire import typed

_ECHOED: Mapping[str, Any] = {
    "tool_choice": None,
    "seed": None,
    "top_p": 1.0,
    "temperature": 1.0,
    "presence_penalty": 0.0,
    "frequency_penalty": 0.0,
    "tools": None,
    "response_format": None,
}
"""Members of the request that a stored completion repeats, with what they are when not sent."""

_PARTS_SHOWN = ("text", "image_url")
_sent_decoder = msgspec.json.Decoder(dict[str, Any])
_update_decoder = msgspec.json.Decoder(schema.MetadataUpdate)


def keep(exchange: Exchange, objects: Objects) -> None:
    """Store the completion, whole, if the request says `store`.

    Raises:
        RequestError: a member that is stored, and that nothing else reads, is no JSON.
    """
    request, _ = exchange.answered
    if not request.wire.store:
        return
    sent = typed.decode(exchange.raw.body, _sent_decoder)
    body = {
        **chat_message.completion(exchange),
        "metadata": request.wire.metadata or {},
        "request_id": f"req_{exchange.id}",
        "input_user": sent.get("user"),
        **{name: sent.get(name, unsent) for name, unsent in _ECHOED.items()},
    }
    items = tuple(
        _stored_message(message, f"{body['id']}-{index}")
        for index, message in enumerate(sent["messages"])
    )
    stored = StoredObject(body["id"], body, items, ready_at_s=exchange.received_at_s)
    objects.put(COMPLETION, stored)


def _stored_message(message: dict[str, Any], name: str) -> dict[str, Any]:
    content = message.get("content")
    parts = None
    if isinstance(content, list):
        parts = [part for part in content if part["type"] in _PARTS_SHOWN]
        content = None
    own = {"id": name, "content": content, "content_parts": parts}
    return {"name": None, **message, **own}


def list_completions(exchange: Exchange, objects: Objects) -> Whole:
    """Return a page of the stored completions, the oldest first unless asked otherwise."""
    wanted = dict(parse_qsl(exchange.raw.query, keep_blank_values=True))
    kept = sorted(objects.all(COMPLETION), key=lambda stored: stored.ready_at_s)
    bodies = [stored.body for stored in kept if _is_wanted(stored.body, wanted)]
    return _whole(listing.page(bodies, exchange.raw.query, newest_first=False))


def _is_wanted(body: Mapping[str, Any], wanted: Mapping[str, str]) -> bool:
    """Return whether a completion has the model and the metadata that a query names."""
    has_model = wanted.get("model", body["model"]) == body["model"]
    return has_model and all(
        body["metadata"].get(name.removeprefix("metadata[").removesuffix("]")) == value
        for name, value in wanted.items()
        if name.startswith("metadata[")
    )


def retrieve(completion_id: str, exchange: Exchange, objects: Objects) -> Whole:
    """Return a stored completion.

    Raises:
        ObjectNotFound: there is none of this id.
    """
    return _whole(found(_name(completion_id), exchange, objects).body)


def update(completion_id: str, exchange: Exchange, objects: Objects) -> Whole:
    """Return a stored completion with other metadata.

    Raises:
        RequestError: the body has no metadata, or there is no completion of this id.
    """
    metadata = typed.decode(exchange.raw.body, _update_decoder).metadata or {}

    def changed(stored: StoredObject) -> StoredObject:
        body = with_body(stored, COMPLETION, exchange).body
        return structs.replace(stored, body={**body, "metadata": metadata})

    stored = objects.change(_name(completion_id), changed)
    if stored is None:
        raise ObjectNotFound(_name(completion_id))
    return _whole(stored.body)


def list_messages(completion_id: str, exchange: Exchange, objects: Objects) -> Whole:
    """Return a page of the messages that a stored completion answers.

    Raises:
        ObjectNotFound: there is no completion of this id.
    """
    items = found(_name(completion_id), exchange, objects).items
    return _whole(listing.page(items, exchange.raw.query, newest_first=False))


def delete(completion_id: str, _: Exchange, objects: Objects) -> Whole:
    """Forget a stored completion and say so.

    Raises:
        ObjectNotFound: there is none of this id.
    """
    if not objects.remove(_name(completion_id)):
        raise ObjectNotFound(_name(completion_id))
    return _whole({"object": "chat.completion.deleted", "id": completion_id, "deleted": True})


def _name(completion_id: str) -> ObjectName:
    return ObjectName(COMPLETION, completion_id)


def _whole(body: dict[str, Any]) -> Whole:
    return Whole(200, (("Content-Type", dialect.JSON),), msgspec.json.encode(body))
