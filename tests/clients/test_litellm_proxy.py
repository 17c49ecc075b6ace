"""LiteLLM's proxy in front of mockllm. Programs ask the proxy in OpenAI's or Anthropic's API, for
whichever model; it asks mockllm in the API of the model's vendor.

It starts only with a key of its own, which its clients send. An error that it gets leaves with its
status, and with a few words of LiteLLM's around the message. It takes some fifteen seconds to
start."""

# /// script
# dependencies = [
#   "anthropic>=0.120,<1",
#   "litellm[proxy]>=1.106,<2",
# ]
# ///

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from threading import Thread

import anthropic
import openai
import pytest
from pydantic import BaseModel

SET_UP = """
# -- set-up
export LITELLM_MASTER_KEY=sk-any
export LITELLM_LOCAL_MODEL_COST_MAP=True  # else it downloads prices
export LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS=True  # the same, of Anthropic's headers

cat > litellm.yaml <<END
model_list:
  - model_name: gpt-*
    litellm_params: {model: openai/gpt-*, api_base: $URL/v1, api_key: any}
  - model_name: text-embedding-*
    litellm_params: {model: openai/text-embedding-*, api_base: $URL/v1, api_key: any}
  - model_name: claude-*
    litellm_params: {model: anthropic/claude-*, api_base: $URL, api_key: any}
  - model_name: gemini-*
    litellm_params: {model: gemini/gemini-*, api_base: $URL, api_key: any}
  - model_name: llama3.2
    litellm_params: {model: ollama_chat/llama3.2, api_base: $URL}
router_settings:
  num_retries: 0  # else an error is tried again,
  disable_cooldowns: true  # and then its model is asked nothing for a while
END

litellm --config litellm.yaml --host 127.0.0.1 --port 4000
# -- end
"""
URL = os.environ["MOCKLLM_URL"]
KEY = "sk-any"
PORT = 4000
MODELS = ["gpt-4o", "claude-sonnet-4-5", "gemini-2.5-flash", "llama3.2"]
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
}
TOOL = {
    "type": "function",
    "function": {"name": "get_weather", "description": "Tell the weather.", "parameters": SCHEMA},
}
ANTHROPIC_TOOL = {"name": "get_weather", "description": "Tell the weather.", "input_schema": SCHEMA}
QUESTIONS = pytest.mark.parametrize(
    ("asked", "answer", "cities"),
    [
        ("What is the weather in Paris?", "It is sunny in Paris.", ["Paris"]),
        ("And in Paris and Rome?", "It is sunny in both.", ["Paris", "Rome"]),
    ],
)
models = pytest.mark.parametrize("model", MODELS)


class Person(BaseModel):
    """Somebody."""

    name: str
    age: int


