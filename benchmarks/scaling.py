"""How the cost of a request grows with rules, and with the length of a prompt. Run it with
`make bench-scaling`.

In one process, from the WSGI environment to the last byte, without a server. `--write` puts the
figures into docs/scaling.md.
"""

from __future__ import annotations

import io
import json
import logging
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from flask import Flask

from benchmarks.server_process import ROOT, machine
from benchmarks.streams import write
from mockllm.app import create_app
from mockllm.runtime import Runtime

PAGE = ROOT / "docs" / "scaling.md"
BEGIN = "<!-- make bench-scaling -->"
REQUESTS, ROUNDS = 400, 7
RULES = (1, 100, 1_000, 10_000, 100_000)
LENGTHS = (100, 1_000, 10_000, 100_000, 1_000_000)
KINDS = ("equals", "contains", "regex")
"""Conditions on the prompt. `equals` is written as `responses`, but for prompts that are too long
to be keys in YAML."""

_MOST_RULES = 10_000
_LONGEST_KEY = 1_000


def main() -> None:
    """Print both tables, or write them into the manual."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    logging.getLogger("mockllm.requests").setLevel(logging.WARNING)
    draw = random.Random(7)
    text = "\n\n".join((machine() + ".", by_rules(draw), by_length(draw)))
    if "--write" in sys.argv:
        write(PAGE, text, BEGIN)
    else:
        print(text)


def by_rules(draw: random.Random) -> str:
    """Return what a request costs by how many rules there are, and which kind they are."""
    rows = []
    for count in RULES:
        cells = [f"{count:,}"]
        for kind in KINDS:
            if kind != "equals" and count > _MOST_RULES:
                cells += ["–"]
                continue
            prompts = [phrase(draw) for _ in range(count)]
            cells.append(cost(rules_of(kind, prompts), draw.choices(prompts, k=REQUESTS)))
        rows.append(cells)
    return table(("rules", "`equals`", "`contains`", "`regex`"), rows)


def by_length(draw: random.Random) -> str:
    """Return what a request costs by how long its prompt is, with 1,000 rules of each kind."""
    rows = []
    for length in LENGTHS:
        cells = [f"{length:,}"]
        for kind in KINDS:
            prompts = [phrase(draw) for _ in range(1_000)]
            asked = [padded(each, length, kind) for each in draw.choices(prompts, k=20)]
            known = [*asked, *prompts] if kind == "equals" else prompts
            cells.append(cost(rules_of(kind, known), asked))
        rows.append(cells)
    return table(("characters", "`equals`", "`contains`", "`regex`"), rows)


def rules_of(kind: str, prompts: Sequence[str]) -> dict[str, Any]:
    """Return responses that know these prompts."""
    answer = "This is the answer to that question."
    if kind == "equals" and max(map(len, prompts)) <= _LONGEST_KEY:
        return {"responses": dict.fromkeys(prompts, answer)}
    end = "[.?!]*" if kind == "regex" else ""
    return {
        "rules": [
            {"when": {kind: f"{each}{end}"}, "reply": answer} for each in dict.fromkeys(prompts)
        ]
    }


def cost(responses: dict[str, Any], prompts: Sequence[str]) -> str:
    """Return the median of what a request costs, in words."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "responses.yml")
        file.write_text(json.dumps(responses))  # which is YAML too
        return _cost(create_app(file), prompts)


def _cost(app: Flask, prompts: Sequence[str]) -> str:
    bodies = [
        json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": each}]}).encode()
        for each in prompts
    ]
    ask = asker(app.wsgi_app)
    for body in bodies:
        ask(body)
    costs = []
    for _ in range(ROUNDS):
        began_s = time.process_time()
        for body in bodies:
            ask(body)
        costs.append((time.process_time() - began_s) / len(bodies))
    runtime: Runtime = app.extensions["mockllm"]
    runtime.stop()
    return f"{statistics.median(costs) * 1e6:,.0f} µs"


def asker(application: Callable[..., Iterable[bytes]]) -> Callable[[bytes], bytes]:
    """Return a function that asks an application and returns the answer."""

    def start(status: str, _: object) -> None:
        assert status == "200 OK", status

    def ask(body: bytes) -> bytes:
        environ = {
            "REQUEST_METHOD": "POST",
            "SCRIPT_NAME": "",
            "PATH_INFO": "/v1/chat/completions",
            "QUERY_STRING": "",
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_HOST": "127.0.0.1:8000",
            "HTTP_AUTHORIZATION": "Bearer sk-test",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
        }
        return b"".join(application(environ, start))

    return ask


def phrase(draw: random.Random) -> str:
    """Return five words that no other prompt has."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    return " ".join("".join(draw.choices(letters, k=draw.randint(4, 9))) for _ in range(5))


def padded(text: str, length: int, kind: str) -> str:
    """Return a prompt of this length; where the whole is not compared, it ends with the text."""
    filling = ("some context that comes before " * (length // 31 + 1))[: max(length - len(text), 0)]
    return text + filling if kind == "equals" else filling + text


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = (head, ["---:"] * len(head), *rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    main()
