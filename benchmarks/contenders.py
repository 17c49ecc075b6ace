"""The servers that are compared: how each is installed, set up for a work, and started.

benchmarks/README.md says in words what stands here, and what each cannot do.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.server_process import ROOT, Program, gunicorn
from benchmarks.stream_client import PATH, TOKEN_MARK
from benchmarks.work import (
    ANSWERS,
    FIRST_S,
    MODEL,
    RATE,
    STREAMED,
    Work,
    body,
    text,
    tokens,
)
from mockllm import __version__

CACHE = ROOT / ".bench"
"""Where the others are installed. git ignores it."""

_SBIN = "/usr/sbin"
_TIMEOUT_S = 10.0
_ALL: frozenset[Work] = frozenset({"plain", "paced", "burst", "held"})


class Unavailable(Exception):
    """A server that is not there; the message says what to do."""


@dataclass(frozen=True)
class Contender:
    """A server, and what of the work it can do.

    `mark` is what every token of its streams has once. `knows_answers`: it can tell a thousand
    prompts apart. `keeps_time`: it can be told when a token is due, so that lateness means
    something. `ready_path` gives 200 once it serves. `notes` are marks at its figures in a row,
    explained in docs/performance.md.
    """

    name: str
    title: str
    install: Callable[[], object]
    program: Callable[[Work, Path], Program]
    ready_path: str
    works: frozenset[Work] = _ALL
    mark: bytes = TOKEN_MARK
    knows_answers: bool = True
    keeps_time: bool = True
    notes: Mapping[str, str] = field(default_factory=dict)
    set_up: Callable[[Work, int], object] = lambda _work, _port: None

    def is_ready(self, work: Work) -> Callable[[int], bool]:
        """Return what asks a port for the first answer: a whole one where it comes at once."""
        if work == "plain":
            return lambda port: bool(ask(port, next(iter(ANSWERS))))
        return lambda port: _got(f"http://127.0.0.1:{port}{self.ready_path}")


def ask(port: int, prompt: str) -> str:
    """Return the text of a whole answer."""
    answer = _posted(f"http://127.0.0.1:{port}{PATH}", body(prompt))
    content: str = answer["choices"][0]["message"]["content"]
    return content


# -- ours -----------------------------------------------------------------------------------------

_DELAYS = f"""\
defaults: {{timing: {{first_token: {FIRST_S * 1000:g}ms, rate: {RATE} tokens/s, chunk: token}}}}
"""
_NO_DELAYS = "defaults: {timing: {chunk: token}}\n"


def ours(work: Work, folder: Path) -> Program:
    """Return our server as it comes."""
    file = folder / "responses.yml"
    if work == "plain":
        file.write_text(answers_yaml(ANSWERS))
    else:
        timing = _NO_DELAYS if work == "burst" else _DELAYS
        file.write_text(timing + answers_yaml({STREAMED: text(work)}))
    return gunicorn(file)


def answers_yaml(answers: Mapping[str, str]) -> str:
    """Return our rules for these answers; the original's are the same."""
    lines = [
        f"  {json.dumps(prompt)}: {json.dumps(answer)}\n" for prompt, answer in answers.items()
    ]
    return "responses:\n" + "".join(lines)


# -- the others -----------------------------------------------------------------------------------


def _aimock(work: Work, folder: Path) -> Program:
    if work == "plain":
        fixtures: list[dict[str, Any]] = [
            {"match": {"userMessage": prompt}, "response": {"content": answer}}
            for prompt, answer in ANSWERS.items()
        ]
    else:
        fixture: dict[str, Any] = {
            "match": {"userMessage": STREAMED},
            "response": {"content": text(work)},
            "chunkSize": len("word "),
        }
        if work != "burst":  # its first event says who speaks; the first token is one later
            ttft_ms = (FIRST_S - 1 / RATE) * 1000
            fixture["streamingProfile"] = {"ttft": ttft_ms, "tps": RATE}
        fixtures = [fixture]
    file = folder / "fixtures.json"
    file.write_text(json.dumps({"fixtures": fixtures}))
    program = CACHE / f"aimock-{_AIMOCK}" / "node_modules" / ".bin" / "llmock"
    return _started(folder, str(program), "-p", "{port}", "-f", str(file))


def _fakellm(work: Work, folder: Path) -> Program:
    answers = ANSWERS if work == "plain" else {STREAMED: text(work)}
    rules = [
        {
            "name": f"rule {number}",
            "when": {"messages_contain": prompt},
            "respond": {"content": answer},
        }
        for number, (prompt, answer) in enumerate(answers.items())
    ]
    file = folder / "fakellm.yaml"
    file.write_text(json.dumps({"version": 1, "rules": rules}))  # JSON is YAML
    program = _bin(f"fakellm-{_FAKELLM}", "fakellm")
    return _started(folder, program, "serve", "--port", "{port}", "--config", str(file))


def _llmock(work: Work, folder: Path) -> Program:
    is_slow = work in ("paced", "held")
    options = ["--stream-chunk-delay-ms", f"{1000 / RATE:g}"] if is_slow else []
    return _started(
        folder, _bin(f"llmock-{_LLMOCK}", "llmock"), "serve", "--port", "{port}", *options
    )


def _tell_llmock(work: Work, port: int) -> None:
    """Give it the answer to stream; what it says else is its own."""
    if work == "plain":
        return
    behaviors: list[dict[str, Any]] = [{"type": "reply", "text": text(work), "times": None}]
    if work != "burst":  # its first event says who speaks; the first token is one later
        seconds = FIRST_S - 1 / RATE
        behaviors.append({"type": "slow_first_token", "seconds": seconds, "times": None})
    scenario = json.dumps({"behaviors": behaviors}).encode()
    _posted(f"http://127.0.0.1:{port}/_llmock/scenario", scenario)


