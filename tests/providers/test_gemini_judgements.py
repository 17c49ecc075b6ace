"""What Google's API refuses: each mistake, its error, its warning, and what is no mistake."""

from __future__ import annotations

from enum import Enum
from typing import Any

import pytest
from flask import Flask
from google.genai import types
from pydantic import BaseModel

from mockllm.providers.gemini import parameters
from mockllm.providers.gemini.judged_schema import MAX_SCHEMAS
from mockllm.providers.gemini.proto_json import camel
from tests.conftest import MakeApp
from tests.providers.judged import MODELS, Json, ask, judged, warned

MODEL = "/v1beta/models/m"
VERTEX = "/v1/projects/p/locations/l/publishers/google/models/m"
USER: Json = {"role": "user", "parts": [{"text": "hello"}]}
LOOK: Json = {"name": "look"}
IMAGE: Json = {"inlineData": {"mimeType": "image/png", "data": "aGk="}}
AUDIO: Json = {"inlineData": {"mimeType": "audio/wav", "data": "aGk="}}
FILE: Json = {"fileData": {"mimeType": "application/pdf", "fileUri": "https://e.com/a.pdf"}}
CALL: Json = {"functionCall": {"name": "look", "args": {}}}
RESPONSE: Json = {"functionResponse": {"name": "look", "response": {"output": "4"}}}


def body(*contents: Json, **members: Any) -> Json:
    return {"contents": list(contents) or [USER]} | members


def said(role: str, *parts: Json) -> Json:
    return {"role": role, "parts": list(parts)}


def config(**members: Any) -> Json:
    return body(generationConfig=members)


def tools(*declarations: Json, **members: Any) -> Json:
    return body(tools=[{"functionDeclarations": list(declarations)}], **members)


def taking(schema: Json) -> Json:
    return tools(LOOK | {"parameters": schema})


def answering(schema: Json) -> Json:
    return config(responseMimeType="application/json", responseSchema=schema)


def calling(**members: Any) -> Json:
    return {"toolConfig": {"functionCallingConfig": members}}


def holding(**properties: Any) -> Json:
    return {"type": "OBJECT", "properties": properties}


def unknown(name: str, path: str = "") -> str:
    at = f" at '{path}'" if path else ""
    return f'Invalid JSON payload received. Unknown name "{name}"{at}: Cannot find field.'


def enum(path: str, kind: str, value: str) -> str:
    package = "type.googleapis.com/google.ai.generativelanguage.v1beta"
    return f"Invalid value at '{path}' ({package}.{kind}), \"{value}\""


def rule(path: str, words: str) -> str:
    return f"* GenerateContentRequest.{path}: {words}"


def unsupported(name: str, value: str, low: int, above: int) -> str:
    return (
        f"Unable to submit request because it has a {name} value of {value} but the supported range"
        f" is from {low} (inclusive) to {above} (exclusive). Update the value and try again."
    )


DECLARED = "tools[0].function_declarations[0]"
PARAMETERS = f"{DECLARED}.parameters"
RESPONSE_SCHEMA = "generation_config.response_schema"
TEXT: Json = {"type": "STRING"}
NO_CALL = "Please ensure that function response turn comes immediately after a function call turn."
UNEQUAL = (
    "Please ensure that the number of function response parts is equal to the number of function"
    " call parts of the function call turn."
)
NAME = (
    "Invalid function name. Must start with a letter or an underscore. Must be alphameric (a-z,"
    " A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of"
    " 128."
)

