"""The pytest plugin, in test runs of its own."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

import pytest

IS_INSTALLED = any(
    entry.value == "mockllm.pytest_plugin" for entry in entry_points(group="pytest11")
)
HAS_ASYNCIO = find_spec("pytest_asyncio") is not None
ROOT = Path(__file__).parents[2]

ASK = """
import openai
import pytest

def ask(prompt):
    with openai.OpenAI(max_retries=0) as client:
        messages = [{"role": "user", "content": prompt}]
        answer = client.chat.completions.create(model="gpt-4o", messages=messages)
        return answer.choices[0].message.content
"""


@pytest.fixture(autouse=True, scope="module")
def frozen() -> Iterator[None]:
    """Each run ends in five full collections, which take seconds with the SDKs loaded."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture
def run(pytester: pytest.Pytester) -> object:
    """Return a function that runs tests, the functions above among what they know."""
    write_ini(pytester)

    def run_tests(text: str, *arguments: str, head: str = ASK) -> pytest.RunResult:
        pytester.makepyfile(test_it=head + text)
        plugin = () if IS_INSTALLED else ("-p", "mockllm.pytest_plugin")
        return pytester.runpytest_inprocess(*plugin, "-p", "no:cacheprovider", *arguments)

    return run_tests


def write_ini(pytester: pytest.Pytester, *lines: str) -> None:
    asyncio = ("asyncio_default_fixture_loop_scope = function",)
    every = ("[pytest]", "filterwarnings = error", *(asyncio if HAS_ASYNCIO else ()), *lines)
    (pytester.path / "pytest.ini").write_text("\n".join(every))


class Run:
    """What the fixture `run` gives."""

    def __call__(self, text: str, *arguments: str, head: str = ASK) -> pytest.RunResult:
        raise NotImplementedError


def test_the_sdk_finds_the_server_by_itself(run: Run) -> None:
    result = run(
        """
def test_weather(mockllm):
    mockllm.on(contains="weather").reply("Sunny.")
    assert ask("the weather?") == "Sunny."
    assert mockllm.last.api_key == "sk-mockllm"
"""
    )

    result.assert_outcomes(passed=1)


def test_tests_see_nothing_of_each_other(run: Run) -> None:
    result = run(
        """
seen = []

@pytest.mark.parametrize("n", range(3))
def test_one(mockllm, n, mockllm_server):
    mockllm.reply(str(n), "second")
    assert ask("?") == str(n)
    assert len(mockllm.requests) == 1
    assert mockllm.url.startswith(mockllm_server.url + "/s/")
    assert mockllm.url not in seen
    seen.append(mockllm.url)

def test_nothing_is_kept(mockllm_server):
    assert len(seen) == 3
    assert mockllm_server._serving.runtime.journal.find() == []
"""
    )

    result.assert_outcomes(passed=4)


def test_what_nothing_answers_fails_the_test_with_what_arrived(run: Run) -> None:
    result = run(
        """
def test_weather(mockllm):
    mockllm.on(contains="weather").reply("Sunny.")
    with pytest.raises(openai.NotFoundError):
        ask("the wether?")
"""
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "mockllm: not answered: POST /v1/chat/completions 404 gpt-4o",
            "  prompt: 'the wether?'",
            "  near: test_it.py:* \"on(contains='weather').reply('Sunny.')\":"
            " contains: wanted 'weather', got 'the wether?'",
            "*mockllm: what arrived*",
            "1 request to http://127.0.0.1:*/s/1-test-weather:",
        ]
    )


def test_a_rule_that_is_not_used_fails_the_test(run: Run) -> None:
    result = run(
        """
def test_weather(mockllm):
    mockllm.reply("Sunny.").times(1)
"""
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["mockllm: test_it.py:* \"reply('Sunny.')\" answered 0 times, expected once"]
    )


