"""Every file of `responses/examples` is valid, and answers the requests in its first lines."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import unquote

import pytest

from mockllm.app import create_app
from mockllm.config.load import load
from mockllm.core.rules import Rule
from tests.conftest import runtime_of
from tests.docs.asking import PROVIDERS, Ask, Conversation, asks, concerns, served, shown

EXAMPLES = sorted((Path(__file__).parents[2] / "responses" / "examples").glob("*.yml"))


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_example_is_valid(file: Path) -> None:
    assert load(file).problems == ()
    assert load(*served(file)).problems == ()


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_example_answers_what_it_says(file: Path, provider: str) -> None:
    app = create_app(served(file))
    conversation = Conversation(app.test_client(), provider)

    for ask in asks(file):
        if concerns(ask, provider):
            said = shown(conversation.send(ask), provider)
            assert ask.expected, ask.text
            assert "the real API would refuse" not in said
            for expected in ask.expected:
                assert any(each in said for each in expected.split(" | ")), said
    runtime_of(app).stop()


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_every_rule_of_an_example_answers_something(file: Path) -> None:
    """Answers to exact prompts are asked for without being listed."""
    ruleset = load(*served(file)).usable
    wanted = [*ruleset.rules, *ruleset.answers.values()]
    prompts = [Ask("ask", prompt, {}, []) for prompt in ruleset.answers]

    sources: set[str] = set()
    for provider in PROVIDERS:
        app = create_app(served(file))
        conversation = Conversation(app.test_client(), provider)
        for ask in [*asks(file), *prompts]:
            if concerns(ask, provider):
                headers = conversation.send(ask).headers
                sources.add(unquote(headers.get("x-mockllm-source", "")))
        runtime_of(app).stop()

    assert [rule.name for rule in wanted if _source(rule) not in sources] == []


def test_flaky_example_fails_twice_and_succeeds_in_each_of_8_parallel_tests() -> None:
    app = create_app(EXAMPLES[0].with_name("flaky.yml"))

    def statuses(session: str) -> list[int]:
        conversation = Conversation(app.test_client(), "openai")
        ask = Ask("ask", "summarise this", {"session": session}, [])
        return [conversation.send(ask).status_code for _ in range(4)]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(statuses, [f"test-{number}" for number in range(8)]))
    runtime_of(app).stop()

    assert found == [[429, 429, 200, 200]] * 8


@pytest.mark.parametrize("provider", PROVIDERS)
def test_verification_example_is_verified(provider: str) -> None:
    (file,) = (file for file in EXAMPLES if file.stem == "verification")
    app = create_app(file)
    conversation = Conversation(app.test_client(), provider)

    passed = []
    for ask in asks(file):
        conversation.send(ask)
        passed.append(app.test_client().post("/_mockllm/verify").get_json()["passed"])
    runtime_of(app).stop()

    assert passed == [False, True]


def test_environment_is_served_over_its_base() -> None:
    (staging,) = (file for file in EXAMPLES if file.stem == "environment-staging")

    assert [file.stem for file in served(staging)] == ["environment-base", "environment-staging"]


def _source(rule: Rule) -> str:
    assert rule.location is not None
    return f"{rule.location.file}:{rule.location.line}"
