"""Claude Code 2, as `claude -p 'Say hello.'` runs it: without a terminal, to the end of the task.

It sends its own instructions, the descriptions of a dozen tools and a reminder beside the prompt;
the prompt is the last text of the newest message, so that `equals` finds it. Every request counts
some 12 000 input tokens.

Calls that a rule makes are really run, where they are permitted (`--allowedTools Bash`): its tools
are `Bash`, `Read`, `Edit`, `Write` and others, which `tool_offered` tells apart. Without such a
rule none is called. With `--json-schema` it offers a tool `StructuredOutput`, and takes what that
is called with.

After an error 400 it asks up to six times, each time with other members or headers; after others
it goes on asking, slower and slower, unless `CLAUDE_CODE_MAX_RETRIES=0`."""


# /// script
# dependencies = []
# ///

import json
import os
import subprocess
from pathlib import Path

import pytest

URL = os.environ["MOCKLLM_URL"]
PLACE = Path(os.environ["CLIENT_PLACE"])

SET_UP = """
# -- set-up
export ANTHROPIC_BASE_URL=$URL
export ANTHROPIC_API_KEY=any
export CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1  # no telemetry, no look for updates
# -- end
"""

# What its script after the installation would copy to its place; npm ran no scripts.
CLAUDE = ["node", PLACE / "node_modules" / "@anthropic-ai" / "claude-code" / "cli-wrapper.cjs"]
ANSWER = ["--output-format", "json"]
EVENTS = ["--output-format", "stream-json", "--verbose"]
UNKNOWN = "Nobody has told me what to say to that."
PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
    "additionalProperties": False,
}


@pytest.fixture
def claude(tmp_path):
    """Run Claude Code in an empty home."""

    def run(*words, sent="", **variables):
        return subprocess.run(
            ["bash", "-c", SET_UP + 'exec "$@"', "bash", *CLAUDE, "-p", *words],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "URL": URL} | variables,
            input=sent,
            capture_output=True,
            encoding="utf-8",
        )

    return run


def answer(ended):
    assert ended.returncode == 0, f"{ended.stdout}\n{ended.stderr}"
    return json.loads(ended.stdout)


def events(ended):
    assert ended.returncode == 0, f"{ended.stdout}\n{ended.stderr}"
    return [json.loads(line) for line in ended.stdout.splitlines()]


def contents(said, role):
    """The parts of all messages of a role."""
    return [part for each in said if each["type"] == role for part in each["message"]["content"]]


def test_prints_the_answer(claude):
    assert claude("Say hello.").stdout == "Hello from mockllm.\n"


def test_answer_with_usage(claude):
    said = answer(claude("Say hello.", *ANSWER))

    assert (said["result"], said["is_error"]) == ("Hello from mockllm.", False)
    assert (said["num_turns"], said["stop_reason"]) == (1, "end_turn")
    assert said["usage"]["output_tokens"] > 0


def test_no_tool_is_called_unless_a_rule_says_so(claude):
    said = events(claude("Delete everything.", *EVENTS, "--allowedTools", "Bash,Edit,Write"))

    assert [part["type"] for part in contents(said, "assistant")] == ["text"]
    assert said[-1]["result"] == UNKNOWN


def test_stream(claude):
    said = events(claude("Count to five.", *EVENTS, "--include-partial-messages"))
    came = [each["event"] for each in said if each["type"] == "stream_event"]
    pieces = [
        event["delta"]["text"]
        for event in came
        if event["type"] == "content_block_delta" and event["delta"]["type"] == "text_delta"
    ]

    assert "".join(pieces) == "one two three four five"
    assert len(pieces) > 1
    assert said[-1]["result"] == "one two three four five"


def test_reasoning(claude):
    said = events(claude("Think first.", *EVENTS))

    kinds = [part["type"] for part in contents(said, "assistant")]
    assert kinds == ["thinking", "text"]
    assert said[-1]["result"] == "I have thought."


def test_a_tool_and_its_result(claude):
    said = events(claude("Run a command.", *EVENTS, "--allowedTools", "Bash"))

    (result,) = contents(said, "user")
    assert (result["content"], result["is_error"]) == ("made here", False)
    assert (said[-1]["result"], said[-1]["num_turns"]) == ("It ran.", 2)


def test_two_tools_at_once(claude):
    said = events(claude("Run two commands.", *EVENTS, "--allowedTools", "Bash"))

    assert {result["content"] for result in contents(said, "user")} == {"made here", "made there"}
    assert said[-1]["result"] == "Both ran."


def test_a_tool_that_is_not_permitted(claude):
    said = events(claude("Run a command.", *EVENTS, "--disallowedTools", "Bash(echo *)"))

    (denied,) = said[-1]["permission_denials"]
    (result,) = contents(said, "user")
    assert denied["tool_input"] == {"command": "echo made here"}
    assert result["is_error"]


def test_structured_output(claude):
    said = answer(claude("Give me Ann.", *ANSWER, "--json-schema", json.dumps(PERSON)))

    assert said["structured_output"] == {"name": "Ann", "age": 30}


def test_an_earlier_session_goes_on(claude):
    begun = answer(claude("Say hello.", *ANSWER))
    said = answer(claude("Count to five.", *ANSWER, "--resume", begun["session_id"]))

    assert said["result"] == "one two three four five"
    assert said["session_id"] == begun["session_id"]


FILES = [
    ("image", "image/png", "png", "I see a picture."),
    ("document", "application/pdf", "pdf", "I have read the document."),
]


@pytest.mark.parametrize(("kind", "media_type", "name", "wanted"), FILES)
def test_files(claude, request, kind, media_type, name, wanted):
    data = request.getfixturevalue(name)
    source = {"type": "base64", "media_type": media_type, "data": data}
    content = [{"type": kind, "source": source}, {"type": "text", "text": "What is it?"}]
    sent = {"type": "user", "message": {"role": "user", "content": content}}

    said = events(claude(*EVENTS, "--input-format", "stream-json", sent=json.dumps(sent)))

    assert said[-1]["result"] == wanted


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "invalid_request_error"),
        (401, "authentication_error"),
        (404, "not_found_error"),
        (429, "rate_limit_error"),
        (500, "api_error"),
    ],
)
def test_errors(claude, status, kind):
    ended = claude(f"Fail with {status}.", *ANSWER, CLAUDE_CODE_MAX_RETRIES="0")
    said = json.loads(ended.stdout)

    assert ended.returncode == 1
    assert (said["is_error"], said["terminal_reason"]) == (True, "api_error")
    assert (said["api_error_status"], said["api_error_type"]) == (status, kind)
