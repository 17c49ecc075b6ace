"""Rules for several inputs, from YAML to HTTP: each input is matched and answered by itself."""

from __future__ import annotations

from math import isclose
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.conftest import MakeApp

IMAGE = {"type": "image_url", "image_url": {"url": "data:,"}}


def embed(app: Flask, sent: Any, **headers: str) -> TestResponse:
    body = {"model": "m", "input": sent, "dimensions": 64}
    return app.test_client().post("/v1/embeddings", json=body, headers=headers)


def moderate(app: Flask, sent: Any) -> TestResponse:
    return app.test_client().post("/v1/moderations", json={"input": sent})


def complete(app: Flask, prompt: Any, **members: Any) -> TestResponse:
    body = {"model": "m", "prompt": prompt, **members}
    return app.test_client().post("/v1/completions", json=body)


def vectors(response: TestResponse) -> list[list[float]]:
    body: Any = response.json
    return [each["embedding"] for each in body["data"]]


def flags(response: TestResponse) -> list[list[str]]:
    body: Any = response.json
    return [
        [category for category, flagged in each["categories"].items() if flagged]
        for each in body["results"]
    ]


def texts(response: TestResponse) -> list[str]:
    body: Any = response.json
    return [choice["text"] for choice in body["choices"]]


def error_of(response: TestResponse) -> str:
    body: Any = response.json
    return str(body["error"]["message"])


def cosine(a: list[float], b: list[float]) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))


def test_vector_is_as_near_as_the_rule_says(make_app: MakeApp) -> None:
    app = make_app(
        "rules:\n"
        "  - when: {operation: embedding, equals: [kitten, tomcat]}\n"
        "    reply: {embedding: {like: cat, similarity: 0.9}}\n"
    )

    kitten, tomcat, cat = vectors(embed(app, ["kitten", "tomcat", "cat"]))

    assert isclose(cosine(kitten, cat), 0.9, abs_tol=1e-9)
    assert isclose(cosine(tomcat, cat), 0.9, abs_tol=1e-9)
    assert kitten != tomcat


def test_answer_to_an_exact_prompt_may_be_a_vector(make_app: MakeApp) -> None:
    app = make_app("responses: {cat: {embedding: [0.6, 0.8]}}")

    assert vectors(embed(app, ["cat", "dog"]))[0] == [0.6, 0.8]
    assert len(vectors(embed(app, "dog"))[0]) == 64


def test_texts_have_vectors_of_their_own_in_every_session(make_app: MakeApp) -> None:
    app = make_app("responses: {}")

    one = vectors(embed(app, ["a", "b"]))
    again = vectors(embed(app, ["a", "b"], X_Mockllm_Session="other"))

    assert one == again
    assert one[0] != one[1]


def test_sequence_is_consumed_by_each_input(make_app: MakeApp) -> None:
    app = make_app(
        "rules:\n"
        "  - when: {operation: embedding}\n"
        "    replies: [{embedding: [1]}, {embedding: [2]}, {embedding: [3]}]\n"
        "    when_exhausted: loop\n"
    )

    assert vectors(embed(app, ["a", "b"])) == [[1.0], [2.0]]
    assert vectors(embed(app, ["a", "b"])) == [[3.0], [1.0]]
    assert vectors(embed(app, "a", X_Mockllm_Session="other")) == [[1.0]]


def test_rule_that_holds_once_answers_one_input(make_app: MakeApp) -> None:
    app = make_app(
        "rules: [{when: {operation: moderation}, times: 1,"
        " reply: {moderation: {flagged: [violence, hate]}}}]"
    )

    assert flags(moderate(app, ["a", "b"])) == [["hate", "violence"], []]


def test_text_rules_are_passed_over_and_not_consumed(make_app: MakeApp) -> None:
    app = make_app(
        "rules:\n"
        "  - {when: {always: true}, times: 1, reply: Once.}\n"
        "  - {when: {always: true}, replies: [One., {embedding: [7]}, Two.]}\n"
        "responses: {a: An answer.}\n"
    )

    embedded = vectors(embed(app, ["a", "a"]))
    said = [texts(complete(app, "a"))[0] for _ in range(3)]

    assert embedded == [[7.0], [7.0]]
    assert said == ["Once.", "One.", "Two."]
    assert flags(moderate(app, "a")) == [[]]