def test_a_test_that_fails_by_itself_shows_what_arrived(run: Run) -> None:
    result = run(
        """
def test_weather(mockllm):
    mockllm.reply("Sunny.").times(2)
    assert ask("?") == "Rain."
"""
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*Rain.*", "*what arrived*", "*answered by *'Sunny.'"])
    result.stdout.no_fnmatch_line("*expected twice*")


def test_a_test_that_is_skipped_is_skipped(run: Run) -> None:
    result = run(
        """
def test_weather(mockllm):
    mockllm.reply("Sunny.").times(1)
    pytest.skip("not today")
"""
    )

    result.assert_outcomes(skipped=1)


def test_an_expected_failure_is_one(run: Run) -> None:
    result = run(
        """
@pytest.mark.xfail(strict=True)
def test_weather(mockllm):
    mockllm.reply("Sunny.").times(1)
"""
    )

    result.assert_outcomes(xfailed=1)


def test_the_marker_names_files_beside_the_test(run: Run, pytester: pytest.Pytester) -> None:
    (pytester.path / "said.yml").write_text("responses: {hello: Hi.}")
    result = run(
        """
@pytest.mark.mockllm(responses="said.yml", strict=False)
def test_marked():
    assert ask("hello") == "Hi."
    assert ask("else") == "I don't know the answer to that."

@pytest.mark.mockllm(responses=["said.yml"])
def test_strict():
    with pytest.raises(openai.NotFoundError):
        ask("else")

@pytest.mark.mockllm(responses={"hello": "Hello."})
class TestClass:
    def test_of_the_class(self):
        assert ask("hello") == "Hello."

    @pytest.mark.mockllm(responses={"hello": "Yes?"})
    def test_of_its_own(self, mockllm):
        assert ask("hello") == "Yes?"
"""
    )

    result.assert_outcomes(passed=3, failed=1)


def test_a_client_that_a_fixture_makes_finds_the_variables_set(run: Run) -> None:
    result = run(
        """
@pytest.fixture
def client():
    with openai.OpenAI() as client:
        yield client

def test_client(client, mockllm):
    mockllm.reply("Hi.")
    assert str(client.base_url) == mockllm.base_url("openai") + "/"
"""
    )

    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("marker", "message"),
    [
        ("strickt=True", "pytest.mark.mockllm takes responses and strict, no strickt"),
        ("'said.yml'", "pytest.mark.mockllm takes responses and strict, nothing without a name"),
        ("responses='none.yml'", "there is no such file or folder"),
        ("responses={'a': {'txt': 1}}", "unknown key 'txt'"),
    ],
)
def test_a_marker_that_cannot_be_used(run: Run, marker: str, message: str) -> None:
    result = run(f"@pytest.mark.mockllm({marker})\ndef test_it(): pass\n")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*{message}*"])


def test_ini_options(run: Run, pytester: pytest.Pytester) -> None:
    (pytester.path / "said.yml").write_text("responses: {hello: Hi.}")
    write_ini(pytester, "mockllm_responses = said.yml", "mockllm_strict = false")
    result = run(
        """
def test_it(mockllm, mockllm_server):
    assert ask("hello") == "Hi."
    assert ask("else") == "I don't know the answer to that."

@pytest.mark.mockllm(responses={"else": "Else."})
def test_mapping():
    assert [ask("hello"), ask("else")] == ["Hi.", "Else."]
"""
    )

    result.assert_outcomes(passed=2)


def test_only_the_newest_servers_are_kept(run: Run, pytester: pytest.Pytester) -> None:
    for number in range(10):
        (pytester.path / f"{number}.yml").write_text(f"responses: {{hello: '{number}'}}")
    result = run(
        """
urls = []

@pytest.mark.parametrize("n", [
    pytest.param(n, marks=pytest.mark.mockllm(responses=f"{n}.yml")) for n in range(10)
])
def test_it(mockllm, n, _mockllm_servers):
    assert ask("hello") == str(n)
    assert len(_mockllm_servers._running) <= 8
"""
    )

    result.assert_outcomes(passed=10)


