"""Simon Willison's `llm`. With the two variables every model of OpenAI's that it knows is answered
by mockllm, as are its embeddings; models of its own, without a key, stand in a file.

`llm openai models` asks OpenAI itself, whatever the variables say; `llm openai endpoint
http://127.0.0.1:8000/v1 --models` asks mockllm."""

# /// script
# dependencies = [
#   "llm>=0.36,<1",
# ]
# ///

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from llm.cli import cli

SET_UP = """
# -- set-up
export OPENAI_BASE_URL=$URL/v1 OPENAI_API_KEY=any

export LLM_USER_PATH=$PWD/llm  # unless set: the folder that `llm logs path` names
mkdir -p "$LLM_USER_PATH"
cat > "$LLM_USER_PATH/extra-openai-models.yaml" <<END
- model_id: mock
  model_name: gpt-4o
  api_base: $URL/v1
  supports_tools: true
  supports_schema: true
  vision: true
- model_id: mock-responses
  model_name: gpt-4o
  api_base: $URL/v1
  responses: true
  supports_tools: true
  supports_schema: true
  vision: true
END
# -- end
"""
URL = os.environ["MOCKLLM_URL"]
PERSON = {"name": "Ann", "age": 30}
WEATHER = (
    'def get_weather(city: str):\n    "Tell the weather of a city."\n    return "sunny in " + city'
)

chats_and_responses = pytest.mark.parametrize("model", ["mock", "mock-responses"])


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("llm")


@pytest.fixture(scope="module")
def shell(place):
    """Runs words in the shell that has been set up."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    def run(*words):
        return subprocess.run(
            ["sh", "-ec", f'{SET_UP}\nexec "$@"', "sh", *words],
            cwd=place,
            env={"PATH": path, "HOME": str(place), "URL": URL},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=True,
        ).stdout

    return run


@pytest.fixture(scope="module")
def environ(shell):
    return dict(line.partition("=")[::2] for line in shell("env", "-0").split("\0"))


@pytest.fixture
def llm(environ, place, monkeypatch):
    """Runs `llm` without its second of imports, and returns how it ended."""
    monkeypatch.chdir(place)
    for name in ("OPENAI_BASE_URL", "OPENAI_API_KEY", "LLM_USER_PATH"):
        monkeypatch.setenv(name, environ[name])
    return lambda *words, said="": CliRunner().invoke(cli, words, input=said)


@pytest.fixture
def answer(llm):
    """Runs `llm`, and returns what it answers."""

    def run(*words, said=""):
        ended = llm(*words, said=said)
        assert ended.exit_code == 0, ended.output
        return ended.stdout.rstrip("\n")

    return run


def test_program(shell):
    assert shell("llm", "-m", "mock", "Say hello.") == "Hello from mockllm.\n"


@pytest.mark.parametrize("model", ["gpt-4o", "gpt-5.5", "mock", "mock-responses"])
def test_chat_with_usage(llm, model):
    ended = llm("-m", model, "--usage", "Say hello.")

    assert ended.stdout == "Hello from mockllm.\n"
    assert ended.stderr.startswith("Token usage: 3 input, 4 output")


@pytest.mark.parametrize("how", ["--async", "--no-stream"])
@chats_and_responses
def test_other_ways_to_ask(answer, model, how):
    assert answer("-m", model, how, "Count to five.") == "one two three four five"


def test_reasoning(llm):
    ended = llm("-m", "gpt-5.5", "Think first.")

    assert (ended.stdout, ended.stderr.strip()) == ("I have thought.\n", "Let me think.")


@chats_and_responses
def test_next_turn(answer, model):
    first = answer("-m", model, "Say hello.")
    second = answer("--continue", "Count to five.")

    assert (first, second) == ("Hello from mockllm.", "one two three four five")


def test_interactive_chat(answer):
    said = answer("chat", "-m", "mock", said="Say hello.\nCount to five.\nexit\n")

    assert "\nHello from mockllm.\n" in said
    assert "\none two three four five\n" in said


@pytest.mark.parametrize(
    ("asked", "said", "results"),
    [
        ("What is the weather in Paris?", "It is sunny in Paris.", ["Paris"]),
        ("And in Paris and Rome?", "It is sunny in both.", ["Paris", "Rome"]),
    ],
)
@chats_and_responses
def test_agent_loop(llm, model, asked, said, results):
    ended = llm("-m", model, "--functions", WEATHER, "--tools-debug", asked)
    outputs = [line.strip() for line in ended.stderr.splitlines() if "sunny in" in line]

    assert ended.stdout == f"{said}\n"
    assert outputs == [f"sunny in {city}" for city in results]


@chats_and_responses
def test_structured_output(answer, model):
    said = answer("-m", model, "--schema", "name, age int", "Describe Ann.")

    assert json.loads(said) == PERSON


@chats_and_responses
def test_image(answer, model, place, png):
    (place / "a.png").write_bytes(base64.b64decode(png))

    assert answer("-m", model, "-a", "a.png", "What is it?") == "I see a picture."


@chats_and_responses
def test_file(answer, model, place, pdf):
    (place / "a.pdf").write_bytes(base64.b64decode(pdf))

    assert answer("-m", model, "-a", "a.pdf", "What is in it?") == "I have read the document."


def test_embeddings(answer):
    one, same, other = (
        json.loads(answer("embed", "-m", "3-small", "-c", text))
        for text in ["a cat", "a cat", "a dog"]
    )

    assert one == same != other
    assert len(one) == 1536


def test_endpoint_without_a_file(answer):
    said = answer("openai", "endpoint", f"{URL}/v1", "-m", "any", "Say hello.")
    models = answer("openai", "endpoint", f"{URL}/v1", "--models")

    assert said == "Hello from mockllm."
    assert "gpt-4o" in models.split()


@chats_and_responses
def test_error(llm, model):
    ended = llm("-m", model, "Fail with 401.")

    assert ended.exit_code == 1
    assert ended.stderr.startswith("Error: Error code: 401 - ")
