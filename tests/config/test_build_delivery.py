"""Timings, faults and limits as they are built."""

from __future__ import annotations

from collections import Counter
from math import inf

import pytest

from mockllm.config.build import build
from mockllm.config.build_delivery import (
    chaos,
    error_reply,
    fault,
    fault_of_error,
    identity,
    kind_of_status,
    limits,
    profiles,
    timing,
)
from mockllm.core.conditions import TextIs
from mockllm.core.faults import After, Fault
from mockllm.core.model import ErrorReply
from mockllm.core.rules import Chaos, Limit, Quota, Settings
from mockllm.core.timing import BUILT_IN, INSTANT, Load, Rate, Timing, constant
from tests.config.documents import document, node_of


def timing_of(text: str) -> Timing:
    return timing(node_of(text), BUILT_IN, "here")


def test_timing_may_be_a_profile_s_name() -> None:
    assert timing_of("fast") is BUILT_IN["fast"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{}", INSTANT),
        ("{first_token: 400ms}", Timing(constant(0.4))),
        ("{rate: 60 tokens/s, jitter: 20%}", Timing(rate=Rate(60.0, "token"), jitter=0.2)),
        ("{chunk: word}", Timing(chunk="word")),
        ("{per_prompt_token: 2ms}", Timing(per_prompt_token_s=0.002)),
        ("{load: {max_concurrent: 4}}", Timing(load=Load("here", 4))),
        (
            "{load: {max_concurrent: 4, slowdown: 2.5, beyond: reject}}",
            Timing(load=Load("here", 4, 2.5, "reject")),
        ),
    ],
)
def test_timing_is_instant_but_for_what_is_said(text: str, expected: Timing) -> None:
    assert timing_of(text) == expected


def test_percentiles_rise_however_they_are_written() -> None:
    found = timing_of("{first_token: {p99.9: 3s, p50: 300ms, p95: 900ms}}")

    numbers = [number for point in found.first_token.percentiles for number in point]
    assert numbers == pytest.approx([0.5, 0.3, 0.95, 0.9, 0.999, 3.0])


def test_timing_changes_the_profile_that_it_names() -> None:
    found = timing_of("{profile: fast, jitter: 0%}")

    fast = BUILT_IN["fast"]
    assert found == Timing(fast.first_token, fast.rate)


def test_without_profiles_there_are_the_built_in_ones() -> None:
    assert profiles(None) == BUILT_IN


def test_profile_may_change_one_that_stands_below_it() -> None:
    found = profiles(node_of("{b: {profile: a, jitter: 5%}, a: {first_token: 1s}}"))

    assert found == {
        **BUILT_IN,
        "a": Timing(constant(1.0)),
        "b": Timing(constant(1.0), jitter=0.05),
    }


def test_profile_may_replace_a_built_in_one() -> None:
    found = profiles(node_of("{mine: {profile: fast}, fast: {first_token: 1s}}"))

    assert found["fast"] == found["mine"] == Timing(constant(1.0))
    assert found["chat"] == BUILT_IN["chat"]


def test_load_counts_by_the_profile_that_says_it() -> None:
    found = profiles(node_of("{a: {load: {max_concurrent: 1}}, b: {profile: a, jitter: 5%}}"))

    assert found["a"].load == found["b"].load == Load("profile a", 1)


