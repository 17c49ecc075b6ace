"""A whole response from the events of a stream, as the SDKs accumulate it."""

from __future__ import annotations

from typing import Any

JSON = dict[str, Any]

_PARTS = {"content_part": "content", "reasoning_summary_part": "summary"}


def fold_response(events: list[JSON]) -> JSON:
    """Return the last event's response, after seeing that the events before it say the same."""
    output: list[JSON] = []
    for number, event in enumerate(events):
        assert event["sequence_number"] == number
        _take(output, event)
    whole: JSON = events[-1]["response"]
    assert output == whole["output"]
    return whole


def _take(output: list[JSON], event: JSON) -> None:
    name = event["type"].removeprefix("response.")
    what, _, happens = name.rpartition(".")
    match what, happens:
        case ("output_item", "added"):
            assert event["output_index"] == len(output)
            output.append(event["item"])
        case ("output_item", "done"):
            _settle(output, event["output_index"], event["item"])
        case (("content_part" | "reasoning_summary_part"), "added"):
            output[event["output_index"]][_PARTS[what]].append(event["part"])
        case (("content_part" | "reasoning_summary_part"), "done"):
            assert output[event["output_index"]][_PARTS[what]][-1] == event["part"]
        case (_, "delta"):
            _add(output[event["output_index"]], event)
        case (_, "done"):
            holder, member = _place(output[event["output_index"]])
            assert holder[member] in event.values()


def _settle(output: list[JSON], index: int, item: JSON) -> None:
    """Take the item as it is when it is done: only its status may differ."""
    begun = {key: value for key, value in output[index].items() if key != "status"}
    assert begun == {key: value for key, value in item.items() if key != "status"}
    output[index] = item


def _add(item: JSON, event: JSON) -> None:
    holder, member = _place(item)
    holder[member] += event["delta"]
    if event.get("logprobs"):
        holder["logprobs"] = holder["logprobs"] + event["logprobs"]


def _place(item: JSON) -> tuple[JSON, str]:
    """Return where the newest text of an item stands."""
    match item["type"]:
        case "message":
            part = item["content"][-1]
            return part, "refusal" if part["type"] == "refusal" else "text"
        case "reasoning":
            return item["summary"][-1], "text"
        case "custom_tool_call":
            return item, "input"
        case _:
            return item, "arguments"
