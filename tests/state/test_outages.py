"""Faults that heal by themselves."""

from __future__ import annotations

import pytest

from mockllm.core.faults import Fault
from mockllm.core.rules import Chaos
from mockllm.state import outages as module
from mockllm.state.outages import EVERYONE, Outage, Outages

NOW_S = 1_700_000_000.0


def outage(session: str = EVERYONE, kind: str = "reset", ttl_s: float = 60.0) -> Outage:
    return Outage(session, (Chaos(Fault(kind)),), NOW_S, NOW_S + ttl_s)


def holding(*found: Outage) -> Outages:
    outages = Outages()
    for each in found:
        outages.put(each, NOW_S)
    return outages


def test_outage_is_found_by_its_session() -> None:
    outages = holding(outage("a"), outage(EVERYONE, "hang"))

    assert outages.get("a", NOW_S) == outage("a")
    assert outages.get(EVERYONE, NOW_S) == outage(EVERYONE, "hang")
    assert outages.get("b", NOW_S) is None


def test_later_outage_stands_in_place_of_the_session_s_own() -> None:
    outages = holding(outage("a"), outage("b"), outage("a", "hang"))

    assert outages.all(NOW_S) == [outage("a", "hang"), outage("b")]


@pytest.mark.parametrize(("after_s", "holds"), [(0, True), (59.9, True), (60, False), (99, False)])
def test_outage_heals_when_its_time_is_over(after_s: float, holds: bool) -> None:
    outages = holding(outage("a"), outage("b", ttl_s=900.0))

    assert (outages.get("a", NOW_S + after_s) is not None) is holds
    assert len(outages.all(NOW_S + after_s)) == 1 + holds


def test_outage_is_ended_once() -> None:
    outages = holding(outage("a"), outage("b"))

    assert outages.remove("a", NOW_S)
    assert not outages.remove("a", NOW_S)
    assert outages.all(NOW_S) == [outage("b")]


def test_outage_that_has_healed_cannot_be_ended() -> None:
    assert not holding(outage("a")).remove("a", NOW_S + 60)


def test_there_are_some_until_the_last_is_ended() -> None:
    outages = holding(outage("a"))
    assert outages

    outages.remove("a", NOW_S)

    assert not outages


def test_only_so_many_sessions_have_outages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_OUTAGES", 2)
    outages = holding(outage("a"), outage("b"))

    with pytest.raises(OverflowError):
        outages.put(outage("c"), NOW_S)
    outages.put(outage("b", "hang"), NOW_S)

    assert outages.all(NOW_S) == [outage("a"), outage("b", "hang")]


def test_one_that_has_healed_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_OUTAGES", 1)
    outages = holding(outage("a"))

    outages.put(outage("b", ttl_s=900.0), NOW_S + 60)

    assert [each.session for each in outages.all(NOW_S + 60)] == ["b"]