def test_profiles_build_on_each_other_without_end() -> None:
    lines = [f"p{n}: {{profile: p{n + 1}}}" for n in range(3_000)]

    found = profiles(node_of("\n".join([*lines, "p3000: {first_token: 1s}"])))

    assert found["p0"] == Timing(constant(1.0))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("reset", Fault("reset")),
        ("{kind: reset}", Fault("reset")),
        ("{kind: truncate, after: 50%}", Fault("truncate", After(0.5, "share"))),
        ("{kind: truncate, after: 0%}", Fault("truncate", After(0.0, "share"))),
        ("{kind: truncate, after: 3 chunks}", Fault("truncate", After(3.0, "chunks"))),
        ("{kind: stall, after: 2s, for: 0s}", Fault("stall", After(2.0, "seconds"), 0.0)),
        ("{kind: html, status: 503}", Fault("html", status=503)),
        ("{kind: rate_limit, retry_after: 2s}", Fault("rate_limit", retry_after_s=2.0)),
        ("{kind: server, message: 7}", Fault("server", message="7")),
    ],
)
def test_fault_is_a_kind_or_more_about_it(text: str, expected: Fault) -> None:
    assert fault(node_of(text)) == expected


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *((400, "invalid"), (401, "auth"), (403, "permission"), (404, "not_found")),
        *((418, "invalid"), (429, "rate_limit"), (499, "invalid"), (500, "server")),
        *((503, "overloaded"), (529, "overloaded"), (599, "server")),
    ],
)
def test_status_says_what_kind_of_error_it_is(status: int, kind: str) -> None:
    assert kind_of_status(status) == kind
    assert error_reply(node_of(f"{{status: {status}}}")).kind == kind


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("overloaded", ErrorReply("overloaded")),
        ("{kind: invalid, status: 422}", ErrorReply("invalid", 422)),
        ("{kind: auth, message: no}", ErrorReply("auth", None, "no")),
        ("{kind: server, retry_after: 30d}", ErrorReply("server", retry_after_s=2_592_000.0)),
        ("{status: 429, retry_after: 2s}", ErrorReply("rate_limit", 429, None, 2.0)),
    ],
)
def test_error_is_a_fault(text: str, expected: ErrorReply) -> None:
    reply = error_reply(node_of(text))

    assert reply == expected
    assert fault_of_error(reply) == Fault(
        reply.kind, None, None, reply.status, reply.retry_after_s, reply.message
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{fault: reset}", Chaos(Fault("reset"))),
        ("{error: server}", Chaos(Fault("server"))),
        ("{error: {status: 429}}", Chaos(Fault("rate_limit", status=429))),
        ("{fault: reset, probability: 0%}", Chaos(Fault("reset"), probability=0.0)),
        ("{fault: reset, probability: 2.5%}", Chaos(Fault("reset"), probability=0.025)),
        ("{fault: reset, from: 30s, for: 10m}", Chaos(Fault("reset"), from_s=30.0, for_s=600.0)),
        ("{fault: reset, for: 0s}", Chaos(Fault("reset"), for_s=0.0)),
        (
            "{fault: reset, when: {contains: a}}",
            Chaos(Fault("reset"), (TextIs("contains", "contains", ("a",)),)),
        ),
    ],
)
def test_entry_of_chaos_holds_always_but_for_what_is_said(text: str, expected: Chaos) -> None:
    (entry,) = chaos(node_of(f"[{text}]"), normalized=False)

    assert (entry.fault, entry.when, entry.probability, entry.from_s, entry.for_s) == (
        expected.fault, expected.when, expected.probability, expected.from_s, expected.for_s
    )  # fmt: skip


def test_chaos_without_an_end_is_endless() -> None:
    (entry,) = chaos(node_of("[{fault: reset}]"), normalized=False)

    assert entry.for_s == inf


def test_limits_are_built_in_order() -> None:
    found = limits(node_of("""
        - {per: api_key, requests: 60/m, tokens: 90k/m}
        - {per: session, concurrent: 10}
    """))  # fmt: skip

    assert [(each.per, each.requests, each.tokens, each.concurrent) for each in found] == [
        ("api_key", Quota(60.0, 60.0), Quota(90_000.0, 60.0), None),
        ("session", None, None, 10),
    ]


def test_limits_alike_are_told_apart_and_keep_their_state_when_others_come() -> None:
    one, other = "{per: model, requests: 1/s}", "{per: session, requests: 1/s}"

    def identities(*texts: str) -> list[str]:
        found: tuple[Limit, ...] = limits(node_of(f"[{', '.join(texts)}]"))
        return [each.identity for each in found]

    assert identities(one, one)[0] == identities(other, one)[1]
    assert len({*identities(one, one), *identities(other)}) == 3


def test_content_tells_what_has_no_name() -> None:
    assert identity(node_of("{a: 1}"), Counter()) == identity(node_of("{a:   1}"), Counter())
    assert identity(node_of("{a: 1}"), Counter()) != identity(node_of("{a: '1'}"), Counter())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("settings: {max_stall: 2m}", Settings(max_stall_s=120.0)),
        ("defaults: {timing: fast}", Settings(timing=BUILT_IN["fast"])),
        ("defaults: {fault: {kind: stall, for: 2s}}", Settings(fault=Fault("stall", for_s=2.0))),
        (
            "{settings: {profiles: {mine: {jitter: 5%}}}, defaults: {timing: mine}}",
            Settings(timing=Timing(jitter=0.05)),
        ),
    ],
)
def test_settings_hold_how_answers_travel(text: str, expected: Settings) -> None:
    assert build([document(text)]).settings == expected


def test_model_has_a_timing_of_its_own() -> None:
    text = "settings: {models: [{name: m, timing: {load: {max_concurrent: 2}}}]}"

    found = build([document(text)]).settings.models

    assert found is not None
    assert found["m"].timing == Timing(load=Load("model m", 2))


def test_loads_that_stand_in_replies_count_apart() -> None:
    text = "{text: a, timing: {load: {max_concurrent: 1}}}"
    documents = [
        document(f"responses: {{a: {text}, b: {text}}}", "one.yml"),
        document(f"responses: {{c: {text}}}", "two.yml"),
    ]

    timings = [rule.recipes[0].timing for rule in build(documents).answers.values()]

    assert len({timing.load.name for timing in timings if timing and timing.load}) == 3


def test_reply_has_its_timing_and_its_fault() -> None:
    text = "responses: {a: {text: b, timing: fast, fault: reset}}"

    (recipe,) = build([document(text)]).answers["a"].recipes

    assert (recipe.timing, recipe.fault) == (BUILT_IN["fast"], Fault("reset"))