UNREAD: dict[str, tuple[Json, str, Json]] = {
    "unknown member": (
        body(temperature=0.5),
        unknown("temperature"),
        config(temperature=0.5),
    ),
    "member of another vendor": (body(messages=[]), unknown("messages"), body()),
    "unknown member of the configuration": (
        config(max_tokens=5),
        unknown("max_tokens", "generation_config"),
        config(max_output_tokens=5),
    ),
    "configuration in snake case": (
        body(generation_config={"topk": 1}),
        unknown("topk", "generation_config"),
        body(generation_config={"top_k": 1}),
    ),
    "temperature of words": (
        config(temperature="hot"),
        "Invalid value at 'generation_config.temperature' (TYPE_FLOAT), \"hot\"",
        config(temperature="0.5"),
    ),
    "top_p of a flag": (
        config(topP=True),
        "Invalid value at 'generation_config.top_p' (TYPE_FLOAT), true",
        config(topP=1),
    ),
    "declaration in OpenAI's manner": (
        tools(LOOK | {"strict": True}),
        unknown("strict", DECLARED),
        tools(LOOK | {"description": "Looks."}),
    ),
    "schema with what JSON Schema has": (
        taking(holding(a=TEXT) | {"additionalProperties": False}),
        unknown("additionalProperties", PARAMETERS),
        tools(LOOK | {"parametersJsonSchema": {"type": "object", "additionalProperties": False}}),
    ),
    "constant inside a schema": (
        taking(holding(a=TEXT, b={"anyOf": [TEXT, {"type": "STRING", "const": "x"}]})),
        unknown("const", f"{PARAMETERS}.properties[1].value.any_of[1]"),
        taking(holding(a=TEXT, b={"anyOf": [TEXT, {"type": "STRING", "enum": ["x"]}]})),
    ),
    "schema of an answer": (
        answering({"type": "ARRAY", "items": holding(a=TEXT) | {"$schema": "x"}}),
        unknown("$schema", f"{RESPONSE_SCHEMA}.items"),
        answering({"type": "ARRAY", "items": holding(a=TEXT)}),
    ),
    "several types": (
        taking(holding(a={"type": ["string", "null"]})),
        'Invalid JSON payload received. Unknown name "type" at'
        f" '{PARAMETERS}.properties[0].value': Proto field is not repeating, cannot start list.",
        taking(holding(a={"type": "string", "nullable": True})),
    ),
    "no type": (
        taking(holding(a={"type": "date"})),
        enum(f"{PARAMETERS}.properties[0].value.type", "Type", "date"),
        taking(holding(a={"type": "string", "format": "date-time"})),
    ),
    "number among words": (
        taking(holding(a={"type": "INTEGER", "enum": ["1", 2]})),
        f"Invalid value at '{PARAMETERS}.properties[0].value.enum[1]' (TYPE_STRING), 2",
        taking(holding(a={"type": "INTEGER", "enum": ["1", "2"]})),
    ),
    "list among required names": (
        taking(holding(a=TEXT) | {"required": ["a", ["b"]]}),
        f"Invalid value at '{PARAMETERS}.required[1]' (TYPE_STRING), [\"b\"]",
        taking(holding(a=TEXT) | {"required": ["a"]}),
    ),
    "response of a function": (
        tools(LOOK | {"response": {"type": "text"}}),
        enum(f"{DECLARED}.response.type", "Type", "text"),
        tools(LOOK | {"response": TEXT}),
    ),
    "no mode": (
        tools(LOOK, **calling(mode="required")),
        enum("tool_config.function_calling_config.mode", "FunctionCallingConfig.Mode", "required"),
        tools(LOOK, **calling(mode="any")),
    ),
    "no category": (
        body(safetySettings=[{"category": "HARM", "threshold": "OFF"}]),
        enum("safety_settings[0].category", "HarmCategory", "HARM"),
        body(safetySettings=[{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "OFF"}]),
    ),
    "no threshold": (
        body(safety_settings=[{"threshold": "BLOCK_ALL"}]),
        enum("safety_settings[0].threshold", "SafetySetting.HarmBlockThreshold", "BLOCK_ALL"),
        body(safety_settings=[{"threshold": "BLOCK_NONE"}]),
    ),
}
SENSELESS: dict[str, tuple[Json, str, Json]] = {
    "role of another vendor": (
        body(USER, said("assistant", {"text": "hi"}), USER),
        "Please use a valid role: user, model.",
        body(USER, said("model", {"text": "hi"}), USER),
    ),
    "system among the contents": (
        body(said("system", {"text": "Be brief."}), USER),
        "Please use a valid role: user, model.",
        body(systemInstruction={"parts": [{"text": "Be brief."}]}),
    ),
    "model alone": (
        body(said("model", {"text": "hello"})),
        "Please ensure that single turn requests end with a user role or the role field is empty.",
        body({"parts": [{"text": "hello"}]}),
    ),
    "no parts": (
        body(USER, said("model"), USER),
        rule("contents[1].parts", "contents.parts must not be empty."),
        body(USER, said("model", {"text": "hi"}), USER),
    ),
    "empty text": (
        body(said("user", {"text": "hello"}, {"text": ""})),
        rule(
            "contents[0].parts[1].data",
            "required oneof field 'data' must have one initialized field",
        ),
        body(USER, said("model", {"text": "", "thoughtSignature": "eA=="}), USER),
    ),
    "response without call": (
        body(USER, said("user", RESPONSE)),
        NO_CALL,
        body(USER, said("model", CALL), said("user", RESPONSE)),
    ),
    "fewer responses than calls": (
        body(USER, said("model", CALL, CALL), said("user", RESPONSE)),
        UNEQUAL,
        body(USER, said("model", CALL, CALL), said("user", RESPONSE, RESPONSE)),
    ),
    "more responses than calls": (
        body(USER, said("model", CALL), said("user", RESPONSE, RESPONSE)),
        UNEQUAL,
        body(USER, said("model", CALL), said("user", RESPONSE, {"text": "and?"})),
    ),
    "call without response": (
        body(USER, said("model", CALL), USER),
        UNEQUAL,
        body(USER, said("model", CALL), said("function", RESPONSE)),
    ),
    "call first": (
        body(said("model", CALL), said("user", RESPONSE)),
        "Please ensure that function call turn comes immediately after a user turn or after a"
        " function response turn.",
        body(USER, said("model", CALL), said("user", RESPONSE), said("model", CALL)),
    ),
    "temperature above": (
        config(temperature=2.1),
        rule("generation_config.temperature", "temperature must be in the range [0.0, 2.0]."),
        config(temperature=2),
    ),
    "top_p below": (
        config(topP=-0.1),
        rule("generation_config.top_p", "top_p must be in the range [0.0, 1.0]."),
        config(topP=0),
    ),
    "top_k below": (config(topK=-1), unsupported("topK", "-1", 1, 41), config(topK=0)),
    "penalty above": (
        config(presencePenalty="2"),
        unsupported("presencePenalty", "2", -2, 2),
        config(presencePenalty=-2, frequencyPenalty=1.9),
    ),
    "six stop sequences": (
        config(stopSequences=list("abcdef")),
        rule("generation_config.stop_sequences", "the number of stop_sequences must not exceed 5."),
        config(stopSequences=list("abcde")),
    ),
    "thinking budget": (
        config(thinkingConfig={"thinkingBudget": -2}),
        rule(
            "generation_config.thinking_config.thinking_budget",
            "thinking_budget must be in the range [-1, 65535]",
        ),
        config(thinkingConfig={"thinkingBudget": -1}),
    ),
    "thinking budget and level": (
        config(thinkingConfig={"thinkingBudget": 0, "thinkingLevel": "LOW"}),
        "thinking_budget and thinking_level are not supported together.",
        config(thinkingConfig={"thinkingLevel": "LOW"}),
    ),
    "form of an answer": (
        config(responseMimeType="image/png"),
        rule(
            "generation_config.response_mime_type",
            "allowed mimetypes are `text/plain`, `application/json`, `application/xml`,"
            " `application/yaml` and `text/x.enum`.",
        ),
        config(responseMimeType="text/x.enum", responseSchema=TEXT | {"enum": ["a"]}),
    ),
    "schema without its form": (
        config(responseSchema=holding(a=TEXT)),
        rule(
            RESPONSE_SCHEMA,
            "only allowed when response_mime_type is `application/json` or `text/x.enum`",
        ),
        answering(holding(a=TEXT)),
    ),
    "JSON Schema without its form": (
        config(response_json_schema={"type": "object"}),
        rule(
            "generation_config.response_json_schema",
            "only allowed when response_mime_type is `application/json` or `text/x.enum`",
        ),
        config(response_mime_type="application/json", response_json_schema={"type": "object"}),
    ),
    "two schemas": (
        config(
            responseMimeType="application/json", responseSchema=TEXT, responseJsonSchema={"a": 1}
        ),
        rule(
            "generation_config.response_json_schema",
            "must not be set together with response_schema",
        ),
        config(responseMimeType="application/json", responseSchema=TEXT),
    ),
    "answer that holds nothing": (
        answering(holding(a=holding())),
        rule(f"{RESPONSE_SCHEMA}.properties[a].properties", "should be non-empty for OBJECT type"),
        taking(holding(a=holding())),
    ),
    "properties without type": (
        taking({"properties": {"a": TEXT}}),
        rule(f"{PARAMETERS}.properties", "only allowed for OBJECT type"),
        taking(holding(a=TEXT)),
    ),
    "array of nothing": (
        taking(holding(a={"type": "array"})),
        rule(f"{PARAMETERS}.properties[a].items", "missing field."),
        taking(holding(a={"type": "array", "items": TEXT})),
    ),
    "required property that there is not": (
        taking(holding(a=TEXT) | {"required": ["a", "b"]}),
        rule(f"{PARAMETERS}.required[1]", "property is not defined"),
        taking(holding(a=TEXT) | {"required": ["a"]}),
    ),
    "empty word": (
        answering(holding(a=TEXT | {"enum": ["x", ""]})),
        rule(f"{RESPONSE_SCHEMA}.properties[a].enum[1]", "cannot be empty"),
        answering(holding(a=TEXT | {"enum": ["x", " "]})),
    ),
    "name of a function": (
        tools(LOOK, {"name": "1st"}),
        rule("tools[0].function_declarations[1].name", NAME),
        tools(LOOK, {"name": "_a.b:c-1"}),
    ),
    "long name of a function": (
        tools({"name": "a" * 129}),
        rule(f"{DECLARED}.name", NAME),
        tools({"name": "a" * 128}),
    ),
    "two functions of a name": (
        body(tools=[{"functionDeclarations": [LOOK]}, {"function_declarations": [LOOK]}]),
        "Duplicate function declaration found: look",
        body(tools={"functionDeclarations": [LOOK]}),
    ),
    "parameters twice": (
        tools(LOOK | {"parameters": holding(a=TEXT), "parametersJsonSchema": {"type": "object"}}),
        rule(DECLARED, "parameters_json_schema: must not be set together with parameters"),
        tools(LOOK | {"parametersJsonSchema": {"type": "object"}}),
    ),
    "calling without functions": (
        body(tools=[{"googleSearch": {}}], **calling(mode="AUTO")),
        "Function calling config is set without function_declarations.",
        body(tools=[{"googleSearch": {}}], toolConfig={"retrievalConfig": {}}),
    ),
    "names that are not forced": (
        tools(LOOK, **calling(mode="AUTO", allowedFunctionNames=["look"])),
        rule(
            "tool_config.function_calling_config.allowed_function_names",
            "must only be set when the function calling mode is ANY or VALIDATED",
        ),
        tools(LOOK, **calling(mode="ANY", allowedFunctionNames=["look"])),
    ),
    "names that are not declared": (
        tools(LOOK, **calling(mode="ANY", allowedFunctionNames=["look", "touch"])),
        rule(
            "tool_config.function_calling_config.allowed_function_names",
            "no function declaration is named touch",
        ),
        tools(
            LOOK, {"name": "touch"}, **calling(mode="VALIDATED", allowed_function_names=["look"])
        ),
    ),
}
MISTAKES = UNREAD | SENSELESS


