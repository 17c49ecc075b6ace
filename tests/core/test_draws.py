"""Ids and randomness from a key."""

from __future__ import annotations

from mockllm.core import draws
from mockllm.core.draws import Draws


def test_same_key_and_name_give_the_same_id() -> None:
    assert Draws(b"k").id("completion", 29) == Draws(b"k").id("completion", 29)


def test_other_names_and_keys_give_other_ids() -> None:
    ids = {Draws(key).id(name, 22) for key in (b"k", b"l") for name in ("a", "b")}

    assert len(ids) == 4


def test_id_has_the_length_and_only_letters_and_digits() -> None:
    drawn = Draws(b"k").id("x", 22)

    assert len(drawn) == 22
    assert drawn.isalnum()
    assert drawn.isascii()


def test_hex_id_has_the_length() -> None:
    drawn = Draws(b"k").hex_id("x", 32)

    assert len(drawn) == 32
    assert int(drawn, 16) >= 0


def test_random_starts_the_same_sequence_at_each_call() -> None:
    drawn = Draws(b"k")

    assert drawn.random("pacing").random() == drawn.random("pacing").random()
    assert drawn.random("pacing").random() != drawn.random("weights").random()


def test_seeded_keys_differ_by_each_of_their_parts() -> None:
    digest = draws.request_digest("/v1/messages", b"{}")
    keys = {
        draws.seeded_key(seed, session, each, n)
        for seed in (1, 2)
        for session in ("a", "b")
        for each in (digest, draws.request_digest("/v1/messages", b"[]"))
        for n in (1, 2)
    }

    assert len(keys) == 16


def test_digest_tells_paths_apart() -> None:
    assert draws.request_digest("/a", b"{}") != draws.request_digest("/b", b"{}")


def test_unique_keys_differ_by_process_and_number() -> None:
    keys = {draws.unique_key(process, n) for process in (b"p", b"q") for n in (0, 1)}

    assert len(keys) == 4


def test_first_of_several_answers_has_the_draws_of_the_exchange() -> None:
    draws = Draws(b"k")

    assert draws.of(0) is draws
    assert len({draws.of(number).id("a", 24) for number in range(5)}) == 5
    assert draws.of(3) == draws.of(3)