def test_the_environment_is_as_it_was(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-real")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "real")
    monkeypatch.setenv("NO_PROXY", "example.com")
    result = run(
        """
import os

def test_set(mockllm):
    assert os.environ["OPENAI_API_KEY"] == "sk-mockllm"
    assert os.environ["ANTHROPIC_BASE_URL"] == os.environ["OLLAMA_HOST"] == mockllm.url
    assert os.environ["AZURE_OPENAI_ENDPOINT"] == mockllm.base_url("azure")
    assert os.environ["GOOGLE_GEMINI_BASE_URL"] == mockllm.base_url("gemini")
    assert "ANTHROPIC_AUTH_TOKEN" not in os.environ
    assert os.environ["NO_PROXY"] == "example.com,127.0.0.1,localhost"

def test_not_set():
    assert os.environ["OPENAI_API_KEY"] == "sk-real"
    assert os.environ["ANTHROPIC_AUTH_TOKEN"] == "real"
    assert "OPENAI_BASE_URL" not in os.environ
"""
    )

    result.assert_outcomes(passed=2)


def test_every_official_sdk(run: Run) -> None:
    result = run(
        """
import anthropic
import ollama
from google import genai

@pytest.mark.parametrize("n", range(2))
def test_sdks(mockllm, n):
    mockllm.reply(f"Hi {n}.")
    messages = [{"role": "user", "content": "?"}]
    said = [ask("?"), openai.chat.completions.create(model="m", messages=messages)
        .choices[0].message.content]
    with openai.AzureOpenAI() as client:
        said.append(client.chat.completions.create(model="m", messages=messages)
            .choices[0].message.content)
    with anthropic.Anthropic() as client:
        said.append(client.messages.create(model="m", max_tokens=9, messages=messages)
            .content[0].text)
    with genai.Client() as client:
        said.append(client.models.generate_content(model="gemini-2.5-flash", contents="?").text)
    said.append(ollama.Client().generate("m", "?").response)
    assert said == [f"Hi {n}."] * 6
    openai._client.close()
"""
    )

    result.assert_outcomes(passed=2)


@pytest.mark.skipif(not HAS_ASYNCIO, reason="pytest-asyncio is not installed")
def test_asyncio(run: Run) -> None:
    result = run(
        """
import asyncio

@pytest.mark.asyncio
async def test_it(mockllm):
    mockllm.reply("Hi.")
    async with openai.AsyncOpenAI() as client:
        async def ask(n):
            messages = [{"role": "user", "content": str(n)}]
            answer = await client.chat.completions.create(model="m", messages=messages)
            return answer.choices[0].message.content
        assert set(await asyncio.gather(*map(ask, range(10)))) == {"Hi."}
    assert len(mockllm.requests) == 10

@pytest.mark.asyncio
async def test_unmatched(mockllm):
    async with openai.AsyncOpenAI(max_retries=0) as client:
        with pytest.raises(openai.NotFoundError):
            await client.responses.create(model="m", input="?")
"""
    )

    result.assert_outcomes(passed=1, failed=1)


def test_unittest(run: Run) -> None:
    result = run(
        """
import unittest

class Test(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def _mock(self, mockllm):
        self.mock = mockllm

    def test_one(self):
        self.mock.reply("Hi.")
        self.assertEqual(ask("?"), "Hi.")

    def test_unmatched(self):
        with self.assertRaises(openai.NotFoundError):
            ask("?")

@pytest.mark.mockllm(responses={"?": "Hi."})
class TestMarked(unittest.TestCase):
    def test_marked(self):
        self.assertEqual(ask("?"), "Hi.")
"""
    )

    result.assert_outcomes(passed=2, failed=1)


@pytest.mark.skipif(find_spec("xdist") is None, reason="pytest-xdist is not installed")
def test_xdist(run: Run) -> None:
    result = run(
        """
@pytest.mark.parametrize("n", range(8))
def test_it(mockllm, n):
    mockllm.reply(str(n))
    assert ask("?") == str(n)

def test_unmatched(mockllm):
    with pytest.raises(openai.NotFoundError):
        ask("the wether?")
""",
        "-n",
        "2",
    )

    result.assert_outcomes(passed=8, failed=1)
    result.stdout.fnmatch_lines(["*mockllm: what arrived*", "1 request to *"])


@pytest.mark.skipif(
    find_spec("respx") is None or find_spec("pytest_httpserver") is None,
    reason="respx or pytest-httpserver is not installed",
)
def test_beside_respx_and_httpserver(run: Run) -> None:
    result = run(
        """
import httpx

def test_it(mockllm, respx_mock, httpserver):
    respx_mock.route(host__in=("127.0.0.1", httpserver.host)).pass_through()
    respx_mock.get("https://example.com/").respond(text="elsewhere")
    httpserver.expect_request("/x").respond_with_data("of httpserver")
    mockllm.reply("Hi.")

    assert ask("?") == "Hi."
    body = {"model": "m", "messages": [{"role": "user", "content": "?"}]}
    answer = httpx.post(mockllm.base_url("openai") + "/chat/completions", json=body)
    assert answer.json()["choices"][0]["message"]["content"] == "Hi."
    assert httpx.get(httpserver.url_for("/x")).text == "of httpserver"
    assert httpx.get("https://example.com/").text == "elsewhere"
"""
    )

    result.assert_outcomes(passed=1)


def test_a_program_that_the_test_starts(run: Run) -> None:
    result = run(
        """
import subprocess
import sys

PROGRAM = '''
import openai
answer = openai.OpenAI().chat.completions.create(
    model="m", messages=[{"role": "user", "content": "?"}])
print(answer.choices[0].message.content)
'''

def test_it(mockllm):
    mockllm.reply("Hi.")
    assert subprocess.check_output([sys.executable, "-c", PROGRAM], text=True) == "Hi.\\n"
    assert mockllm.last.prompt == "?"
"""
    )

    result.assert_outcomes(passed=1)


def test_the_markers_and_options_are_listed(run: Run) -> None:
    run("", "--markers").stdout.fnmatch_lines(
        ["@pytest.mark.mockllm(responses=None, strict=True):*"]
    )
    run("", "--help").stdout.fnmatch_lines(
        ["  mockllm_responses (paths):*", "  mockllm_strict (bool):*"]
    )
    run("", "--fixtures").stdout.fnmatch_lines(
        ["mockllm_server [[]session scope[]]*", "mockllm -- *"]
    )


def test_doctests_and_other_items_are_left_alone(run: Run, pytester: pytest.Pytester) -> None:
    (pytester.path / "page.txt").write_text(">>> 1 + 1\n2\n")

    run("def test_one(): pass", "--doctest-glob=*.txt").assert_outcomes(passed=2)


def test_importing_the_plugin_imports_nothing_else() -> None:
    program = (
        "import sys, mockllm.pytest_plugin\n"
        "heavy = {'flask', 'werkzeug', 'yaml', 'jinja2', 'msgspec', 'click', 'mockllm.testing',"
        " 'mockllm.errors'}\n"
        "print(sorted(heavy & sys.modules.keys()))"
    )

    found = subprocess.check_output([sys.executable, "-c", program], text=True, cwd=ROOT)

    assert found == "[]\n"


def test_a_run_that_does_not_use_it_imports_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        "import sys\n"
        "def test_it(): assert not {'flask', 'msgspec', 'mockllm.testing'} & sys.modules.keys()\n"
    )
    plugin = () if IS_INSTALLED else ("-p", "mockllm.pytest_plugin")

    pytester.runpytest_subprocess(*plugin).assert_outcomes(passed=1)
