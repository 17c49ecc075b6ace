"""Verdicts on clients."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf
from typing import Any

import pytest
from msgspec import structs

from mockllm.core.attempts import told_to_wait_s
from mockllm.core.exchange import Exchange
from mockllm.core.faults import ChosenFault, Fault
from mockllm.core.model import ChatReply, Message, Request, Text, ToolCall
from mockllm.core.rules import Settings
from mockllm.core.verdict import KINDS, Verdict
from mockllm.core.verdicts import verdicts
from tests.core.builders import (
    DRAWS,
    assistant,
    call,
    raw,
    request,
    result,
    system,
    user,
)

KEY = "sk-proj-" + "aB3_" * 8


@dataclass
class Run:
    """Requests, each when it is asked; an answer takes 0.25 s."""

    now_s: float = 1_000.0
    exchanges: list[Exchange] = field(default_factory=list)

    def ask(
        self, *messages: Message | str, status: int = 200, reply: Any = None, **more: Any
    ) -> Exchange:
        asked = request(*(user(each) if isinstance(each, str) else each for each in messages))
        headers = {"authorization": f"Bearer {more.pop('key', 'k')}"}
        sent = raw(headers=headers, body=[repr(each) for each in asked.messages])
        made = Exchange(
            f"id{len(self.exchanges)}",
            self.now_s,
            0.0,
            1,
            sent,
            DRAWS,
            request=asked,
            replies=(reply,) if reply is not None else (),
            status=status,
            outcome="completed",
            took_s=0.25,
        )
        self.exchanges.append(structs.replace(made, **more))
        self.now_s += self.exchanges[-1].took_s
        return self.exchanges[-1]

    def wait(self, for_s: float) -> None:
        self.now_s += for_s

    @property
    def found(self) -> list[Verdict]:
        return list(verdicts(self.exchanges))

    @property
    def names(self) -> list[str]:
        found = self.found
        assert {each.name for each in found} <= KINDS.keys()
        return [f"{each.level} {each.name}" for each in found]


@pytest.fixture
def run() -> Run:
    return Run()


def faulted(kind: str, for_s: float | None = None) -> dict[str, Any]:
    chosen = ChosenFault(Fault(kind, for_s=for_s), "rule")
    return {"fault": chosen, "has_faulted": True, "outcome": "faulted"}


def says(*parts: str | ToolCall) -> ChatReply:
    return ChatReply(tuple(Text(each) if isinstance(each, str) else each for each in parts))


def pay(call_id: str = "c1", arguments: str = '{"amount": 1}', drawn: bool = False) -> ToolCall:
    return ToolCall(call_id, "pay", arguments, drawn)


def retry_after(text: str, name: str = "Retry-After") -> dict[str, Any]:
    return {"response_headers": ((name, text),)}


def test_nothing_is_said_of_a_good_client(run: Run) -> None:
    run.ask("a", status=429, **retry_after("2"))
    run.wait(2.0)
    run.ask("a", status=503)
    run.wait(0.4)
    run.ask("a", status=503)
    run.wait(0.9)
    run.ask("a", reply=says("Hi."))
    run.ask("a", assistant("Hi."), "b", reply=says("Bye."))

    assert run.names == []


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_retry_of_what_cannot_succeed(run: Run, status: int) -> None:
    for _ in range(3):
        run.ask("a", status=status)

    (verdict,) = run.found

    assert (verdict.name, verdict.level) == ("retried_in_vain", "error")
    assert verdict.message == f"sent again after {status}, which stays"
    assert verdict.exchanges == tuple(run.exchanges)
    assert verdict.fix == KINDS["retried_in_vain"].fix


@pytest.mark.parametrize(
    "other", [{"key": "another"}, {"generation": 2}, {"session": "b"}, {"received_at_s": 999.9}]
)
def test_retry_with_another_key_or_rules_is_none_in_vain(run: Run, other: Any) -> None:
    run.ask("a", status=401)
    run.ask("a", status=401, **other)

    assert run.names == []


def test_requests_without_a_body_are_no_attempts(run: Run) -> None:
    for _ in range(2):
        exchange = run.ask(status=404, request=None)
        run.exchanges[-1] = structs.replace(exchange, raw=structs.replace(exchange.raw, body=b""))

    assert run.names == []


def test_what_succeeded_is_not_tried_again_but_asked_again(run: Run) -> None:
    run.ask("a", status=500)
    run.wait(0.5)
    run.ask("a")
    run.ask("a")

    assert run.names == []


def test_retry_before_it_is_told(run: Run) -> None:
    run.ask("a", status=429, **retry_after("2"))
    run.wait(0.5)
    run.ask("a")

    (verdict,) = run.found

    assert (verdict.name, verdict.level) == ("ignored_retry_after", "error")
    assert verdict.message == "tried again after 0.5 s, told to wait 2 s"


@pytest.mark.parametrize("waited_s", [1.9, 2.0, 60.0])
def test_retry_when_it_is_told_or_a_little_earlier(run: Run, waited_s: float) -> None:
    run.ask("a", status=429, **retry_after("2"))
    run.wait(waited_s)
    run.ask("a")

    assert run.names == []


@pytest.mark.parametrize(
    ("headers", "told_s"),
    [
        ((), None),
        ((("Retry-After", "3"),), 3.0),
        ((("retry-after", "3"), ("retry-after-ms", "1500")), 1.5),
        ((("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT"),), None),
    ],
)
def test_time_to_wait_is_read(run: Run, headers: Any, told_s: float | None) -> None:
    assert told_to_wait_s(run.ask("a", response_headers=headers)) == told_s


def test_retry_without_a_pause(run: Run) -> None:
    run.ask("a", status=500)
    run.ask("a")

    (verdict,) = run.found

    assert (verdict.name, verdict.message) == ("no_backoff", "tried again without a pause")


def test_retries_without_a_pause_are_one_verdict(run: Run) -> None:
    for status in (500, 500, 500, 200):
        run.ask("a", status=status)

    (verdict,) = run.found

    assert verdict.message == "tried again 3 times without a pause"
    assert verdict.exchanges == tuple(run.exchanges)


def test_retries_after_pauses_that_do_not_grow(run: Run) -> None:
    for status in (500, 500, 500, 200):
        run.ask("a", status=status)
        run.wait(1.0)

    (verdict,) = run.found

    assert (verdict.name, verdict.level) == ("no_backoff", "error")
    assert verdict.message == "tried again 3 times, always after 1 s"


def test_retries_after_pauses_that_grow(run: Run) -> None:
    for waited_s in (0.5, 1.1, 1.9, 4.0):
        run.ask("a", status=500)
        run.wait(waited_s)
    run.ask("a")

    assert run.names == []


def test_retry_at_once_after_a_time_out_of_its_own(run: Run) -> None:
    run.ask("a", **faulted("stall") | {"outcome": "client_left"})
    run.ask("a")

    assert run.names == []


def test_storm(run: Run) -> None:
    for number in range(10):
        run.ask("a", status=500)
        run.wait(0.5 + number)

    assert run.names == ["error storm"]


def test_many_attempts_in_a_long_time_are_no_storm(run: Run) -> None:
    for number in range(12):
        run.ask("a", status=500)
        run.wait(5.0 + 2 * number)

    assert run.names == []


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        ({"status": 429}, "429"),
        ({"status": 503}, "503"),
        (faulted("reset"), "the fault reset"),
        ({"outcome": "failed"}, "200"),
    ],
)
def test_giving_up_at_once(run: Run, failure: Any, words: str) -> None:
    run.ask("a", **failure)

    (verdict,) = run.found

    assert (verdict.name, verdict.level) == ("gave_up", "warning")
    assert verdict.message == f"one attempt only, and it ended with {words}"


@pytest.mark.parametrize(
    "failure",
    [
        {"status": 400},
        {"status": 200},
        {"outcome": "client_left"},
        {"status": 500, "request": None},
        faulted("slow_headers"),
        faulted("stall", 1.0),
        faulted("truncate") | {"has_faulted": False},
    ],
)
def test_nothing_to_try_again(run: Run, failure: Any) -> None:
    run.ask("a", **failure)

    assert run.names == []


def test_asking_another_model_is_not_giving_up(run: Run) -> None:
    run.ask("a", status=503)
    run.ask(system("now the other"), "a")

    assert run.names == []


def test_giving_up_inputs(run: Run) -> None:
    for text in ("a", "b"):
        asked = structs.replace(request(), inputs=((Text(text),),))
        run.ask(text, status=503, request=asked)

    assert run.names == ["warning gave_up"] * 2


def test_answer_that_was_broken_off_is_quoted(run: Run) -> None:
    broken = run.ask("a", reply=says("All is well."), **faulted("truncate"))
    later = run.ask("a", assistant("All is "), "b")

    names = {each.name: each for each in run.found}

    verdict = names["took_truncated"]
    assert (verdict.level, verdict.exchanges) == ("error", (broken, later))
    assert verdict.message == "went on with 6 of 12 characters of an answer that was broken off"


@pytest.mark.parametrize(
    "later",
    [
        ("a", assistant("All is well."), "b"),
        ("a", assistant("Something else."), "b"),
        ("a", assistant(""), "b"),
        ("z", assistant("All is "), "b"),
        ("a", "b"),
    ],
)
def test_other_continuations_quote_nothing_broken(run: Run, later: Any) -> None:
    run.ask("a", reply=says("All is well."), **faulted("truncate"))
    run.ask(*later)

    assert "error took_truncated" not in run.names


def test_answer_that_a_retry_brought_is_not_the_broken_one(run: Run) -> None:
    run.ask("a", reply=says("All is well."), **faulted("truncate"))
    run.wait(0.5)
    run.ask("a", reply=says("All"))
    run.ask("a", assistant("All"), "b")

    assert run.names == []


def test_broken_answer_without_a_conversation(run: Run) -> None:
    run.ask(reply=says("All"), **faulted("truncate"))

    assert run.names == ["warning gave_up"]


@pytest.mark.parametrize(
    ("for_s", "took_s", "said"),
    [
        (None, 600.0, ["error waited_for_ever"]),
        (inf, 600.0, ["error waited_for_ever"]),
        (None, 3.0, []),
        (5.0, 600.0, []),
    ],
)
def test_waiting_for_ever(run: Run, for_s: float | None, took_s: float, said: list[str]) -> None:
    run.ask("a", took_s=took_s, **faulted("silence", for_s))

    assert run.names == said


def test_waiting_as_long_as_the_server_lets_it(run: Run) -> None:
    run.ask("a", took_s=2.0, settings=Settings(max_stall_s=2.0), **faulted("stall"))

    assert run.names == ["warning gave_up", "warning waited_for_ever"]
    assert run.found[1].message == "the server ended it after 2 s; the client had not"


@pytest.mark.parametrize(
    "leak",
    [
        (f"the key is {KEY}",),
        (system(f"key: {KEY}"), "a"),
        ("a", call("f", arguments=f'{{"key": "{KEY}"}}'), result("r")),
        ("a", call("f"), result(f"key={KEY}")),
    ],
)
def test_key_in_a_prompt(run: Run, leak: Any) -> None:
    run.ask(*leak)
    run.ask(*leak, "more")

    (verdict,) = run.found

    assert (verdict.name, verdict.level) == ("leaked_key", "error")
    assert verdict.message == "a key like OpenAI's is in a prompt"
    assert verdict.exchanges == tuple(run.exchanges)


def test_own_key_in_a_prompt(run: Run) -> None:
    run.ask("it is 0123456789abcdef", key="0123456789abcdef")

    assert run.found[0].message == "the request's own API key is in a prompt"


def test_calls_that_came_back_as_they_were_said(run: Run) -> None:
    run.ask("a", reply=says(pay()))
    run.ask("a", call("pay", arguments='{ "amount":1.0 }'), result("ok"), reply=says("Done."))

    assert run.names == []


@pytest.mark.parametrize(
    ("name", "arguments"), [("pay", '{"amount": 2}'), ("pay", "{"), ("buy", '{"amount": 1}')]
)
def test_call_that_came_back_otherwise(run: Run, name: str, arguments: str) -> None:
    first = run.ask("a", reply=says(pay()))
    later = run.ask("a", call(name, arguments=arguments), result("ok"), reply=says("Done."))
    run.ask("a", call(name, arguments=arguments), result("ok"), "more")

    (verdict,) = run.found

    assert (verdict.name, verdict.exchanges) == ("changed_arguments", (first, later))
    assert verdict.message == (
        f'the model said pay({{"amount": 1}}), and {name}({arguments}) came back'
    )


def test_long_arguments_are_cut_in_the_message(run: Run) -> None:
    run.ask("a", reply=says(pay(arguments='{"a": "' + "x" * 200 + '"}')))
    run.ask("a", call("pay"), result("ok"))

    assert "xxx…), and pay({}) came back" in run.found[0].message


def test_arguments_that_were_no_json_cannot_come_back_the_same(run: Run) -> None:
    run.ask("a", reply=says(pay(arguments='{"amo')))
    run.ask("a", call("pay"), result("ok"))

    assert run.names == []


def test_ids_that_a_rule_gives_to_several_calls_mix_nothing_up(run: Run) -> None:
    for amount in (1, 2):
        arguments = f'{{"amount": {amount}}}'
        run.ask(f"pay {amount}", reply=says(pay(arguments=arguments)))
        run.ask(f"pay {amount}", call("pay", arguments=arguments), result(f"paid {amount}"))

    assert run.names == []


@pytest.mark.parametrize(
    "wire", ["call_AbcdefgH12", "toolu_01AbcdefgH12", "abcdefgh", "x-ABCDEFGH"]
)
def test_ids_that_are_made_up_are_known_as_dialects_word_them(run: Run, wire: str) -> None:
    run.ask("a", reply=says(pay("AbcdefgH12", drawn=True)))
    run.ask("a", call("pay", wire, '{"amount": 2}'), result("ok", wire))

    assert run.names == ["error changed_arguments"]


@pytest.mark.parametrize("wire", ["abcdefgX", "call", "call_AbcdefgH99"])
def test_other_ids_are_not(run: Run, wire: str) -> None:
    run.ask("z", reply=says(pay("AbcdefgH12", drawn=True)))
    run.ask("a", call("pay", wire, '{"amount": 2}'), result("ok", wire))

    assert run.names == ["warning missing_result"]


def test_calls_without_ids_are_known_by_their_place(run: Run) -> None:
    both = assistant(ToolCall("call-1", "pay", "{}"), ToolCall("call-2", "pay", "{}"))
    run.ask("a", reply=says(pay("A" * 24, "{}", True), pay("B" * 24, drawn=True)))
    run.ask("a", both, result("ok", "call-1"), result("ok", "call-2"), "and then?")

    assert run.names == ["error changed_arguments"]


def test_call_without_an_id_that_is_not_quoted(run: Run) -> None:
    run.ask("a", reply=says(pay("A" * 24, drawn=True)))
    run.ask("a", assistant("Nothing to pay."), "go on")

    assert run.names == ["warning missing_result"]


def test_conversation_that_went_on_without_a_result(run: Run) -> None:
    first = run.ask("a", reply=says(pay("c1"), pay("c2")))
    both = assistant(pay("c1"), pay("c2"))
    later = run.ask("a", both, result("ok", "c1"), reply=says("Done."))

    (verdict,) = run.found

    assert (verdict.name, verdict.level) == ("missing_result", "error")
    assert verdict.message == "the conversation went on without the result of pay"
    assert verdict.exchanges == (first, later)


def test_calls_after_which_nothing_came(run: Run) -> None:
    run.ask("a", reply=says(pay("c1"), pay("c2")))

    (verdict,) = run.found

    assert (verdict.name, verdict.level) == ("missing_result", "warning")
    assert verdict.message == "nothing came after the call of pay"


def test_loop_that_never_ended(run: Run) -> None:
    run.ask("a", reply=says(pay("c1")))
    run.ask("a", assistant(pay("c1")), result("ok", "c1"), reply=says(pay("c2")))

    (verdict,) = run.found

    assert (verdict.name, verdict.level) == ("unended_loop", "warning")
    assert verdict.message == "the last answer of the loop calls pay, and nothing came after"


@pytest.mark.parametrize("end", [{"outcome": "client_left"}, faulted("cut_arguments")])
def test_calls_that_did_not_arrive_need_no_result(run: Run, end: Any) -> None:
    run.ask("a", reply=says(pay()), **end)

    assert run.names == []


def test_calls_of_several_choices_are_not_judged(run: Run) -> None:
    run.ask("a", replies=(says(pay("c1")), says(pay("c2"))))

    assert run.names == []


def test_call_without_a_prompt(run: Run) -> None:
    run.ask(reply=says(pay()))

    assert run.names == ["warning missing_result"]


def test_two_results_of_one_call(run: Run) -> None:
    first = run.ask("a", reply=says(pay()))
    second = run.ask("a", assistant(pay()), result("paid 1"), status=500)
    third = run.ask("a", assistant(pay()), result("paid again"))

    verdict = run.found[-1]

    assert (verdict.name, verdict.level) == ("repeated_side_effect", "error")
    assert verdict.message == "two results came of one call of pay"
    assert verdict.exchanges == (first, second, third)


def test_two_results_of_one_call_in_one_request(run: Run) -> None:
    run.ask("a", reply=says(pay()))
    run.ask("a", assistant(pay()), result("paid"), result("paid"))

    assert run.names == ["error repeated_side_effect"]


def test_result_that_is_sent_again_as_it_was_is_no_second_one(run: Run) -> None:
    run.ask("a", reply=says(pay()))
    run.ask("a", assistant(pay()), result("paid"), status=500)
    run.wait(0.5)
    run.ask("a", assistant(pay()), result("paid"), reply=says("Done."))
    run.ask("a", assistant(pay()), result("[cleared]"), assistant("Done."), "more")

    assert run.names == []


def test_calls_of_two_attempts_that_were_both_carried_out(run: Run) -> None:
    first = run.ask("a", reply=says(pay("c1")), **faulted("no_terminator"))
    run.wait(0.5)
    second = run.ask("a", reply=says(pay("c2")))
    run.ask("a", assistant(pay("c1")), result("paid", "c1"))
    run.ask("a", assistant(pay("c2")), result("paid", "c2"))

    (verdict,) = run.found

    assert (verdict.name, verdict.exchanges) == ("repeated_side_effect", (first, second))
    assert verdict.message == "pay was carried out for two attempts at one answer"


@pytest.mark.parametrize("ids", [("c1", "c2"), ("c1", "c1")])
def test_calls_of_two_attempts_of_which_one_was_carried_out(run: Run, ids: Any) -> None:
    for call_id, end in zip(ids, (faulted("no_terminator"), {}), strict=True):
        run.ask("a", reply=says(pay(call_id)), **end)
        run.wait(0.5)
    run.ask("a", assistant(pay(ids[1])), result("paid", ids[1]))

    assert run.names == []


def test_every_kind_says_what_mends_it() -> None:
    assert all(kind.seen and kind.fix for kind in KINDS.values())


def test_requests_of_other_kinds_are_passed_over(run: Run) -> None:
    run.ask("a", request=None)
    run.ask("a", request=Request("embedding", "openai", "m"))

    assert run.names == []


@pytest.mark.parametrize(("count", "said"), [(100, ["error changed_arguments"]), (101, [])])
def test_id_of_very_many_calls_is_not_looked_into(run: Run, count: int, said: list[str]) -> None:
    for amount in range(count):
        arguments = f'{{"amount": {amount}}}'
        run.ask(f"pay {amount}", reply=says(pay(arguments=arguments)))
        run.ask(f"pay {amount}", call("pay", arguments=arguments), result("paid"))
    run.ask("pay", call("pay", arguments="{}"), result("paid"))

    assert run.names == said