def generate(app: Flask, request: Json, model: str = MODEL) -> Any:
    return ask(app, f"{model}:generateContent", request)


@pytest.mark.parametrize("mistake", UNREAD)
def test_what_cannot_be_read_names_its_field(mistake: str, make_app: MakeApp) -> None:
    request, message, _ = UNREAD[mistake]

    answer = generate(judged(make_app, "reject"), request)

    assert answer.status_code == 400
    error = answer.json["error"]
    (detail,) = error.pop("details")
    assert error == {"code": 400, "message": message, "status": "INVALID_ARGUMENT"}
    assert detail["@type"] == "type.googleapis.com/google.rpc.BadRequest"
    (violation,) = detail["fieldViolations"]
    assert violation["description"] == message
    assert ("field" in violation) == (" at '" in message)
    assert violation.get("field", "") in message


@pytest.mark.parametrize("mistake", SENSELESS)
def test_what_makes_no_sense_is_rejected(mistake: str, make_app: MakeApp) -> None:
    request, message, _ = SENSELESS[mistake]

    answer = generate(judged(make_app, "reject"), request)

    told = f"{message}\n" if message.startswith("* ") else message
    assert answer.status_code == 400
    assert answer.json == {"error": {"code": 400, "message": told, "status": "INVALID_ARGUMENT"}}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_served_with_one_warning(mistake: str, make_app: MakeApp) -> None:
    request, message, _ = MISTAKES[mistake]

    assert warned(generate(judged(make_app, "warn"), request)) == message


