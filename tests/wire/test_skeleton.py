"""A skeleton's frames are those that encoding each by itself gives."""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockllm.wire import sse
from mockllm.wire.skeleton import HOLE, Skeleton, WholeSkeletons

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


def value(text: str, name: str = "gpt-4o") -> dict[str, Any]:
    return {"id": "1", "model": name, "choices": [{"index": 0, "delta": {"content": text}}]}


@given(st.lists(TEXTS))
def test_frames_are_as_if_each_were_encoded(texts: list[str]) -> None:
    skeleton = Skeleton(value(HOLE), sse.data)

    frames = [sse.data(value(text)) for text in texts]

    assert [skeleton.fill(text) for text in texts] == frames
    assert skeleton.fill_each(tuple(texts)) == b"".join(frames)
    assert [skeleton.value(text) for text in texts] == [value(text) for text in texts]


@pytest.mark.parametrize("length", [1, 499, 500, 501, 2_000])
def test_long_runs_are_no_different(length: int) -> None:
    texts = tuple(map(str, range(length)))

    found = Skeleton(value(HOLE), sse.data).fill_each(texts)

    assert found == b"".join(sse.data(value(text)) for text in texts)


def test_frames_may_have_names() -> None:
    skeleton = Skeleton(value(HOLE), partial(sse.event, "delta"))

    assert skeleton.fill("a") == sse.event("delta", value("a"))


@pytest.mark.parametrize("name", [HOLE, f"a{HOLE}b", f'"{HOLE}"'])
def test_what_a_client_sends_is_no_hole(name: str) -> None:
    for members in (value(HOLE, name), dict(reversed(value(HOLE, name).items()))):
        skeleton = Skeleton(members, sse.data)

        found = skeleton.fill_each(("a", "b"))

        assert found == skeleton.fill("a") + skeleton.fill("b")
        assert found.count(b'"content":"a"') == found.count(b'"content":"b"') == 1


def test_whole_answers_are_encoded_once() -> None:
    made: list[str] = []

    def whole(text: str) -> dict[str, Any]:
        made.append(text)
        return {"id": HOLE, "text": text, "created": HOLE}

    skeletons = WholeSkeletons()
    for text in ("a", "b", "a", "long" * 1_000, "long" * 1_000):
        pieces = skeletons.around(text, partial(whole, text))
        assert b'"1"'.join(pieces) == msgspec.json.encode({"id": "1", "text": text, "created": "1"})

    assert [text[:4] for text in made] == ["a", "b", "long", "long"]


def test_skeletons_are_let_go_when_there_are_many() -> None:
    skeletons = WholeSkeletons()

    for number in range(5_000):
        skeletons.around(number, partial(value, HOLE))

    assert len(skeletons) <= 2_000
