"""OpenAI's Codex, as `codex exec -p mockllm 'Say hello.'` runs it: to the end of the task.

It sends its instructions and some earlier messages of its own; the prompt is the newest message, so
that `equals` finds it. Every request counts some 12 000 input tokens.

Its tools differ with the model. To one that it knows, as that of its settings, it offers `exec`,
which takes a text, a program in JavaScript: `{name: exec, arguments: {input: "..."}}`. With a name
that it does not know (`-m any`) there is `exec_command` with `cmd`. They may stand in namespaces,
which a rule leaves out. Calls that a rule makes are really run, in Codex's sandbox; without such a
rule none is called.

After an error 400, 404 or 429 it gives up. After 401 it asks six times, after 500 thirty times,
unless the provider's settings say `request_max_retries = 0` and `stream_max_retries = 0`."""


# /// script
# dependencies = []
# ///

import base64
import json
import os
import subprocess
from pathlib import Path

import pytest

URL = os.environ["MOCKLLM_URL"]
PLACE = Path(os.environ["CLIENT_PLACE"])

SET_UP = """
# -- set-up
export OPENAI_API_KEY=any
cat > ~/.codex/mockllm.config.toml << END
model_provider = "mockllm"
analytics.enabled = false  # else it calls chatgpt.com, and waits for it at the end
features.plugins = false  # else it looks for some at github.com

[model_providers.mockllm]
name = "mockllm"
base_url = "$URL/v1"
env_key = "OPENAI_API_KEY"
END
# -- end
"""

CODEX = ["node", PLACE / "node_modules" / "@openai" / "codex" / "bin" / "codex.js"]
EXEC = ["exec", "-p", "mockllm", "--skip-git-repo-check"]
PROVIDER = "model_providers.mockllm"
AT_ONCE = [
    *("-c", f"{PROVIDER}.request_max_retries=0"),
    *("-c", f"{PROVIDER}.stream_max_retries=0"),
]
# Its own sandbox wants more rights than some containers give.
UNBOUND = ["--sandbox", "danger-full-access"]
PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
    "additionalProperties": False,
}


@pytest.fixture
def codex(tmp_path):
    """Run Codex in an empty home."""
    (tmp_path / ".codex").mkdir(exist_ok=True)

    def run(*words):
        return subprocess.run(
            ["bash", "-c", SET_UP + 'exec "$@"', "bash", *CODEX, *EXEC, *words],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "URL": URL},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
        )

    return run


def events(ended, code=0):
    assert ended.returncode == code, f"{ended.stdout}\n{ended.stderr}"
    return [json.loads(line) for line in ended.stdout.splitlines()]


def items(said):
    """What was completed, without the warnings that come as errors."""
    done = [each["item"] for each in said if each["type"] == "item.completed"]
    return [item for item in done if item["type"] != "error"]


def test_prints_the_answer(codex):
    assert codex("Say hello.").stdout == "Hello from mockllm.\n"


@pytest.mark.parametrize("model", [[], ["-m", "any"]])
def test_answer_with_usage(codex, model):
    said = events(codex("--json", *model, "Say hello."))

    (item,) = items(said)
    assert (item["type"], item["text"]) == ("agent_message", "Hello from mockllm.")
    assert said[-1]["type"] == "turn.completed"
    assert said[-1]["usage"]["output_tokens"] > 0


@pytest.mark.parametrize("model", [[], ["-m", "any"]])
def test_no_tool_is_called_unless_a_rule_says_so(codex, model):
    (item,) = items(events(codex("--json", *model, "Delete everything.")))

    assert item["text"] == "Nobody has told me what to say to that."


def test_usage_in_detail(codex):
    usage = events(codex("--json", "What did it cost?"))[-1]["usage"]

    assert (usage["input_tokens"], usage["output_tokens"]) == (1200, 90)
    assert (usage["cached_input_tokens"], usage["reasoning_output_tokens"]) == (1000, 50)


def test_reasoning(codex):
    summary = ["-c", "model_reasoning_summary=auto"]
    thought, said = items(events(codex("--json", *summary, "Think first.")))

    assert (thought["type"], thought["text"]) == ("reasoning", "Let me think.")
    assert said["text"] == "I have thought."


@pytest.mark.parametrize("model", [[], ["-m", "any"]])
def test_a_tool_and_its_result(codex, model):
    ran, said = items(events(codex("--json", *UNBOUND, *model, "Run a command.")))

    assert (ran["type"], ran["exit_code"]) == ("command_execution", 0)
    assert ran["aggregated_output"] == "made here\n"
    assert said["text"] == "It ran."


def test_structured_output(codex, tmp_path):
    schema = tmp_path / "person.json"
    schema.write_text(json.dumps(PERSON), encoding="utf-8")

    ended = codex("--output-schema", schema, "Describe Ann.")

    assert json.loads(ended.stdout) == {"name": "Ann", "age": 30}


def test_an_earlier_session_goes_on(codex):
    begun, *_ = events(codex("--json", "Say hello."))
    said = events(codex("--json", "resume", begun["thread_id"], "Count to five."))

    assert said[0]["thread_id"] == begun["thread_id"]
    assert items(said)[-1]["text"] == "one two three four five"


def test_a_picture(codex, tmp_path, png):
    picture = tmp_path / "a.png"
    picture.write_bytes(base64.b64decode(png))

    assert codex("-i", picture, "--", "What is it?").stdout == "I see a picture.\n"


@pytest.mark.parametrize(
    ("status", "wanted"),
    [
        (400, "The request is invalid."),
        (401, "401 Unauthorized: Incorrect API key provided."),
        (404, "The model does not exist"),
        (429, "429 Too Many Requests"),
        (500, "high demand"),  # its own words
    ],
)
def test_errors(codex, status, wanted):
    said = events(codex("--json", *AT_ONCE, f"Fail with {status}."), code=1)

    assert said[-1]["type"] == "turn.failed"
    assert wanted in said[-1]["error"]["message"]