@pytest.mark.parametrize("mistake", MISTAKES)
def test_not_looked_at(mistake: str, make_app: MakeApp) -> None:
    request, _, _ = MISTAKES[mistake]

    assert warned(generate(judged(make_app, "ignore"), request)) is None


@pytest.mark.parametrize("mistake", MISTAKES)
def test_nearest_legal_request_is_served_without_a_word(mistake: str, make_app: MakeApp) -> None:
    _, _, legal = MISTAKES[mistake]

    assert warned(generate(judged(make_app, "reject"), legal)) is None


def test_streamed_array_refuses_in_an_array(make_app: MakeApp) -> None:
    app = judged(make_app, "reject")

    answer = ask(app, f"{MODEL}:streamGenerateContent", body(temperature=1))

    assert answer.status_code == 400
    assert answer.json
    assert answer.json[0]["error"]["message"] == unknown("temperature")


def test_role_is_wanted_by_vertex_alone(make_app: MakeApp) -> None:
    app = judged(make_app, "warn")
    request = body({"parts": [{"text": "hello"}]})

    assert warned(generate(app, request)) is None
    assert warned(generate(app, request, VERTEX)) == "Please use a valid role: user, model."


@pytest.mark.parametrize("name", ["additionalProperties", "ref", "defs", "$ref"])
def test_schema_of_vertex_takes_more(name: str, make_app: MakeApp) -> None:
    app = judged(make_app, "warn")
    request = taking(holding(a=TEXT) | {name: {}})

    assert warned(generate(app, request)) == unknown(name, PARAMETERS)
    assert warned(generate(app, request, VERTEX)) is None


