"""The stream of a response: its events, made of the finished response.

Source: openai-python 3.54 (`types/responses/response_*_event.py`), read 2026-11-22. Departure:
events carry no `obfuscation`.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

from mockllm.core import events
from mockllm.core.protocol import Frame, Role
from mockllm.core.timing import Chunking
from mockllm.wire import sse

Item = dict[str, Any]


def frames(finished: Item, is_queued: bool, chunking: Chunking) -> Iterator[Frame]:
    """Yield the events of a response in their frames, numbered from 0."""
    writer = _Writer()
    begun = {**finished, "status": "in_progress", "completed_at": None, "incomplete_details": None}
    begun |= {"output": [], "usage": None}
    if is_queued:
        queued = {**begun, "status": "queued"}
        yield writer.frame("response.created", "open", response=queued)
        yield writer.frame("response.queued", "open", response=queued)
    else:
        yield writer.frame("response.created", "open", response=begun)
    yield writer.frame("response.in_progress", "open", response=begun)
    for index, item in enumerate(finished["output"]):
        yield from _ItemEvents(writer, item, index, chunking).frames()
    if finished["status"] != "cancelled":  # no event says so: such a stream just ends
        yield writer.frame(f"response.{finished['status']}", "end", response=finished)


def failure(finished: Item, error: Item) -> Frame:
    """Return how a stream ends that fails on its way; its numbers are beyond those of any event
    that can have been sent."""
    sent = sum(1 for _ in frames(finished, True, "character"))
    told = {"code": "server_error", "message": error["message"]}
    failed = {**finished, "status": "failed", "completed_at": None, "error": told}
    failed |= {"output": [], "usage": None, "incomplete_details": None}
    writer = _Writer(sent)
    first = writer.frame("error", "end", **told, param=error["param"])
    last = writer.frame("response.failed", "end", response=failed)
    return Frame(first.data + last.data, "end")


class _Writer:
    """Numbers events and the pieces they carry."""

    def __init__(self, first: int = 0) -> None:
        self._numbers = count(first)
        self._chunks = count()

    def frame(self, name: str, role: Role, **members: Any) -> Frame:
        return Frame(self._event(name, members), role)

    def piece(self, name: str, **members: Any) -> Frame:
        """Return the frame of a delta, which is due in its turn."""
        return Frame(self._event(name, members), "delta", next(self._chunks))

    def _event(self, name: str, members: Item) -> bytes:
        return sse.event(name, {"type": name, "sequence_number": next(self._numbers), **members})


class _ItemEvents:
    """The events of one output item."""

    def __init__(self, writer: _Writer, item: Item, index: int, chunking: Chunking) -> None:
        self._writer = writer
        self._item = item
        self._place = {"output_index": index}
        self._spot = {"item_id": item["id"], "output_index": index}
        self._chunking = chunking
        self._role: Role = "delta" if index else "open"
        """The role of what comes before the first delta of the whole stream."""

    def frames(self) -> Iterator[Frame]:
        yield self._added(self._begun())
        match self._item["type"]:
            case "message":
                for index, content in enumerate(self._item["content"]):
                    yield from self._content(content, {**self._spot, "content_index": index})
                    self._role = "delta"
            case "reasoning":
                for index, part in enumerate(self._item["summary"]):
                    yield from self._summary(part, {**self._spot, "summary_index": index})
                    self._role = "delta"
            case "custom_tool_call":
                yield from self._call("response.custom_tool_call_input", "input")
            case _:
                yield from self._call("response.function_call_arguments", "arguments")
        name = "response.output_item.done"
        yield self._writer.frame(name, "delta", **self._place, item=self._item)

    def _added(self, item: Item) -> Frame:
        name = "response.output_item.added"
        return self._writer.frame(name, self._role, **self._place, item=item)

    def _begun(self) -> Item:
        """Return the item as it is before it says anything."""
        empty = {"content": [], "summary": [], "arguments": "", "input": ""}
        begun = {key: empty.get(key, value) for key, value in self._item.items()}
        return {**begun, "status": "in_progress"} if "status" in begun else begun

    def _call(self, name: str, said: str) -> Iterator[Frame]:
        text = self._item[said]
        for piece in events.cut(text, "token"):
            yield self._writer.piece(f"{name}.delta", **self._spot, delta=piece)
        yield self._writer.frame(f"{name}.done", "delta", **self._spot, **{said: text})

    def _summary(self, part: Item, spot: Item) -> Iterator[Frame]:
        text = part["text"]
        name = "response.reasoning_summary_part"
        yield self._writer.frame(f"{name}.added", self._role, **spot, part={**part, "text": ""})
        for piece in events.cut(text, self._chunking):
            yield self._writer.piece("response.reasoning_summary_text.delta", **spot, delta=piece)
        done = "response.reasoning_summary_text.done"
        yield self._writer.frame(done, "delta", **spot, text=text)
        yield self._writer.frame(f"{name}.done", "delta", **spot, part=part)

    def _content(self, part: Item, spot: Item) -> Iterator[Frame]:
        said = "refusal" if part["type"] == "refusal" else "text"
        name = "response.refusal" if said == "refusal" else "response.output_text"
        begun = {**part, said: ""}
        logprobs: list[Item] = part.get("logprobs", [])
        if "logprobs" in part:
            begun["logprobs"] = []
        added = "response.content_part.added"
        yield self._writer.frame(added, self._role, **spot, part=begun)
        for index, piece in enumerate(events.cut(part[said], self._chunking)):
            told = {"logprobs": logprobs[index : index + 1]} if said == "text" else {}
            yield self._writer.piece(f"{name}.delta", **spot, delta=piece, **told)
        all_told = {"logprobs": logprobs} if said == "text" else {}
        yield self._writer.frame(f"{name}.done", "delta", **spot, **{said: part[said]}, **all_told)
        yield self._writer.frame("response.content_part.done", "delta", **spot, part=part)
