"""Conversations that the server holds: a request names the message before, and sends what is new.

Source: anthropic-sdk-python 2.12 (`types/beta/beta_message_thread_param.py`, `lib/threads`), read
2026-11-22; the SDK's tool runner speaks so unless told otherwise.

Departures: a message may be continued more than once, and a refused one too; `system` and `tools`
beside `continue` are taken, and not refused.
"""

from __future__ import annotations

from mockllm.core.exchange import Exchange
from mockllm.core.model import Message
from mockllm.core.objects import Objects, StoredObject
from mockllm.providers.anthropic import message_object
from mockllm.providers.anthropic.message_request import MESSAGE, parts_of


def keep(exchange: Exchange, objects: Objects) -> None:
    """Store the conversation up to this answer, when the client asked for a thread."""
    request, _ = exchange.answered
    if request.wire.thread is None:
        return
    message = message_object.whole(exchange)
    said = Message("assistant", parts_of(message["content"], ("content",)))
    thread = (*request.messages, said)
    stored = StoredObject(
        message["id"], message, thread=thread, tools=request.tools, cache_marks=request.cache_marks
    )
    objects.put(MESSAGE, stored)