OF_EMBEDDINGS: dict[str, tuple[str, Json, str, Json]] = {
    "unknown member": (
        "embedContent",
        {"content": USER, "input": "hello"},
        unknown("input"),
        {"content": USER, "title": "hello", "task_type": "RETRIEVAL_DOCUMENT"},
    ),
    "no task": (
        "embedContent",
        {"content": USER, "taskType": "QUERY"},
        enum("task_type", "TaskType", "QUERY"),
        {"content": USER, "taskType": "retrieval_query"},
    ),
    "unknown member of a batch": (
        "batchEmbedContents",
        {"requests": [{"content": USER}], "contents": []},
        unknown("contents"),
        {"requests": [{"content": USER}]},
    ),
    "unknown member of a request": (
        "batchEmbedContents",
        {"requests": [{"content": USER}, {"content": USER, "dimensions": 3}]},
        unknown("dimensions", "requests[1]"),
        {"requests": [{"content": USER, "output_dimensionality": 3}]},
    ),
    "no task of a request": (
        "batchEmbedContents",
        {"requests": [{"content": USER, "taskType": "QUERY"}]},
        enum("requests[0].task_type", "TaskType", "QUERY"),
        {"requests": [{"content": USER, "taskType": "CLUSTERING"}]},
    ),
}


@pytest.mark.parametrize("mistake", OF_EMBEDDINGS)
def test_embeddings_are_judged(mistake: str, make_app: MakeApp) -> None:
    method, request, message, legal = OF_EMBEDDINGS[mistake]
    app = judged(make_app, "warn")

    assert warned(ask(app, f"{MODEL}:{method}", request)) == message
    assert warned(ask(app, f"{MODEL}:{method}", legal)) is None


