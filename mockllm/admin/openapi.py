"""The description of mockllm's own pages, as OpenAPI 3.1 has it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import msgspec

from mockllm import __version__
from mockllm.admin.described import SCHEMAS, TABLE, TEXT, Described, named
from mockllm.admin.guard import OPEN_METHODS
from mockllm.config.json_schema import place_schemas, schema_of

_ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")


def openapi() -> dict[str, Any]:
    """Return the description of everything in the table."""
    paths: dict[str, dict[str, Any]] = {}
    for row in TABLE:
        path = _ARGUMENT.sub(r"{\1}", row.path)
        paths.setdefault(path, {})[row.method.lower()] = _operation(row)
    whole = {
        "openapi": "3.1.0",
        "info": {
            "title": "mockllm",
            "version": __version__,
            "description": "Control of a mock LLM server while it runs.",
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": {**place_schemas(), **SCHEMAS},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }
    text = msgspec.json.encode(whole).replace(b'"#/$defs/', b'"#/components/schemas/')
    found: dict[str, Any] = msgspec.json.decode(text)
    return found


def _operation(row: Described) -> dict[str, Any]:
    changes = row.method not in OPEN_METHODS
    refusals = (*row.refusals, *(((403, "Error"),) if changes else ()))
    found: dict[str, Any] = {
        "operationId": _operation_id(row),
        "summary": row.summary,
        "parameters": list(_parameters(row)),
        "responses": {
            str(status): _response(status, schema)
            for status, schema in sorted(((row.status, row.answer), *refusals))
        },
    }
    if row.body is not None or row.example is not None:
        found["requestBody"] = {"required": True, "content": _contents(row)}
    if changes:
        found["security"] = [{}, {"token": []}]
    return found


def _operation_id(row: Described) -> str:
    """Return the method and the words of the path, as in `put_mockllm_rules`."""
    return "_".join([row.method.lower(), *re.findall(r"\w+", row.path.replace("_", " "))])


def _parameters(row: Described) -> Iterator[dict[str, Any]]:
    for name in _ARGUMENT.findall(row.path):
        yield {"name": name, "in": "path", "required": True, "schema": TEXT}
    for name, about in row.asks:
        yield {"name": name, "in": "query", "description": about, "schema": TEXT}


def _response(status: int, schema: str) -> dict[str, Any]:
    content = {"application/json": {"schema": named(schema)}} if schema else _PLAIN
    return {"description": HTTPStatus(status).phrase, "content": content}


def _contents(row: Described) -> dict[str, Any]:
    """Return what may be sent: JSON, or YAML where the language is spoken."""
    if row.body is None:
        return {"application/json": {"schema": {"type": "object"}, "example": row.example}}
    content = {"schema": schema_of(row.body), "example": row.example}
    return {"application/json": content, "application/yaml": content}


_PLAIN = {"text/plain": {"schema": TEXT}}
