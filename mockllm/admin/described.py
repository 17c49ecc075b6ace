"""The table of what is under `/_mockllm`: a row for each method of each route of the blueprint.

`openapi.py` makes the description of it; a test holds it against the blueprint and the answers.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from mockllm.config.outage import OUTAGE
from mockllm.config.schema_keys import Schema
from mockllm.config.sent_rules import SENT_RULES

JsonSchema = dict[str, Any]

TEXT: JsonSchema = {"type": "string"}
NUMBER: JsonSchema = {"type": "number"}
COUNT: JsonSchema = {"type": "integer", "minimum": 0}
FLAG: JsonSchema = {"type": "boolean"}


def mapping(**members: JsonSchema) -> JsonSchema:
    """Return the schema of an object that has all of these members."""
    return {"type": "object", "properties": members, "required": list(members)}


def some(**members: JsonSchema) -> JsonSchema:
    """Return the schema of an object that has some of these members."""
    return {"type": "object", "properties": members}


def listed(items: JsonSchema) -> JsonSchema:
    return {"type": "array", "items": items}


def optional(schema: JsonSchema) -> JsonSchema:
    return {**schema, "type": [schema["type"], "null"]}


def named(name: str) -> JsonSchema:
    """Return a reference to one of `SCHEMAS`."""
    return {"$ref": f"#/components/schemas/{name}"}


_PLACED = {"file": TEXT, "line": COUNT}
_SESSION = optional(TEXT) | {"description": "null for everyone"}
_RULE = mapping(name=TEXT, file=optional(TEXT), line=optional(COUNT))

SCHEMAS: dict[str, JsonSchema] = {
    "Error": mapping(error=TEXT),
    "Problem": mapping(
        **_PLACED, column=COUNT, level=TEXT, code=TEXT, message=TEXT, hint=optional(TEXT)
    ),
    "Refused": mapping(error=TEXT, problems=listed(named("Problem"))),
    "Health": mapping(
        status={"enum": ["ok", "stale"]},
        version=TEXT,
        source=TEXT,
        generation=COUNT,
        answers=COUNT,
        rules=COUNT,
        problems=listed(named("Problem")),
        watcher=mapping(alive=FLAG, events=FLAG),
        open_streams=COUNT,
    ),
    "Forgotten": mapping(session=TEXT, forgotten=FLAG),
    "Outage": mapping(session=_SESSION, heals_in_s=NUMBER, faults=listed(some(kind=TEXT))),
    "Outages": mapping(faults=listed(named("Outage"))),
    "EndedFaults": mapping(session=_SESSION, deleted=FLAG),
    "SentRules": mapping(
        session=_SESSION,
        expires_in_s=optional(NUMBER),
        rules=listed(mapping(id=TEXT, name=TEXT)),
        problems=listed(named("Problem")),
    ),
    "Rules": mapping(
        rules=listed({
            **mapping(name=TEXT, **_PLACED, hits=COUNT),
            "description": "one that was sent has an id, a session and when it expires too",
            "dependentRequired": {"id": ["session", "expires_in_s"]},
        }),
        responses=mapping(
            count=COUNT,
            hits=COUNT,
            answered=listed(mapping(prompt=TEXT, **_PLACED, hits=COUNT)),
        ),
        unknown_response=mapping(hits=COUNT),
        automatic=mapping(hits=COUNT),
    ),
    "DeletedRules": mapping(session=_SESSION, name=optional(TEXT), deleted=COUNT),
    "Explanation": mapping(
        prompts=listed(TEXT),
        turn=COUNT,
        step=COUNT,
        answer=_RULE,
        matched_on=optional(TEXT),
        later=listed(_RULE),
        near=listed({"allOf": [_RULE, mapping(condition=TEXT, wanted=TEXT, actual=TEXT)]}),
    ),
    "Description": mapping(openapi=TEXT, info=some(), paths=some(), components=some()),
}  # fmt: skip
"""The JSON Schemas of answers, by name."""


class Described(Struct, frozen=True):
    """One method of one route. `answer` names one of `SCHEMAS`, "" for plain text; `body` are the
    keys of the mapping that is sent, None for none or any; `refusals` are the statuses of errors
    besides that of the guard; `asks` are query parameters, each with words."""

    method: str
    path: str
    summary: str
    answer: str
    status: int = 200
    asks: tuple[tuple[str, str], ...] = ()
    body: Schema | None = None
    example: object = None
    refusals: tuple[tuple[int, str], ...] = ()


_WHOSE = ("session", "whose; everyone's unless given")
_NOT_TAKEN = ((400, "Refused"), (409, "Error"), (413, "Error"))
_FAULTS = {"faults": [{"error": "overloaded", "probability": "20%"}], "ttl": "5m"}
_RULES = {"rules": [{"when": {"contains": "weather"}, "reply": "Sunny."}], "session": "a"}

TABLE = (
    Described("GET", "/", "A line of text", ""),
    Described("GET", "/health", "As /_mockllm/health", "Health"),
    Described("GET", "/_mockllm/health", "The state of this process", "Health",
              asks=(("greenlets", "any value: count them too, where the server has any"),)),
    Described("GET", "/_mockllm/openapi.json", "This description", "Description"),
    Described("DELETE", "/_mockllm/sessions/<name>",
              "Forget everything that is kept of a session", "Forgotten"),
    Described("PUT", "/_mockllm/faults", "Set faults in place of those set before", "Outage",
              body=OUTAGE, example=_FAULTS, refusals=_NOT_TAKEN),
    Described("GET", "/_mockllm/faults", "Every fault that is set", "Outages"),
    Described("DELETE", "/_mockllm/faults", "End faults", "EndedFaults", asks=(_WHOSE,)),
    Described("PUT", "/_mockllm/rules", "Set rules in place of all that were sent before",
              "SentRules", body=SENT_RULES, example=_RULES, refusals=_NOT_TAKEN),
    Described("POST", "/_mockllm/rules", "Set rules in front of those that were sent before",
              "SentRules", status=201, body=SENT_RULES, example=_RULES, refusals=_NOT_TAKEN),
    Described("GET", "/_mockllm/rules", "Every rule as it is tried, and how often it answered",
              "Rules", asks=(("session", "as this one sees them; of all sessions unless given"),)),
    Described("DELETE", "/_mockllm/rules", "Delete rules that were sent", "DeletedRules",
              asks=(_WHOSE, ("name", "a rule's name or id; all unless given"))),
    Described("POST", "/_mockllm/explain", "Why a body is answered as it is", "Explanation",
              asks=(("provider", "a provider or an operation; openai unless given"),
                    ("session", "in which session; default unless given")),
              example={"model": "gpt-4o", "messages": [{"role": "user", "content": "hello"}]},
              refusals=((400, "Error"),)),
)  # fmt: skip
