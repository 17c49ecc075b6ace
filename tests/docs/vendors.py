"""How each vendor is asked what an example asks, and how its answers go into the history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Protocol

Json = dict[str, Any]
Inputs = Mapping[str, tuple[str, str]]

_PIXEL = "iVBORw0KGgo="
_PARAMETERS = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["city"],
}
_PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
    "additionalProperties": False,
}
_OPENAIS: Inputs = {
    "embed": ("/v1/embeddings", "input"),
    "moderate": ("/v1/moderations", "input"),
    "complete": ("/v1/completions", "prompt"),
    "respond": ("/v1/responses", "input"),
}


class Vendor(Protocol):
    """`inputs` are, by the kind of a line, where inputs that are no chat go and the member that
    holds them; `has_prefixes` tells whether gateways' paths may stand in place of the vendor's."""

    inputs: ClassVar[Inputs]
    has_prefixes: ClassVar[bool]

    def url(self, prefix: str | None, model: str) -> str:
        """Return where a chat is asked for."""

    def body(self, messages: Sequence[Json], options: Mapping[str, Any]) -> Json:
        """Return a chat's request."""

    def input_body(self, kind: str, texts: list[str]) -> Json:
        """Return the request of one input or several."""

    def prompt(self, parts: Sequence[str], has_image: bool) -> Json:
        """Return a user's message."""

    def said(self, answer: Json) -> Json:
        """Return an answer as a client keeps it in the history."""

    def results(self, answer: Json, text: str) -> list[Json]:
        """Return the messages with a result for each tool that an answer called."""

    def vectors(self, answer: Json) -> list[list[float]]:
        """Return the vectors of an answer."""


class OpenAI:
    inputs: ClassVar[Inputs] = _OPENAIS
    has_prefixes: ClassVar[bool] = True

    def url(self, prefix: str | None, _: str) -> str:
        return f"{prefix or '/v1'}/chat/completions"

    def body(self, messages: Sequence[Json], options: Mapping[str, Any]) -> Json:
        body: Json = {"model": _model(options), **options.get("params", {})}
        first = [{"role": "system", "content": options["system"]}] if "system" in options else []
        if "tool_choice" in options:
            name = options["tool_choice"]
            body["tools"] = [_function_tool(name)]
            body["tool_choice"] = {"type": "function", "function": {"name": name}}
        if "schema" in options:
            wanted = {"name": options["schema"], "schema": _schema(options)}
            body["response_format"] = {"type": "json_schema", "json_schema": wanted}
        return body | {"messages": [*first, *messages]}

    def input_body(self, kind: str, texts: list[str]) -> Json:
        return _input_body(self.inputs[kind][1], texts)

    def prompt(self, parts: Sequence[str], has_image: bool) -> Json:
        url = {"url": f"data:image/png;base64,{_PIXEL}"}
        return _in_parts(parts, {"type": "image_url", "image_url": url} if has_image else None)

    def said(self, answer: Json) -> Json:
        message: Json = answer["choices"][0]["message"]
        return message

    def results(self, answer: Json, text: str) -> list[Json]:
        calls = self.said(answer)["tool_calls"]
        return [{"role": "tool", "tool_call_id": each["id"], "content": text} for each in calls]

    def vectors(self, answer: Json) -> list[list[float]]:
        return [each["embedding"] for each in answer.get("data", [])]


class Anthropic:
    inputs: ClassVar[Inputs] = {}
    has_prefixes: ClassVar[bool] = True

    def url(self, prefix: str | None, _: str) -> str:
        return f"{prefix or '/v1'}/messages"

    def body(self, messages: Sequence[Json], options: Mapping[str, Any]) -> Json:
        body = {"model": _model(options), "max_tokens": 8_000, **options.get("params", {})}
        if "system" in options:
            body["system"] = options["system"]
        if "tool_choice" in options:
            name = options["tool_choice"]
            body["tools"] = [{"name": name, "input_schema": _PARAMETERS}]
            body["tool_choice"] = {"type": "tool", "name": name}
        if "schema" in options:
            wanted = {"type": "json_schema", "schema": _schema(options)}
            body["output_config"] = {"format": wanted}
        return body | {"messages": list(messages)}

    def input_body(self, kind: str, texts: list[str]) -> Json:
        raise AssertionError(kind, texts)

    def prompt(self, parts: Sequence[str], has_image: bool) -> Json:
        source = {"type": "base64", "media_type": "image/png", "data": _PIXEL}
        return _in_parts(parts, {"type": "image", "source": source} if has_image else None)

    def said(self, answer: Json) -> Json:
        return {"role": "assistant", "content": answer["content"]}

    def results(self, answer: Json, text: str) -> list[Json]:
        results = [
            {"type": "tool_result", "tool_use_id": block["id"], "content": text}
            for block in answer["content"]
            if block["type"] == "tool_use"
        ]
        return [{"role": "user", "content": results}]

    def vectors(self, _: Json) -> list[list[float]]:
        return []