def test_tool_calls_are_passed_over_by_completions(make_app: MakeApp) -> None:
    app = make_app(
        "rules:\n"
        "  - {when: {always: true}, times: 1, reply: {tool_calls: [{name: f}]}}\n"
        "  - {when: {always: true}, reply: Text.}\n"
    )

    assert texts(complete(app, "a")) == ["Text."]


@pytest.mark.parametrize("ask", [embed, moderate, complete])
def test_error_for_one_input_is_an_error_of_the_whole(ask: Any, make_app: MakeApp) -> None:
    app = make_app("responses: {bad: {error: {kind: rate_limit, message: Slow down.}}}")

    response = ask(app, ["good", "bad", "good"])

    assert response.status_code == 429
    assert error_of(response) == "Slow down."
    assert ask(app, ["good"]).status_code == 200


@pytest.mark.parametrize("ask", [embed, moderate, complete])
def test_strict_mode_refuses_what_no_rule_answers(ask: Any, make_app: MakeApp) -> None:
    app = make_app(
        "rules:\n"
        "  - when: {contains: known, operation: [embedding, moderation]}\n"
        "    reply: {auto: true}\n"
        "  - {when: {contains: known}, reply: Text.}\n"
        "settings: {strict: true}\n"
    )

    response = ask(app, ["known", "other"])

    assert response.status_code == 404
    assert "No rule matches" in error_of(response)
    assert ask(app, ["known", "also known"]).status_code == 200


def test_strict_mode_tells_of_a_text_that_an_embedding_cannot_carry(make_app: MakeApp) -> None:
    app = make_app("responses: {hi: Text.}\nsettings: {strict: true}\n")

    assert embed(app, "hi").status_code == 404


def test_unknown_response_is_for_completions_and_not_for_vectors(make_app: MakeApp) -> None:
    app = make_app("defaults: {unknown_response: What?}")

    assert texts(complete(app, "hi")) == ["What?"]
    assert embed(app, "hi").status_code == 200
    assert flags(moderate(app, "hi")) == [[]]


def test_image_is_matched_in_a_moderation(make_app: MakeApp) -> None:
    app = make_app("rules: [{when: {has: image}, reply: {moderation: {flagged: [sexual]}}}]\n")

    assert flags(moderate(app, [{"type": "text", "text": "look"}, IMAGE])) == [["sexual"]]
    assert flags(moderate(app, [IMAGE])) == [["sexual"]]
    assert flags(moderate(app, ["look"])) == [[]]


def test_tokens_are_matched_by_their_ids(make_app: MakeApp) -> None:
    app = make_app('responses: {"1 22": {embedding: [1]}, "3": {embedding: [2]}}')

    assert vectors(embed(app, [[1, 22], [3]])) == [[1.0], [2.0]]
    assert vectors(embed(app, [1, 22])) == [[1.0]]


@pytest.mark.parametrize(
    ("operation", "wanted"),
    [("completion", [True, False, False]), ("[embedding, moderation]", [False, True, True])],
)
def test_operation_is_a_condition(operation: str, wanted: list[bool], make_app: MakeApp) -> None:
    app = make_app(f"rules: [{{when: {{operation: {operation}}}, reply: {{error: server}}}}]")

    found = [ask(app, "hi").status_code == 500 for ask in (complete, embed, moderate)]

    assert found == wanted


def test_usage_of_a_rule_is_reported_for_its_input(make_app: MakeApp) -> None:
    app = make_app("responses: {a: {embedding: [1], usage: {input_tokens: 70}}}")

    body: Any = embed(app, ["a", "one two"]).json

    assert body["usage"] == {"prompt_tokens": 72, "total_tokens": 72}


def test_choices_draw_apart_and_count_as_one_match(make_app: MakeApp) -> None:
    app = make_app(
        "rules:\n"
        "  - {when: {contains: draw}, one_of: [a, b, c, d]}\n"
        "  - {when: {contains: next}, replies: [one, two, three]}\n"
        "settings: {seed: 1}\n"
    )

    assert len(set(texts(complete(app, "draw", n=20)))) > 1
    assert texts(complete(app, ["next", "next"], n=2)) == ["one", "one", "two", "two"]
    assert texts(complete(app, "next")) == ["three"]


def test_console_names_the_nearest_rule_of_an_input(
    make_app: MakeApp, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app("responses: {what is the weather: Sunny.}")
    with caplog.at_level("INFO", "mockllm.requests"):
        _ = complete(app, "what is the wether").data

    assert "(nearest: " in caplog.text
    assert "what is the weather" in caplog.text
