"""The console."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator

import pytest
from msgspec import structs

from mockllm import log
from mockllm.core.compose import canned
from mockllm.core.conditions import Mismatch
from mockllm.core.draws import Draws
from mockllm.core.exchange import Exchange
from mockllm.core.model import Usage
from mockllm.core.near import NearMiss
from mockllm.core.problems import Location
from mockllm.core.raw import Raw
from mockllm.core.rules import Canned, Recipe, Rule
from mockllm.errors import MalformedBody
from tests.core.builders import request, user

RECIPES = (Recipe(Canned(canned("4"))),)
RULE = Rule("what is 2+2?", Location("responses/sky.yml", 8, 3), RECIPES)
UNKNOWN = Rule("unknown_response", None, RECIPES)
NEAR = NearMiss(RULE, Mismatch("prompt", "'4'", "white space at the end"))
OPENED = Exchange(
    "id", 0.0, 0.0, 1, Raw("POST", "/v1/messages", "", {}, b""), Draws(b"k"), status=200
)
ANSWERED = structs.replace(
    OPENED,
    request=request(user("what is 2+2?")),
    rule=RULE,
    replies=(structs.replace(canned("4"), usage=Usage(6, 1)),),
    took_s=0.1304,
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., logging.Logger]]:
    """Return a function that takes pytest's handlers away and then installs ours."""
    logger, werkzeug = logging.getLogger("mockllm"), logging.getLogger("werkzeug")
    monkeypatch.delenv("NO_COLOR", raising=False)
    level = logger.level

    def installed(stream: io.StringIO, *own: logging.Handler) -> logging.Logger:
        monkeypatch.setattr(logger, "propagate", False)
        monkeypatch.setattr(logger, "handlers", list(own))
        monkeypatch.setattr(werkzeug, "filters", [])
        log.install(stream)
        return logger

    yield installed

    logger.setLevel(level)


def test_line_says_which_answer_with_its_place() -> None:
    assert log.request_line(ANSWERED) == (
        'POST /v1/messages 200 gpt-4o <- responses/sky.yml:8 "what is 2+2?" 6+1 tokens 130 ms'
    )


def test_line_of_an_unknown_prompt_names_the_nearest_and_the_difference() -> None:
    exchange = structs.replace(ANSWERED, rule=UNKNOWN, near=(NEAR,))

    line = log.request_line(exchange)

    assert '<- built-in "unknown_response"' in line
    assert (
        '(nearest: responses/sky.yml:8 "what is 2+2?":'
        " prompt: wanted '4', got white space at the end)" in line
    )


def test_line_of_a_refused_request_says_why() -> None:
    exchange = structs.replace(OPENED, status=400, error=MalformedBody("the body is empty"))

    line = log.request_line(exchange)

    assert line == "POST /v1/messages 400 (the body is empty) 0 ms"


def test_line_says_that_the_client_left() -> None:
    exchange = structs.replace(ANSWERED, outcome="client_left")

    assert log.request_line(exchange).endswith("130 ms client left")


@pytest.mark.parametrize(
    ("exchange", "colour"),
    [
        (ANSWERED, "\x1b[0m POST"),
        (structs.replace(ANSWERED, near=(NEAR,)), "\x1b[33mPOST"),
        (structs.replace(ANSWERED, warnings=("look",)), "\x1b[33mPOST"),
        (structs.replace(OPENED, error=MalformedBody("empty")), "\x1b[31mPOST"),
    ],
    ids=["answered", "not matched", "warned", "refused"],
)
def test_what_needs_attention_is_coloured(
    exchange: Exchange,
    colour: str,
    install: Callable[..., logging.Logger],
) -> None:
    stream = Terminal()
    install(stream)

    log.log_request(exchange)

    assert colour in stream.getvalue()


def test_line_of_a_near_miss_without_a_place_names_the_rule() -> None:
    near = NearMiss(UNKNOWN, NEAR.mismatch)

    assert '(nearest: "unknown_response": prompt' in log.request_line(
        structs.replace(ANSWERED, near=(near,))
    )


def test_line_has_the_first_five_warnings() -> None:
    exchange = structs.replace(ANSWERED, warnings=tuple("abcdefg"))

    assert log.request_line(exchange).endswith(" warning: e and 2 more warnings")


def test_line_ends_in_the_warnings() -> None:
    exchange = structs.replace(ANSWERED, warnings=("one", "two"))

    assert log.request_line(exchange).endswith("130 ms warning: one warning: two")


def test_long_names_are_cut() -> None:
    exchange = structs.replace(ANSWERED, rule=Rule("x" * 50, None, RECIPES))

    assert f'"{"x" * 40}…"' in log.request_line(exchange)


def test_control_characters_cannot_reach_the_terminal() -> None:
    raw = structs.replace(OPENED.raw, path="/v1/\x1b[31m\nfake line")

    line = log.request_line(structs.replace(OPENED, raw=raw))

    assert "/v1/\\x1b[31m\\x0afake line" in line


def test_install_writes_to_the_stream(install: Callable[..., logging.Logger]) -> None:
    stream = io.StringIO()
    install(stream).warning("look")

    assert stream.getvalue().endswith(" look\n")
    assert "\x1b" not in stream.getvalue()


def test_terminal_gets_colour(install: Callable[..., logging.Logger]) -> None:
    stream = Terminal()
    logger = install(stream)
    logger.error("look")
    logger.info("fine")

    assert "\x1b[31mlook\x1b[0m" in stream.getvalue()
    assert "\x1b[0m fine\n" in stream.getvalue()


def test_no_color_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    assert not log.uses_colour(Terminal())


def test_a_program_that_has_set_up_logging_is_left_alone(
    install: Callable[..., logging.Logger],
) -> None:
    own = logging.NullHandler()

    assert install(io.StringIO(), own).handlers == [own]


def test_werkzeugs_request_lines_are_dropped_and_nothing_else(
    install: Callable[..., logging.Logger],
) -> None:
    install(io.StringIO())
    werkzeug = logging.getLogger("werkzeug")
    kept, dropped = (
        werkzeug.makeRecord("werkzeug", logging.INFO, "", 0, text, (), None)
        for text in (" * Running on", '127.0.0.1 - - [22/Nov/2026 17:14:53] "GET / HTTP/1.1" 200 -')
    )

    assert werkzeug.filter(kept)
    assert not werkzeug.filter(dropped)
