"""Responses that are stored: kept, fetched, streamed again, cancelled, deleted; and what is asked
about a conversation without a response.

`GET` and `DELETE /v1/responses/{id}`, `GET /v1/responses/{id}/input_items`,
`POST /v1/responses/{id}/cancel`, `POST /v1/responses/compact`, `POST /v1/responses/input_tokens`.

Source: openai-python 3.54 (`resources/responses/`, `types/responses/compacted_response.py`), read
2026-11-22. Departures: a response that is streamed again comes at once, and not at all when it is
very long; what compaction leaves out is not read again from the compaction item.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import msgspec
from msgspec import structs

from mockllm.core.exchange import Exchange
from mockllm.core.model import Message, ObjectName, Request, Usage
from mockllm.core.objects import ITEM, Objects, StoredObject, continued
from mockllm.core.protocol import Whole
from mockllm.core.timing import Chunking
from mockllm.core.tokens import content_tokens
from mockllm.errors import InvalidRequest, NotHttp, ObjectNotFound
from mockllm.providers.openai import dialect, listing, response_events, responses
from mockllm.providers.openai import responses_schema as schema
from mockllm.providers.openai.invented import found
from mockllm.providers.openai.response_input import Item, messages_of, with_ids
from mockllm.providers.openai.response_output import ID_DIGITS
from mockllm.wire import sse, typed

MAX_STREAMED_AGAIN_BYTES = 256 * 1024
"""Of output: its events take some 250 times as much, and are made in one piece."""

_TOO_LONG = "mockllm does not stream a response of this length again: retrieve it whole."
_conversation_decoder = msgspec.json.Decoder(schema.Conversation)


def whole(body: Any) -> Whole:
    """Return a JSON object of OpenAI's as a response."""
    return Whole(200, (("Content-Type", dialect.JSON),), msgspec.json.encode(body))


def keep(exchange: Exchange, objects: Objects) -> None:
    """Store the response and its items, unless the client said not to, and add both to the
    conversation that it belongs to."""
    request, _ = exchange.answered
    body: schema.ResponsesRequest = request.wire
    name = request.continues
    has_conversation = name is not None and name.kind == responses.CONVERSATION
    if body.store is False and not has_conversation:
        return
    finished = responses.response(exchange)
    output = finished["output"]
    asked = tuple(with_ids(body.input, exchange.draws))
    said = messages_of(output, ("output",))
    if body.store is not False:
        thread = tuple(each for each in request.messages if each.role != "instructions") + said
        ready_at_s = exchange.received_at_s + exchange.plan.ready_s
        objects.put(
            responses.RESPONSE, StoredObject(finished["id"], finished, asked, thread, ready_at_s)
        )
        _keep_items(output, said, objects)
    if name is not None and has_conversation:
        # The request's own messages are its last ones, where references are resolved.
        own = len(messages_of(body.input, ("input",)))
        added = request.messages[len(request.messages) - own :] + said
        objects.change(name, lambda found: extended(found, (*asked, *output), added))


def _keep_items(output: list[Item], said: tuple[Message, ...], objects: Objects) -> None:
    """Store what references may name; `said` is the message that the items are together."""
    for item in output:
        message = said if len(output) == 1 else messages_of((item,), ("output",))
        objects.put(ITEM, StoredObject(item["id"], item, thread=message))


def extended(
    found: StoredObject, items: tuple[Item, ...], messages: tuple[Message, ...]
) -> StoredObject:
    """Return a conversation with more items, and the messages they are."""
    return structs.replace(found, items=found.items + items, thread=found.thread + messages)


def retrieve(response_id: str, exchange: Exchange, objects: Objects) -> Whole:
    """Return a response as it is now, or with `stream=true` its events after `starting_after`."""
    query = parse_qs(exchange.raw.query)
    stored = found(ObjectName(responses.RESPONSE, response_id), exchange, objects)
    if query.get("stream") == ["true"]:
        return _streamed_again(stored.body, query)
    return whole(_as_it_is(stored, exchange.received_at_s))


def _as_it_is(stored: StoredObject, now_s: float) -> Item:
    """Return a response that may still be in the making."""
    if now_s >= stored.ready_at_s:
        return stored.body
    return responses.unfinished(stored.body, "in_progress")


