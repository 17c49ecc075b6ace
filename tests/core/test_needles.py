"""Which needles a text contains."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockllm.core.needles import Needles

# Few characters, so that needles overlap; some change their number when they are casefolded.
LETTERS = "abABßẞsſİiıK\u212a \0\ud800👩"
NUMBERS = st.lists(st.integers(0, 9), min_size=1, max_size=3).map(tuple)
WANTED = st.dictionaries(st.text(LETTERS, min_size=1, max_size=4), NUMBERS, max_size=20)


@pytest.mark.parametrize(
    ("needles", "text", "found"),
    [
        ({"trip": (1,), "tea": (2,)}, "book a trip", {1}),
        ({"he": (1,), "she": (2,), "hers": (3,)}, "ushers", {1, 2, 3}),
        ({"trip": (1, 4)}, "trip after trip", {1, 4}),
        ({"trip": (1,)}, "Trip", set()),
        ({"trip": (1,)}, "tri", set()),
        ({"trip": (1,)}, "", set()),
        ({"🚀": (1,)}, "👩\u200d🚀", {1}),
        ({}, "anything", set()),
    ],
)
def test_needles_in_the_text_are_found(
    needles: Mapping[str, tuple[int, ...]], text: str, found: set[int]
) -> None:
    assert Needles(needles, ignore_case=False).find(text) == found


@pytest.mark.parametrize(
    ("needles", "text", "found"),
    [
        ({"Trip": (1,)}, "a TRIP", {1}),
        ({"Straße": (1,)}, "STRASSE", {1}),
        ({"ſee": (1,)}, "See", {1}),
        ({"trip": (1,), "TRIP": (2, 3), "tea": (4,)}, "Trip", {1, 2, 3}),
        ({}, "anything", set()),
    ],
)
def test_both_sides_are_casefolded_when_case_is_ignored(
    needles: Mapping[str, tuple[int, ...]], text: str, found: set[int]
) -> None:
    assert Needles(needles, ignore_case=True).find(text) == found


def test_later_changes_of_the_mapping_do_not_matter() -> None:
    wanted = {"trip": (1,)}
    needles = Needles(wanted, ignore_case=False)

    wanted["tea"] = (2,)

    assert needles.find("tea trip") == {1}


def test_found_numbers_are_the_callers_own() -> None:
    needles = Needles({"trip": (1,)}, ignore_case=False)

    needles.find("trip").add(2)

    assert needles.find("trip") == {1}


@pytest.mark.parametrize("wanted", [{"trip": (1,), "tea": (2,)}, {}])
def test_pickled_needles_find_the_same(wanted: Mapping[str, tuple[int, ...]]) -> None:
    needles = Needles(wanted, ignore_case=True)

    copied = pickle.loads(pickle.dumps(needles))

    assert copied.find("Tea") == needles.find("Tea")


def test_threads_share_needles() -> None:
    needles = Needles({str(number): (number,) for number in range(10, 100)}, ignore_case=False)
    texts = [f"{number} and {number + 1}" for number in range(10, 99)] * 10

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(needles.find, texts))

    assert found == [{number, number + 1} for number in range(10, 99)] * 10


@settings(derandomize=True, deadline=None)
@given(WANTED, st.text(LETTERS, max_size=30), st.booleans())
def test_one_pass_finds_what_looking_for_each_needle_finds(
    wanted: dict[str, tuple[int, ...]], text: str, ignore_case: bool
) -> None:
    fold = str.casefold if ignore_case else str

    found = Needles(wanted, ignore_case).find(text)

    assert found == {
        number
        for needle, numbers in wanted.items()
        if fold(needle) in fold(text)
        for number in numbers
    }