def _original(work: Work, folder: Path) -> Program:
    file = folder / "responses.yml"
    if work == "plain":
        file.write_text(answers_yaml(ANSWERS))
    else:
        # It streams character by character, and looks its answer up once more before it does.
        streamed = "x" * tokens(work)
        lag = f"settings: {{lag_enabled: true, lag_factor: {RATE / 10:g}}}\n"
        answers = answers_yaml({STREAMED: streamed, streamed: streamed})
        file.write_text(answers + ("" if work == "burst" else lag))
    # It compares the time of the file with whole seconds: any other, and it reads the file anew
    # for every request.
    whole_s = int(file.stat().st_mtime)
    os.utime(file, (whole_s, whole_s))
    program = _bin(f"original-{_ORIGINAL}", "mockllm")
    return _started(folder, program, "start", "-r", str(file), "-h", "127.0.0.1", "-p", "{port}")


_NGINX = """\
daemon off;
worker_processes 1;
pid nginx.pid;
error_log stderr;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  keepalive_requests 1000000;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  server {{
    listen 127.0.0.1:PORT;
    location / {{ default_type application/json; return 200 '{answer}'; }}
  }}
}}
"""


def _nginx(_work: Work, folder: Path) -> Program:
    answer = {
        "id": "chatcmpl-0",
        "object": "chat.completion",
        "created": 0,
        "model": MODEL,
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": next(iter(ANSWERS.values()))},
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 8, "completion_tokens": 18, "total_tokens": 26},
    }
    (folder / "template").write_text(_NGINX.format(answer=json.dumps(answer)))
    start = "sed s/PORT/{port}/ template > nginx.conf && exec nginx -p . -c nginx.conf"
    return _started(folder, "sh", "-c", start)


def _started(folder: Path, *command: str) -> Program:
    """Return a program that sees nothing of ours."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "MOCKLLM", "LLMOCK", "FAKELLM", "AIMOCK", "VIRTUAL_ENV"))
    }
    environment["PATH"] = f"{environment.get('PATH', os.defpath)}:{_SBIN}"
    return Program(command, folder, environment)


# -- how they are installed -----------------------------------------------------------------------

_AIMOCK, _FAKELLM, _LLMOCK, _ORIGINAL = "1.43.0", "0.3.5", "0.2.2", "0.0.8"


def _with_pip(name: str, package: str, version: str) -> Callable[[], None]:
    def install() -> None:
        folder = CACHE / f"{name}-{version}"
        if (folder / "installed").exists():
            return
        _run([sys.executable, "-m", "venv", "--clear", str(folder)])
        pip = [str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
        _run([*pip, f"{package}=={version}"])
        (folder / "installed").touch()

    return install


def _with_npm() -> None:
    folder = CACHE / f"aimock-{_AIMOCK}"
    if shutil.which("npm") is None:
        raise Unavailable("npm is missing: apt-get install npm (Node 20.15 or newer)")
    if (folder / "installed").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text('{"private": true}')
    npm = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
    _run([*npm, "--prefix", str(folder), f"@copilotkit/aimock@{_AIMOCK}"])
    (folder / "installed").touch()


def _nginx_is_there() -> None:
    if shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:{_SBIN}") is None:
        raise Unavailable("nginx is missing: apt-get install nginx-light")


def _nothing() -> None:
    """Ours is there."""


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unavailable(f"{' '.join(command)} failed:\n{(done.stderr or done.stdout).strip()}")


def _bin(folder: str, program: str) -> str:
    return str(CACHE / folder / "bin" / program)


def _got(url: str) -> bool:
    with urllib.request.urlopen(url, timeout=_TIMEOUT_S) as response:
        return bool(response.status == 200)


def _posted(url: str, data: bytes) -> dict[str, Any]:
    asked = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked, timeout=_TIMEOUT_S) as response:
        answer: dict[str, Any] = json.load(response)
    return answer


OURS = Contender("mockllm", f"mockllm {__version__}", _nothing, ours, "/_mockllm/health")
CONTENDERS: Mapping[str, Contender] = {
    each.name: each
    for each in (
        OURS,
        Contender("aimock", f"aimock {_AIMOCK}", _with_npm, _aimock, "/health"),
        Contender(
            "fakellm",
            f"fakellm {_FAKELLM}",
            _with_pip("fakellm", "fakellm", _FAKELLM),
            _fakellm,
            "/_fakellm/stats",
            works=frozenset({"plain", "burst"}),
            mark=b'"delta": {"content": "',
            notes={"burst": "²"},
        ),
        Contender(
            "llmock",
            f"llmock {_LLMOCK}",
            _with_pip("llmock", "llmock", _LLMOCK),
            _llmock,
            "/health",
            knows_answers=False,
            notes={"plain": "¹", "ready": "¹"},
            set_up=_tell_llmock,
        ),
        Contender(
            "original",
            f"the original {_ORIGINAL}",
            _with_pip("original", "mockllm", _ORIGINAL),
            _original,
            "/models",
            mark=b'"content":"',
            keeps_time=False,
        ),
        Contender(
            "nginx",
            "nginx, a constant",
            _nginx_is_there,
            _nginx,
            "/",
            works=frozenset({"plain"}),
            knows_answers=False,
        ),
    )
}