OF_MODELS: dict[str, tuple[str, Json, str]] = {
    "prompt too long": (
        "small",
        body(said("user", {"text": "one two three " * 20})),
        "The input token count (61) exceeds the maximum number of tokens allowed (20).",
    ),
    "answer too long": (
        "small",
        config(maxOutputTokens=101),
        unsupported("maxOutputTokens", "101", 1, 101),
    ),
    "tools": ("plain", tools(LOOK), "Function calling is not enabled for models/plain"),
    "json_schema": (
        "plain",
        answering(holding(a=TEXT)),
        "JSON mode is not enabled for models/plain",
    ),
    "reasoning": (
        "plain",
        config(thinkingConfig={"includeThoughts": True}),
        "Thinking is not enabled for models/plain",
    ),
    "vision": (
        "plain",
        body(said("user", IMAGE)),
        "Image input modality is not enabled for models/plain",
    ),
    "audio": (
        "plain",
        body(said("user", AUDIO)),
        "Audio input modality is not enabled for models/plain",
    ),
    "files": (
        "plain",
        body(said("user", FILE)),
        "Document input modality is not enabled for models/plain",
    ),
}


@pytest.mark.parametrize("mistake", OF_MODELS)
def test_rejected_for_the_sake_of_the_model(mistake: str, make_app: MakeApp) -> None:
    name, request, message = OF_MODELS[mistake]

    answer = generate(judged(make_app, "reject", MODELS), request, f"/v1beta/models/{name}")

    assert answer.status_code == 400
    assert answer.json["error"] == {"code": 400, "message": message, "status": "INVALID_ARGUMENT"}


@pytest.mark.parametrize("mistake", OF_MODELS)
@pytest.mark.parametrize("name", ["full", "whole"])
def test_model_of_which_nothing_is_known_can_all(
    mistake: str, name: str, make_app: MakeApp
) -> None:
    _, request, _ = OF_MODELS[mistake]

    answer = generate(judged(make_app, "warn", MODELS), request, f"/v1beta/models/{name}")

    assert warned(answer) is None


@pytest.mark.parametrize(
    ("name", "request_body"),
    [
        ("able", tools(LOOK) | body(said("user", IMAGE, AUDIO, FILE))),
        ("able", answering(holding(a=TEXT))),
        ("able", config(thinkingConfig={"thinkingLevel": "HIGH"})),
        ("plain", config(thinkingConfig={"thinkingBudget": 0, "includeThoughts": False})),
        ("small", config(maxOutputTokens=100)),
    ],
)
def test_what_the_model_can_is_silent(name: str, request_body: Json, make_app: MakeApp) -> None:
    app = judged(make_app, "warn", MODELS)

    assert warned(generate(app, request_body, f"/v1beta/models/{name}")) is None


