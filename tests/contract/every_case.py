"""The operations besides chats, and all of them together."""

from __future__ import annotations

from collections.abc import Mapping

from tests.contract.cases import CHATS, JSON, Case, SpokenCase


def _fold_completion(events: list[JSON]) -> JSON:
    choices: dict[int, JSON] = {}
    usage = None
    for event in events:
        usage = event.get("usage") or usage
        for choice in event["choices"]:
            _fold_choice(choices.setdefault(choice["index"], {"text": ""}), choice)
    folded = {key: events[0][key] for key in events[0] if key != "choices"}
    return {**folded, "choices": [choices[index] for index in sorted(choices)], "usage": usage}


def _fold_choice(folded: JSON, choice: JSON) -> None:
    said, told = folded["text"] + choice["text"], folded.get("logprobs")
    folded.update({**choice, "text": said})
    if told is not None:
        folded["logprobs"] = {
            key: told[key] + found if found is not None else None
            for key, found in choice["logprobs"].items()
        }


COMPLETIONS: Mapping[str, SpokenCase] = {
    "openai.completions": SpokenCase(
        path="/v1/completions",
        body=lambda prompt: {
            "model": "mock-llm",
            "prompt": prompt,
            "stream_options": {"include_usage": True},
        },
        fold=_fold_completion,
        text=lambda whole: str(whole["choices"][0]["text"]),
        finish=lambda whole: str(whole["choices"][0]["finish_reason"]),
        counts=lambda whole: (
            whole["usage"]["prompt_tokens"],
            whole["usage"]["completion_tokens"],
        ),
        error=lambda body: str(body["error"]["message"]),
        stop=lambda sequences: {"stop": sequences},
        limit=lambda tokens: {"max_tokens": tokens},
        opens=False,
    ),
}


def _fold_response(events: list[JSON]) -> JSON:
    """Return the last response with the output that the events before it make."""
    output: list[JSON] = []
    for event in events:
        match event["type"]:
            case "response.output_item.added":
                output.append(event["item"])
            case "response.output_item.done":
                item = output[event["output_index"]]
                item.update({key: event["item"][key] for key in ("status",) if key in item})
            case "response.content_part.added":
                output[event["output_index"]]["content"].append(event["part"])
            case "response.reasoning_summary_part.added":
                output[event["output_index"]]["summary"].append(event["part"])
            case kind if kind.endswith(".delta"):
                _fold_response_delta(output[event["output_index"]], event)
    return {**events[-1]["response"], "output": output}


def _fold_response_delta(item: JSON, event: JSON) -> None:
    match event["type"].removeprefix("response."):
        case "output_text.delta":
            part = item["content"][event["content_index"]]
            part["text"] += event["delta"]
            part["logprobs"] += event["logprobs"]
        case "refusal.delta":
            item["content"][event["content_index"]]["refusal"] += event["delta"]
        case "reasoning_summary_text.delta":
            item["summary"][event["summary_index"]]["text"] += event["delta"]
        case "function_call_arguments.delta":
            item["arguments"] += event["delta"]


RESPONSES: Mapping[str, SpokenCase] = {
    "openai.responses": SpokenCase(
        path="/v1/responses",
        body=lambda prompt: {"model": "mock-llm", "input": prompt},
        fold=_fold_response,
        text=lambda whole: "".join(
            part["text"]
            for item in whole["output"]
            if item["type"] == "message"
            for part in item["content"]
        ),
        finish=lambda whole: str(whole["status"]),
        counts=lambda whole: (whole["usage"]["input_tokens"], whole["usage"]["output_tokens"]),
        error=lambda body: str(body.get("response", body)["error"]["message"]),
        stop=None,
        limit=lambda tokens: {"max_output_tokens": tokens},
    ),
}
UNSPOKEN: Mapping[str, Case] = {
    "openai.embeddings": Case(
        path="/v1/embeddings",
        body=lambda prompt: {"model": "mock-llm", "input": prompt},
        error=lambda body: str(body["error"]["message"]),
    ),
    "openai.moderations": Case(
        path="/v1/moderations",
        body=lambda prompt: {"model": "mock-llm", "input": prompt},
        error=lambda body: str(body["error"]["message"]),
    ),
}
SPOKEN: Mapping[str, SpokenCase] = {**CHATS, **COMPLETIONS, **RESPONSES}
CASES: Mapping[str, Case] = {**SPOKEN, **UNSPOKEN}
