"""Conversations: what responses go on from and add to.

`POST /v1/conversations`, `GET`, `POST` and `DELETE /v1/conversations/{id}`, and its `items`.

Source: openai-python 3.54 (`resources/conversations/`, `types/conversations/`), read 2026-11-22.
Departure: an item that is deleted is no longer listed, and still part of what is said.
"""

from __future__ import annotations

import msgspec
from msgspec import structs

from mockllm.core.exchange import Exchange
from mockllm.core.model import ObjectName
from mockllm.core.objects import Objects, StoredObject
from mockllm.core.protocol import Whole
from mockllm.errors import ObjectNotFound
from mockllm.providers.openai import listing, responses
from mockllm.providers.openai import responses_schema as schema
from mockllm.providers.openai.response_input import Item, messages_of, with_ids
from mockllm.providers.openai.response_output import ID_DIGITS
from mockllm.providers.openai.stored_responses import extended, found, whole
from mockllm.wire import typed

_create_decoder = msgspec.json.Decoder(schema.ConversationCreate)
_update_decoder = msgspec.json.Decoder(schema.ConversationUpdate)
_items_decoder = msgspec.json.Decoder(schema.ItemsCreate)


def create(exchange: Exchange, objects: Objects) -> Whole:
    """Begin a conversation, empty or with items."""
    body = typed.decode(exchange.raw.body or b"{}", _create_decoder)
    conversation: Item = {
        "id": f"conv_{exchange.draws.hex_id('conversation', ID_DIGITS)}",
        "object": responses.CONVERSATION,
        "created_at": int(exchange.received_at_s),
        "metadata": body.metadata or {},
    }
    items = tuple(with_ids(body.items, exchange.draws))
    thread = messages_of(body.items, ("items",))
    stored = StoredObject(conversation["id"], conversation, items, thread)
    objects.put(responses.CONVERSATION, stored)
    return whole(conversation)


def retrieve(conversation_id: str, _exchange: Exchange, objects: Objects) -> Whole:
    """Return a conversation, without its items."""
    return whole(found(_name(conversation_id), objects).body)


def update(conversation_id: str, exchange: Exchange, objects: Objects) -> Whole:
    """Replace the metadata of a conversation."""
    metadata = typed.decode(exchange.raw.body, _update_decoder).metadata or {}
    changed = objects.change(
        _name(conversation_id),
        lambda stored: structs.replace(stored, body={**stored.body, "metadata": metadata}),
    )
    if changed is None:
        raise ObjectNotFound(_name(conversation_id))
    return whole(changed.body)


def delete(conversation_id: str, _exchange: Exchange, objects: Objects) -> Whole:
    """Forget a conversation, and say so."""
    if not objects.remove(_name(conversation_id)):
        raise ObjectNotFound(_name(conversation_id))
    return whole({"id": conversation_id, "object": "conversation.deleted", "deleted": True})


def list_items(conversation_id: str, exchange: Exchange, objects: Objects) -> Whole:
    """Return a page of what was said, the newest first."""
    items = found(_name(conversation_id), objects).items
    return whole(listing.page(items, exchange.raw.query, newest_first=True))


def add_items(conversation_id: str, exchange: Exchange, objects: Objects) -> Whole:
    """Add items to a conversation, and return them."""
    body = typed.decode(exchange.raw.body, _items_decoder)
    items = tuple(with_ids(body.items, exchange.draws))
    messages = messages_of(body.items, ("items",))
    name = _name(conversation_id)
    if objects.change(name, lambda stored: extended(stored, items, messages)) is None:
        raise ObjectNotFound(name)
    return whole(listing.page(items, "", newest_first=False))


def retrieve_item(
    conversation_id: str, item_id: str, _exchange: Exchange, objects: Objects
) -> Whole:
    """Return an item of a conversation."""
    return whole(_item(found(_name(conversation_id), objects), item_id))


def delete_item(conversation_id: str, item_id: str, _exchange: Exchange, objects: Objects) -> Whole:
    """Take an item off the list of a conversation, and return the conversation."""

    def without(stored: StoredObject) -> StoredObject:
        left = tuple(item for item in stored.items if item["id"] != item_id)
        return structs.replace(stored, items=left)

    _item(found(_name(conversation_id), objects), item_id)
    changed = objects.change(_name(conversation_id), without)
    if changed is None:
        raise ObjectNotFound(_name(conversation_id))
    return whole(changed.body)


def _item(stored: StoredObject, item_id: str) -> Item:
    for item in stored.items:
        if item["id"] == item_id:
            return item
    raise ObjectNotFound(ObjectName("item", item_id))


def _name(conversation_id: str) -> ObjectName:
    return ObjectName(responses.CONVERSATION, conversation_id)
