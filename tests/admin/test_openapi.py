"""The description of mockllm's own pages is true."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from mockllm.admin import blueprint
from mockllm.admin.described import TABLE
from mockllm.admin.openapi import openapi

CHAT = {"model": "m", "messages": [{"role": "user", "content": "count"}]}
RULES = {"rules": [{"when": {"contains": "x"}, "reply": "y"}], "session": "a", "ttl": "1m"}
ASKED: tuple[tuple[str, str, object], ...] = (
    ("GET", "/", None),
    ("GET", "/health", None),
    ("GET", "/_mockllm/health", None),
    ("GET", "/_mockllm/openapi.json", None),
    ("DELETE", "/_mockllm/sessions/a", None),
    ("PUT", "/_mockllm/faults", {"faults": [{"error": {"status": 418}}]}),
    ("GET", "/_mockllm/faults", None),
    ("DELETE", "/_mockllm/faults?session=a", None),
    ("PUT", "/_mockllm/rules", RULES),
    ("POST", "/_mockllm/rules", RULES),
    ("GET", "/_mockllm/rules", None),
    ("DELETE", "/_mockllm/rules?session=a&name=n", None),
    ("POST", "/_mockllm/explain?provider=openai", CHAT),
    ("PUT", "/_mockllm/rules", {"rules": 1}),
    ("POST", "/_mockllm/rules", {"rules": [{}]}),
    ("PUT", "/_mockllm/faults", {}),
    ("POST", "/_mockllm/explain", {}),
)
"""One request for each row of the table, and some that are refused."""


def routes(app: Flask) -> Iterator[tuple[str, str]]:
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith(f"{blueprint.bp.name}."):
            methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
            yield from ((method, rule.rule) for method in methods)


def referred(value: object) -> Iterator[str]:
    match value:
        case dict():
            for key, inner in value.items():
                if key == "$ref":
                    yield str(inner)
                else:
                    yield from referred(inner)
        case list():
            for inner in value:
                yield from referred(inner)


def send(app: Flask, method: str, path: str, body: object) -> TestResponse:
    for session in ("a", None):  # so that there is something to list
        said = {**RULES, "session": session} if session else {"rules": RULES["rules"]}
        app.test_client().put("/_mockllm/rules", json=said)
    app.test_client().put("/_mockllm/faults", json={"faults": [{"fault": "reset"}]})
    return app.test_client().open(path, method=method, json=body)


def operation(method: str, path: str) -> Any:
    """Return what the description says of a request."""
    path = path.partition("?")[0]
    template = re.sub(r"(/sessions/).*", r"\1{name}", path)
    return openapi()["paths"][template][method.lower()]


def test_every_route_is_described_and_nothing_else(app: Flask) -> None:
    assert sorted((row.method, row.path) for row in TABLE) == sorted(routes(app))


def test_every_row_is_asked_for_here() -> None:
    asked = {(method, path.partition("?")[0]) for method, path, _ in ASKED}

    assert {(row.method, row.path.replace("<name>", "a")) for row in TABLE} == asked


def test_it_is_served_as_it_is_made(app: Flask) -> None:
    assert app.test_client().get("/_mockllm/openapi.json").json == openapi()


def test_it_is_valid() -> None:
    validator = pytest.importorskip("openapi_spec_validator")

    validator.OpenAPIV31SpecValidator(openapi()).validate()


def test_what_it_refers_to_is_there() -> None:
    found = openapi()
    there = {f"#/components/schemas/{name}" for name in found["components"]["schemas"]}

    assert set(referred(found)) <= there


def test_its_schemas_are_json_schemas() -> None:
    for schema in openapi()["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_operations_have_names_of_their_own() -> None:
    names = [
        described["operationId"]
        for path in openapi()["paths"].values()
        for described in path.values()
    ]

    assert len(names) == len(set(names))
    assert "put_mockllm_rules" in names


@pytest.mark.parametrize(("method", "path", "body"), ASKED)
def test_answers_are_as_described(method: str, path: str, body: object, app: Flask) -> None:
    response = send(app, method, path, body)

    content = operation(method, path)["responses"][str(response.status_code)]["content"]
    schema = content[response.mimetype]["schema"]
    whole = {**schema, "components": openapi()["components"]}
    Draft202012Validator(whole).validate(response.json if response.is_json else response.text)


@pytest.mark.parametrize("path", ["/_mockllm/rules", "/_mockllm/faults"])
def test_examples_of_bodies_are_taken(path: str, app: Flask) -> None:
    content = operation("PUT", path)["requestBody"]["content"]["application/json"]

    whole = {**content["schema"], "components": openapi()["components"]}
    Draft202012Validator(whole).validate(content["example"])
    assert app.test_client().put(path, json=content["example"]).status_code == 200


@pytest.mark.parametrize(("method", "path"), sorted({(each[0], each[1]) for each in ASKED}))
def test_what_changes_something_is_guarded_as_described(method: str, path: str, app: Flask) -> None:
    far = {"REMOTE_ADDR": "192.0.2.1"}
    response = app.test_client().open(path, method=method, json={}, environ_overrides=far)

    described = operation(method, path)
    assert (response.status_code == 403) is ("403" in described["responses"])
    assert ("security" in described) is ("403" in described["responses"])