def _streamed_again(body: Item, query: dict[str, list[str]]) -> Whole:
    after = query.get("starting_after", ["-1"])[0]
    if not after.removeprefix("-").isdecimal() or len(after) > listing.MAX_LIMIT:
        raise InvalidRequest("type", ("starting_after",), "int", "str")
    if len(msgspec.json.encode(body["output"])) > MAX_STREAMED_AGAIN_BYTES:
        raise NotHttp(400, _TOO_LONG)
    by_token = any(part.get("logprobs") for item in body["output"] for part in _contents(item))
    chunking: Chunking = "token" if by_token else "character"
    events = response_events.frames(body, body["background"] is True, chunking)
    data = b"".join(frame.data for number, frame in enumerate(events) if number > int(after))
    return Whole(200, (("Content-Type", sse.CONTENT_TYPE),), data)


def _contents(item: Item) -> list[Item]:
    contents: list[Item] = item.get("content", [])
    return contents


def delete(response_id: str, _exchange: Exchange, objects: Objects) -> Whole:
    """Forget a response, and say so."""
    name = ObjectName(responses.RESPONSE, response_id)
    if not objects.remove(name):
        raise ObjectNotFound(name)
    return whole({"id": response_id, "object": "response", "deleted": True})


def cancel(response_id: str, exchange: Exchange, objects: Objects) -> Whole:
    """End a background response that is in the making; one that is finished stays as it is."""
    now_s = exchange.received_at_s
    name = ObjectName(responses.RESPONSE, response_id)
    if not found(name, exchange, objects).body["background"]:
        raise NotHttp(400, "Cannot cancel a synchronous response.")

    def cancelled(stored: StoredObject) -> StoredObject:
        if now_s >= stored.ready_at_s:
            return stored
        body = responses.unfinished(stored.body, "cancelled")
        return structs.replace(stored, body=body, ready_at_s=now_s)

    changed = objects.change(name, cancelled)
    if changed is None:
        raise ObjectNotFound(name)
    return whole(changed.body)


def input_items(response_id: str, exchange: Exchange, objects: Objects) -> Whole:
    """Return a page of what a response was asked, the newest first."""
    stored = found(ObjectName(responses.RESPONSE, response_id), exchange, objects)
    return whole(listing.page(stored.items, exchange.raw.query, newest_first=True))


def input_tokens(exchange: Exchange, objects: Objects) -> Whole:
    """Return how many tokens a request would bring to the model."""
    body = typed.decode(exchange.raw.body, _conversation_decoder)
    tokens = _input_tokens(body, objects)
    return whole({"object": "response.input_tokens", "input_tokens": tokens})


def _input_tokens(body: schema.Conversation, objects: Objects) -> int:
    request = Request(
        responses.NAME,
        dialect.NAME,
        body.model or "",
        responses.conversation_messages(body),
        continues=responses.continued_name(body),
    )
    messages = continued(request, objects).messages
    return content_tokens(part for message in messages for part in message.parts)


def compact(exchange: Exchange, objects: Objects) -> Whole:
    """Return a conversation made short: what the user said, and a compaction item."""
    body = typed.decode(exchange.raw.body, _conversation_decoder)
    tokens = _input_tokens(body, objects)
    earlier = _earlier_items(responses.continued_name(body), objects)
    items = [*earlier, *with_ids(body.input, exchange.draws)]
    asked = [item for item in items if item["type"] == "message" and item.get("role") == "user"]
    compaction = {
        "id": f"cmp_{exchange.draws.hex_id('compaction', ID_DIGITS)}",
        "type": "compaction",
        "encrypted_content": f"gAAAAA{exchange.draws.hex_id('compacted', 128)}",
    }
    return whole(
        {
            "id": f"resp_{exchange.draws.hex_id('response', ID_DIGITS)}",
            "object": "response.compaction",
            "created_at": int(exchange.received_at_s),
            "output": [*asked, compaction],
            "usage": responses.usage_object(Usage(tokens, 1)),
        }
    )


def _earlier_items(name: ObjectName | None, objects: Objects) -> list[Item]:
    """Return the items of what is gone on from, and of what that went on from, oldest first."""
    turns: list[tuple[Item, ...]] = []
    while name is not None:
        stored = objects.get(name)
        if stored is None:
            break
        turns.append(stored.items)
        previous = stored.body.get("previous_response_id")
        name = ObjectName(responses.RESPONSE, previous) if previous else None
    return [item for turn in reversed(turns) for item in turn]
