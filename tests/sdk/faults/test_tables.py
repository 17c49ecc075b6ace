"""What the manual says that the official SDKs do on each fault is what they do.

`MOCKLLM_UPDATE_DOCS=1 pytest tests/sdk/faults` writes it anew.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sdk.faults.callers import (
    CALLERS,
    NOT_RAISED,
    Caller,
    Heard,
    Question,
    Saw,
    ask,
    without_back_off,
)
from tests.sdk.faults.tables import TABLES, TEXT, cell, table, without_versions
from tests.sockets.server import GUNICORN, Server, running

PAGE = Path(__file__).parents[3] / "docs" / "faults.md"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    source = tmp_path_factory.mktemp("faults") / "responses.yml"
    source.write_text(f'responses: {{hello: "{TEXT}"}}\n', encoding="utf-8")
    with running(GUNICORN, source) as server, without_back_off():
        yield server


@pytest.fixture(scope="module")
def url(server: Server) -> str:
    return f"http://127.0.0.1:{server.client.port}"


@pytest.mark.sockets
@pytest.mark.parametrize("name", TABLES)
def test_table_is_what_the_sdks_do(name: str, server: Server, url: str) -> None:
    begin, end = f"<!-- faults: {name} -->\n", "<!-- end -->"
    part = re.compile(f"{re.escape(begin)}.*?{end}", re.DOTALL)
    page = PAGE.read_text(encoding="utf-8")
    made = f"{begin}{table(url, TABLES[name])}{end}"
    if os.environ.get("MOCKLLM_UPDATE_DOCS"):
        PAGE.write_text(part.sub(lambda _: made, page), encoding="utf-8")
        return

    assert list(map(without_versions, part.findall(page))) == [without_versions(made)]
    assert "did not happen" not in server.log
    assert "Traceback" not in server.log


@pytest.mark.sockets
@pytest.mark.parametrize("streams", [True, False])
@pytest.mark.parametrize("caller", CALLERS.values(), ids=CALLERS)
def test_without_a_fault_an_answer_is_complete(caller: Caller, streams: bool, url: str) -> None:
    saw = ask(caller, Question(url, "", streams))

    assert cell(saw) == "complete"


@pytest.mark.parametrize(
    ("saw", "shown"),
    [
        (Saw(Heard(TEXT, "stop"), None, 1), "complete"),
        (Saw(Heard(TEXT, None), None, 1), "complete, without a reason"),
        (Saw(Heard(TEXT[:9], None), None, 1), "**ends as if complete**"),
        (Saw(Heard(TEXT[::-1], "stop"), None, 2), "**another text**, 2 attempts"),
        (Saw(Heard(TEXT[:9], NOT_RAISED), None, 1), "**an `error` event, and nothing raised**"),
        (Saw(None, "httpx2.ReadError", 3), "raises `httpx2.ReadError`, 3 attempts"),
    ],
)
def test_cell_says_what_a_program_sees(saw: Saw, shown: str) -> None:
    assert cell(saw) == shown
