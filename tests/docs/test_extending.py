"""The provider that `docs/extending.md` adds works, and passes what every operation must."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

import mockllm.providers
from mockllm.providers.registry import OPERATIONS, PROVIDERS
from tests.conftest import YAML, MakeApp
from tests.contract import test_operations as contract
from tests.contract import test_replies as replies
from tests.contract.cases import SpokenCase

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(?P<kind>py|diff)\n# (?P<path>\S+)\n(?P<text>.*?)^```", re.M | re.DOTALL)
SHOWN = {found["path"]: found["text"] for found in BLOCK.finditer(PAGE)}
DIFFS = {found["path"]: found["text"] for found in BLOCK.finditer(PAGE) if found["kind"] == "diff"}
FOLDER = "mockllm/providers/acme/"


def added(path: str) -> list[str]:
    """Return the lines that the page adds to a file."""
    return [line[1:].strip() for line in DIFFS[path].splitlines() if line.startswith("+")]


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make the modules of the page importable, and registered as it says."""
    home = tmp_path / "shown" / "acme"
    home.mkdir(parents=True)
    for path, text in SHOWN.items():
        if path.startswith(FOLDER):
            (home / path.removeprefix(FOLDER)).write_text(text, encoding="utf-8")
    paths = [*mockllm.providers.__path__, str(home.parent)]
    monkeypatch.setattr(mockllm.providers, "__path__", paths)
    importlib.invalidate_caches()
    imports, entries = _split(added("mockllm/providers/registry.py"))
    names: dict[str, Any] = {}
    exec("\n".join(imports), names)
    operation, provider = (eval(f"{{{entry}}}", names) for entry in entries)
    for registry, entry in ((OPERATIONS, operation), (PROVIDERS, provider)):
        for name, module in entry.items():
            monkeypatch.setitem(registry, name, module)
    yield
    for name in [name for name in sys.modules if name.startswith("mockllm.providers.acme")]:
        del sys.modules[name]
    vars(mockllm.providers).pop("acme", None)


def _split(lines: list[str]) -> tuple[list[str], list[str]]:
    imports = [line for line in lines if line.startswith("from ")]
    return imports, [line for line in lines if line not in imports]


@pytest.fixture
def make_acme(acme: None, make_app: MakeApp) -> MakeApp:  # sets up
    def make(text: str) -> Flask:
        app = make_app(text)
        exec("\n".join(added("mockllm/app.py")), {"app": app})
        return app

    return make


@pytest.fixture
def app(make_acme: MakeApp) -> Flask:
    return make_acme(YAML)


@pytest.fixture
def case() -> SpokenCase:
    names: dict[str, Any] = {}
    exec(SHOWN["tests/contract/acme_cases.py"], names)
    found: SpokenCase = names["SPOKEN"]["acme.chat"]
    return found


@pytest.mark.parametrize("path", DIFFS)
def test_lines_around_what_is_added_are_in_the_file(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")

    around = [line[1:] for line in DIFFS[path].splitlines() if line.startswith(" ")]

    assert around
    assert all(f"{line}\n" in text for line in around)


@pytest.mark.parametrize("prompt", ["what is 2+2?", "say it all", "say nothing", "anything"])
def test_fold_of_the_stream_equals_the_whole(
    prompt: str, case: SpokenCase, make_acme: MakeApp
) -> None:
    contract.test_fold_of_the_stream_equals_the_whole(case, prompt, make_acme)


@pytest.mark.parametrize("prompt", replies.KINDS)
@pytest.mark.parametrize("limits", replies.LIMITS, ids=str)
def test_fold_equals_the_whole_for_every_kind_of_reply(
    prompt: str, limits: dict[str, Any], case: SpokenCase, make_acme: MakeApp
) -> None:
    replies.test_fold_of_the_stream_equals_the_whole(case, prompt, limits, make_acme(replies.YAML))


def test_text_comes_a_code_point_at_a_time(case: SpokenCase, app: Flask) -> None:
    contract.test_streams_go_a_code_point_at_a_time(case, app)


def test_limits_and_stop_sequences_cut(case: SpokenCase, app: Flask) -> None:
    contract.test_token_limit_cuts_and_is_counted(case, app)
    contract.test_stop_sequence_ends_the_text(case, app)


@pytest.mark.parametrize("body", contract.BAD_BODIES.values(), ids=list(contract.BAD_BODIES))
def test_bad_body_is_refused_in_the_dialect(body: bytes, case: SpokenCase, app: Flask) -> None:
    contract.assert_refused(case, body, b"", app)


def test_error_of_a_rule_has_its_own_words(case: SpokenCase, make_acme: MakeApp) -> None:
    replies.test_error_of_a_rule_has_its_own_status_message_and_headers(case, make_acme)


def test_wrong_method_and_own_mistakes_are_told_in_the_dialect(
    case: SpokenCase,
    app: Flask,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    contract.test_wrong_method_gets_405_in_the_dialect_of_the_path(case, app)
    contract.test_own_mistake_gets_500_in_the_dialect_and_a_traceback_in_the_log(
        case, app, caplog, monkeypatch
    )


def test_unknown_path_is_refused_in_the_dialect_of_its_clients(
    case: SpokenCase, app: Flask
) -> None:
    response = app.test_client().post("/acme/nothing", headers={"x-acme-client": "1"})

    assert response.status_code == 404
    assert case.error(response.get_json())