@pytest.fixture(scope="module")
def proxy(tmp_path_factory):
    """Where a proxy listens that has been set up and started as the manual says."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    script = SET_UP.replace(str(PORT), str(port)).replace("\nlitellm", "\nexec litellm")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    place = tmp_path_factory.mktemp("proxy")
    with subprocess.Popen(
        ["sh", "-ec", script],
        cwd=place,
        env={"PATH": path, "HOME": str(place), "URL": URL},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    ) as process:
        try:
            said = []
            for line in process.stdout:
                said.append(line)
                if "Uvicorn running" in line:
                    break
            else:
                pytest.fail("".join(said))
            reader = Thread(target=said.extend, args=[process.stdout])
            reader.start()  # else it blocks when the pipe is full
            yield f"http://127.0.0.1:{port}"
            process.terminate()
            reader.join()
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def openais(proxy):
    with openai.OpenAI(base_url=f"{proxy}/v1", api_key=KEY, max_retries=0) as client:
        yield client


@pytest.fixture(scope="module")
def anthropics(proxy):
    with anthropic.Anthropic(base_url=proxy, api_key=KEY, max_retries=0) as client:
        yield client


def user(content):
    return {"role": "user", "content": content}


@models
def test_chat_with_usage(openais, model):
    answer = openais.chat.completions.create(model=model, messages=[user("Say hello.")])

    assert answer.choices[0].message.content == "Hello from mockllm."
    assert answer.usage.completion_tokens == 4


@models
def test_stream(openais, model):
    stream = openais.chat.completions.create(
        model=model,
        messages=[user("Count to five.")],
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = list(stream)
    texts = [choice.delta.content or "" for chunk in chunks for choice in chunk.choices]

    assert "".join(texts) == "one two three four five"
    assert chunks[-1].usage.completion_tokens == 5


@models
def test_forced_tool(openais, model):
    if model == "llama3.2":
        pytest.skip("Ollama has no tool_choice")
    answer = openais.chat.completions.create(
        model=model,
        messages=[user("Whatever.")],
        tools=[TOOL],
        tool_choice={"type": "function", "function": {"name": "get_weather"}},
    )
    (call,) = answer.choices[0].message.tool_calls

    assert call.function.name == "get_weather"


@QUESTIONS
@models
def test_agent_loop(openais, model, asked, answer, cities):
    asking = {"model": model, "tools": [TOOL]}
    messages = [user(asked)]

    said = openais.chat.completions.create(messages=messages, **asking).choices[0].message
    messages.append(said)
    messages += [
        {"role": "tool", "tool_call_id": call.id, "content": "sunny"} for call in said.tool_calls
    ]
    ended = openais.chat.completions.create(messages=messages, **asking)

    assert [json.loads(call.function.arguments)["city"] for call in said.tool_calls] == cities
    assert ended.choices[0].message.content == answer


@models
def test_structured_output(openais, model):
    answer = openais.chat.completions.parse(
        model=model, messages=[user("Describe Ann.")], response_format=Person
    )

    assert answer.choices[0].message.parsed == Person(name="Ann", age=30)


@models
def test_image(openais, model, png):
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{png}"}}
    content = [{"type": "text", "text": "What is it?"}, image]
    answer = openais.chat.completions.create(model=model, messages=[user(content)])

    assert answer.choices[0].message.content == "I see a picture."


@models
def test_responses(openais, model):
    answer = openais.responses.create(model=model, input="Say hello.")

    assert answer.output_text == "Hello from mockllm."


@models
def test_stream_of_responses(openais, model):
    with openais.responses.stream(model=model, input="Count to five.") as stream:
        answer = stream.get_final_response()

    assert answer.output_text == "one two three four five"


def test_embeddings(openais):
    answer = openais.embeddings.create(
        model="text-embedding-3-small", input=["a cat", "a cat", "a dog"]
    )
    one, same, other = (each.embedding for each in answer.data)

    assert one == same != other


@models
def test_messages(anthropics, model):
    answer = anthropics.messages.create(model=model, max_tokens=100, messages=[user("Say hello.")])

    assert answer.content[0].text == "Hello from mockllm."
    assert answer.usage.output_tokens == 4


@models
def test_stream_of_messages(anthropics, model):
    with anthropics.messages.stream(
        model=model, max_tokens=100, messages=[user("Count to five.")]
    ) as stream:
        said = "".join(stream.text_stream)

    assert said == "one two three four five"


@QUESTIONS
@models
def test_agent_loop_of_messages(anthropics, model, asked, answer, cities):
    asking = {"model": model, "max_tokens": 100, "tools": [ANTHROPIC_TOOL]}
    messages = [user(asked)]

    said = anthropics.messages.create(messages=messages, **asking)
    calls = [block for block in said.content if block.type == "tool_use"]
    results = [
        {"type": "tool_result", "tool_use_id": call.id, "content": "sunny"} for call in calls
    ]
    messages += [{"role": "assistant", "content": said.content}, user(results)]
    ended = anthropics.messages.create(messages=messages, **asking)

    assert [call.input["city"] for call in calls] == cities
    assert ended.content[0].text == answer


@pytest.mark.parametrize("status", [400, 401, 404, 429])
@models
def test_error(openais, model, status):
    with pytest.raises(openai.APIStatusError) as error:
        openais.chat.completions.create(model=model, messages=[user(f"Fail with {status}.")])

    assert error.value.status_code == status


@pytest.mark.parametrize("status", [400, 401, 404, 429])
def test_error_of_messages(anthropics, status):
    with pytest.raises(anthropic.APIStatusError) as error:
        anthropics.messages.create(
            model="claude-sonnet-4-5", max_tokens=100, messages=[user(f"Fail with {status}.")]
        )

    assert error.value.status_code == status