SIGNED: Json = CALL | {"thoughtSignature": "eA=="}
LEGAL: dict[str, Json] = {
    "one content": {"contents": USER},
    "one part": {"contents": [{"parts": {"text": "hello"}}]},
    "results in two contents": body(
        USER, said("model", CALL, CALL), said("user", RESPONSE), said("user", RESPONSE)
    ),
    "calls in two contents": body(
        USER, said("model", CALL), said("model", CALL), said("user", RESPONSE, RESPONSE)
    ),
    "thoughts and signatures": body(
        USER,
        said("model", {"text": "hm", "thought": True}, {"text": "So."}, SIGNED),
        said("user", RESPONSE),
    ),
    "snake case": {
        "contents": [
            USER,
            {"role": "model", "parts": [{"function_call": {"name": "look"}}]},
            {
                "role": "user",
                "parts": [{"function_response": {"name": "look", "response": {"a": 1}}}],
            },
        ],
        "system_instruction": {"parts": [{"text": "Be brief."}]},
        "generation_config": {"max_output_tokens": 5, "stop_sequences": ["x"], "top_k": 40.0},
        "tools": [{"function_declarations": [LOOK | {"parameters": holding(a=TEXT)}]}],
        "tool_config": {"function_calling_config": {"mode": "AUTO"}},
    },
    "what Google runs": body(
        USER,
        said(
            "model",
            {"executableCode": {"language": "PYTHON", "code": "1"}},
            {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": "1"}},
            {"text": "One."},
        ),
        USER,
        tools=[{"codeExecution": {}}, {"urlContext": {}}, {"newTool": {}}],
    ),
    "bounds": config(
        temperature=0,
        topP=1,
        topK=1,
        candidateCount=8,
        maxOutputTokens=1,
        presencePenalty=1.99,
        frequencyPenalty=-2.0,
        seed=7,
        responseLogprobs=True,
        logprobs=5,
        thinkingConfig={"includeThoughts": True, "thinkingBudget": 65_535},
        responseModalities=["TEXT"],
        mediaResolution="MEDIA_RESOLUTION_LOW",
        speechConfig={"voiceConfig": {}},
        imageConfig={"aspectRatio": "1:1"},
        enableEnhancedCivicAnswers=True,
    ),
    "null members": body(
        tools=None, toolConfig=None, generationConfig=None, systemInstruction=None, nothing=None
    ),
    "null configuration": config(temperature=None, responseSchema=None, stopSequences=None),
    "other members": body(
        cachedContent="cachedContents/x",
        labels={"team": "a"},
        safetySettings=[{"category": "HARM_CATEGORY_HATE_SPEECH", "threshold": "BLOCK_NONE"}],
        serviceTier="standard",
        store=False,
    ),
    "schemas with everything": taking(
        holding(
            a=TEXT | {"description": "x", "nullable": True, "minLength": "1", "pattern": "x"},
            b={"type": "INTEGER", "format": "int32", "minimum": 1, "maximum": 2, "default": 1},
            c={"type": "ARRAY", "items": {"anyOf": [TEXT, {"type": "NUMBER"}]}, "minItems": 1},
            d=holding(properties=TEXT, type=TEXT, enum=TEXT) | {"propertyOrdering": ["type"]},
        )
        | {"title": "x", "required": ["a", "d"], "example": {"a": "x"}}
    ),
    "function without parameters": tools(LOOK | {"parameters": holding()}),
}


@pytest.mark.parametrize("case", LEGAL)
def test_legal_request_is_served_without_a_word(case: str, make_app: MakeApp) -> None:
    assert warned(generate(judged(make_app, "reject"), LEGAL[case])) is None


def test_huge_schema_is_looked_at_up_to_a_bound(make_app: MakeApp) -> None:
    many = {"type": "STRING", "anyOf": [{}] * MAX_SCHEMAS}
    huge = holding(a=many, b={"type": "ARRAY"})

    assert warned(generate(judged(make_app, "warn"), taking(huge))) is None


def test_deep_schema_is_looked_at_up_to_a_bound(make_app: MakeApp) -> None:
    deep: Json = {"type": "ARRAY"}
    for _ in range(200):
        deep = {"type": "OBJECT", "properties": {"x" * 50: deep}}

    assert warned(generate(judged(make_app, "warn"), taking(deep))) is None


def test_odd_schemas_are_let_through(make_app: MakeApp) -> None:
    odd = {"type": 5, "properties": [], "items": "x", "anyOf": {}, "required": "a", "enum": 1}
    request = tools(LOOK | {"parameters": {"type": "OBJECT", "properties": {"a": odd, "b": 1}}})
    words = rule(f"{PARAMETERS}.properties[a].required", "only allowed for OBJECT type")

    assert warned(generate(judged(make_app, "warn"), request)) == words


def known(model: type[BaseModel]) -> set[str]:
    return {camel(name) for name in model.model_fields}


def test_parameters_are_those_of_the_sdk() -> None:
    assert known(types.GenerationConfig) <= parameters.GENERATION_CONFIG
    assert known(types.FunctionDeclaration) == parameters.DECLARATION
    assert known(types.Schema) <= parameters.VERTEX_SCHEMA
    assert known(types.Schema) - {"additionalProperties", "defs", "ref"} <= parameters.SCHEMA


def values(enumeration: type[Enum]) -> set[str]:
    return {each.value for each in enumeration}


def test_enumerations_are_those_of_the_sdk() -> None:
    assert values(types.Type) == set(parameters.TYPES)
    assert values(types.FunctionCallingConfigMode) == set(parameters.MODES)
    assert values(types.HarmCategory) <= parameters.CATEGORIES
    assert values(types.HarmBlockThreshold) == parameters.THRESHOLDS