class Gemini:
    inputs: ClassVar[Inputs] = {
        "embed": ("/v1beta/models/test-model:batchEmbedContents", "requests")
    }
    has_prefixes: ClassVar[bool] = False

    def url(self, _: str | None, model: str) -> str:
        return f"/v1beta/models/{model}:generateContent"

    def body(self, messages: Sequence[Json], options: Mapping[str, Any]) -> Json:
        config = dict(options.get("params", {}))
        if "model" not in options:
            config["thinkingConfig"] = {"includeThoughts": True}
        body: Json = {"contents": list(messages), "generationConfig": config}
        if "system" in options:
            body["systemInstruction"] = {"parts": [{"text": options["system"]}]}
        if "tool_choice" in options:
            name = options["tool_choice"]
            declared = {"name": name, "parametersJsonSchema": _PARAMETERS}
            body["tools"] = [{"functionDeclarations": [declared]}]
            calling = {"mode": "ANY", "allowedFunctionNames": [name]}
            body["toolConfig"] = {"functionCallingConfig": calling}
        if "schema" in options:
            config["responseMimeType"] = "application/json"
            config["responseJsonSchema"] = _schema(options)
        return body

    def input_body(self, _: str, texts: list[str]) -> Json:
        return {"requests": [{"content": {"parts": [{"text": text}]}} for text in texts]}

    def prompt(self, parts: Sequence[str], has_image: bool) -> Json:
        image = {"inlineData": {"mimeType": "image/png", "data": _PIXEL}}
        *first, last = [{"text": part} for part in parts]
        return {"role": "user", "parts": [*first, *([image] if has_image else []), last]}

    def said(self, answer: Json) -> Json:
        content: Json = answer["candidates"][0]["content"]
        return content

    def results(self, answer: Json, text: str) -> list[Json]:
        calls = [
            part["functionCall"] for part in self.said(answer)["parts"] if "functionCall" in part
        ]
        parts = [
            {"functionResponse": {"name": call["name"], "response": {"output": text}}}
            for call in calls
        ]
        return [{"role": "user", "parts": parts}]

    def vectors(self, answer: Json) -> list[list[float]]:
        return [each["values"] for each in answer.get("embeddings", [])]


class Ollama:
    inputs: ClassVar[Inputs] = {
        "embed": ("/api/embed", "input"),
        "complete": ("/api/generate", "prompt"),
    }
    has_prefixes: ClassVar[bool] = False

    def url(self, _: str | None, __: str) -> str:
        return "/api/chat"

    def body(self, messages: Sequence[Json], options: Mapping[str, Any]) -> Json:
        body: Json = {"model": _model(options), "stream": False}
        first = [{"role": "system", "content": options["system"]}] if "system" in options else []
        if "params" in options:
            body["options"] = options["params"]
        if "tool_choice" in options:
            body["tools"] = [_function_tool(options["tool_choice"])]
        if "schema" in options:
            body["format"] = _schema(options)
        return body | {"messages": [*first, *messages]}

    def input_body(self, kind: str, texts: list[str]) -> Json:
        return _input_body(self.inputs[kind][1], texts) | {"stream": False}

    def prompt(self, parts: Sequence[str], has_image: bool) -> Json:
        images = {"images": [_PIXEL]} if has_image else {}
        return {"role": "user", "content": "\n".join(parts), **images}

    def said(self, answer: Json) -> Json:
        message: Json = answer["message"]
        return message

    def results(self, answer: Json, text: str) -> list[Json]:
        names = [each["function"]["name"] for each in self.said(answer)["tool_calls"]]
        return [{"role": "tool", "tool_name": name, "content": text} for name in names]

    def vectors(self, answer: Json) -> list[list[float]]:
        found: list[list[float]] = answer.get("embeddings", [])
        return found


VENDORS: Mapping[str, Vendor] = {
    "openai": OpenAI(),
    "anthropic": Anthropic(),
    "gemini": Gemini(),
    "ollama": Ollama(),
}


def _model(options: Mapping[str, Any]) -> str:
    return str(options.get("model", "test-model"))


def _schema(options: Mapping[str, Any]) -> Json:
    return _PERSON if options["schema"] == "person" else {}


def _function_tool(name: str) -> Json:
    return {"type": "function", "function": {"name": name, "parameters": _PARAMETERS}}


def _input_body(member: str, texts: list[str]) -> Json:
    return {"model": "test-model", member: texts if len(texts) > 1 else texts[0]}


def _in_parts(parts: Sequence[str], image: Json | None) -> Json:
    if image is None and len(parts) == 1:
        return {"role": "user", "content": parts[0]}
    *first, last = [{"type": "text", "text": part} for part in parts]
    return {"role": "user", "content": [*first, *([image] if image else []), last]}
