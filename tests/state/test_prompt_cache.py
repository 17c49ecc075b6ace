"""The prompt cache: what was sent before is read, what is new is written, for a time."""

from __future__ import annotations

import pytest

from mockllm.core.caching import NOTHING_CACHED, CacheUse
from mockllm.core.model import CacheMark
from mockllm.state.prompt_cache import PromptCache
from tests.state.conftest import MakeCells

SHORT, LONG = CacheMark(b"short", 10, 300), CacheMark(b"long", 30, 300)


@pytest.fixture
def cache(make_cells: MakeCells) -> PromptCache:
    return PromptCache(make_cells(), "s")


def test_request_without_marks_has_nothing_cached(cache: PromptCache) -> None:
    assert cache.look_up((), 0.0) is NOTHING_CACHED


def test_new_prefix_is_written(cache: PromptCache) -> None:
    assert cache.look_up((SHORT, LONG), 0.0) == CacheUse(0, 30)


def test_looking_up_changes_nothing(cache: PromptCache) -> None:
    cache.look_up((SHORT,), 0.0)

    assert cache.look_up((SHORT,), 1.0) == CacheUse(0, 10)


def test_prefix_seen_before_is_read_and_the_rest_is_written(cache: PromptCache) -> None:
    cache.keep((SHORT,), 0.0)

    assert cache.look_up((SHORT, LONG), 1.0) == CacheUse(10, 20)


def test_longest_prefix_seen_before_is_read(cache: PromptCache) -> None:
    cache.keep((SHORT, LONG), 0.0)

    assert cache.look_up((SHORT, LONG), 1.0) == CacheUse(30, 0)


def test_unmarked_place_is_looked_for_and_not_written(cache: PromptCache) -> None:
    place = CacheMark(b"place", 20)
    cache.keep((SHORT, place), 0.0)

    assert cache.look_up((place,), 1.0) == CacheUse(0, 0)


def test_prefix_is_forgotten_when_its_time_is_over(cache: PromptCache) -> None:
    cache.keep((SHORT,), 0.0)

    assert cache.look_up((SHORT,), 300.0) == CacheUse(0, 10)


@pytest.mark.parametrize("ttl_s", [300, 0])
def test_reading_keeps_a_prefix_anew(cache: PromptCache, ttl_s: int) -> None:
    cache.keep((SHORT,), 0.0)
    cache.keep((CacheMark(SHORT.digest, 10, ttl_s), LONG), 200.0)

    assert cache.look_up((SHORT,), 499.0) == CacheUse(10, 0)


def test_prefix_kept_for_an_hour_stays_so(cache: PromptCache) -> None:
    cache.keep((CacheMark(b"short", 10, 3600),), 0.0)
    cache.keep((SHORT,), 100.0)

    assert cache.look_up((SHORT,), 3699.0) == CacheUse(10, 0)


def test_forgotten_prefix_is_kept_as_long_as_the_new_mark_says(cache: PromptCache) -> None:
    cache.keep((CacheMark(b"short", 10, 3600),), 0.0)
    cache.keep((SHORT,), 4000.0)

    assert cache.look_up((SHORT,), 4300.0) == CacheUse(0, 10)


def test_sessions_have_caches_of_their_own(make_cells: MakeCells) -> None:
    cells = make_cells()
    PromptCache(cells, "one").keep((SHORT,), 0.0)

    assert PromptCache(cells, "two").look_up((SHORT,), 1.0) == CacheUse(0, 10)
