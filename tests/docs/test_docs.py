"""What the manual shows is run: YAML is validated, curl lines are sent, Python is executed."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from mockllm.app import create_app
from mockllm.config.load import load
from tests.conftest import runtime_of

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
FILE = re.compile(r"^# (\w+\.yml)$", re.MULTILINE)
BLOCK = re.compile(r"^```(\S+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?://)([^)#]+)?(?:#([^)]*))?\)")


def blocks(kind: str) -> list[object]:
    return [
        pytest.param(text, id=f"{page.name}-{number}")
        for page in PAGES
        if page.name != "recipes.md"
        for number, (found, text) in enumerate(BLOCK.findall(page.read_text()))
        if found == kind and not text.startswith("# .pre-commit-config")
    ]


def written(text: str, folder: Path) -> Path:
    """Write what a page shows, a folder of files where `# one.yml` stands above each."""
    (folder / "long-answer.md").write_text("Long.")
    names = FILE.findall(text)
    if not names:
        (folder / "shown.yml").write_text(text)
        return folder / "shown.yml"
    for name, content in zip(names, FILE.split(text)[2::2], strict=True):
        (folder / name).write_text(content)
    return folder


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Serve `responses/` as `make run` does, but for the lag's wait."""
    app = create_app(ROOT / "responses")
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    runtime_of(app).stop()


@pytest.mark.parametrize("text", blocks("yaml"))
def test_yaml_of_the_manual_is_valid(text: str, tmp_path: Path) -> None:
    assert load(written(text, tmp_path)).problems == ()


@pytest.mark.parametrize("text", blocks("yaml-bad"))
def test_bad_yaml_of_the_manual_has_its_problem(
    text: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    page = (ROOT / "docs" / "problems.md").read_text()
    code = re.findall(
        r"^## (MOCK\d+)", page[: page.index(f"```yaml-bad\n{text}```")], re.MULTILINE
    )[-1]

    assert {problem.code for problem in load(written(text, tmp_path)).problems} == {code}


@pytest.mark.parametrize(
    "text",
    [block for block in blocks("bash") if "curl" in str(block.values[0])],  # type: ignore[attr-defined]
)
def test_curl_lines_are_answered(text: str, url: str) -> None:
    command = shlex.split(text.replace("\\\n", " ").replace("http://localhost:8000", url))
    assert command[0] == "curl"

    answer = subprocess.run(
        [*command, "--silent", "--fail"], capture_output=True, check=True, timeout=30
    ).stdout.decode()

    assert said_in(answer) == "The sky is purple except on Tuesday when it is hue green."


def said_in(answer: str) -> str:
    """Return the text of an answer: a stream of Anthropic's, or a whole one of OpenAI's."""
    if answer.startswith("event: "):
        return "".join(re.findall(r'"text":"([^"]*)"', answer))
    body = json.loads(answer)
    message = body["choices"][0]["message"] if "choices" in body else body["output"][0]
    content = message["content"]
    return str(content if isinstance(content, str) else content[0]["text"])


@pytest.mark.parametrize("text", blocks("python"))
def test_python_of_the_manual_runs(text: str, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(text.replace("http://localhost:8000", url), {})

    assert capsys.readouterr().out == "2+2 equals 9.\n"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target, anchor in LINK.findall(page.read_text()):
        file = (page.parent / target).resolve() if target else page
        assert file.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", file.read_text(), re.MULTILINE)
            assert anchor in {heading.lower().replace(" ", "-") for heading in headings}


def test_every_code_has_a_page() -> None:
    used = {
        code
        for file in (ROOT / "mockllm" / "config").glob("*.py")
        for code in re.findall(r"MOCK\d{3}", file.read_text())
    }

    pages = re.findall(r"^## (MOCK\d+)", (ROOT / "docs/problems.md").read_text(), re.MULTILINE)

    assert sorted(used) == pages


def test_starter_is_valid() -> None:
    assert load(ROOT / "mockllm" / "config" / "starter.yml").problems == ()
