"""Whether what was asked is what was expected: worked out of the journal when somebody asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from mockllm.core.conditions import Condition, Mismatch, difference
from mockllm.core.exchange import Exchange
from mockllm.core.expect import Expectation
from mockllm.core.model import each_input
from mockllm.core.problems import Level
from mockllm.core.rules import Rule, Ruleset
from mockllm.core.subject import Subject
from mockllm.core.verdict import Verdict
from mockllm.core.verdicts import verdicts
from mockllm.errors import NoMatch


class Question(Struct, frozen=True):
    """What is expected of the requests that meet `when`, whichever rule answered them."""

    when: tuple[Condition, ...]
    expectation: Expectation


class Shortfall(Struct, frozen=True):
    """Why an expectation is not met. `exchange` is the request that breaks it, None where it is
    their number that does."""

    why: str
    exchange: Exchange | None = None


class Checked(Struct, frozen=True):
    """An expectation, the requests that it is about, and why it is not met; () when it is.

    `rule` None is that of a question.
    """

    expectation: Expectation
    rule: Rule | None
    exchanges: tuple[Exchange, ...]
    shortfalls: tuple[Shortfall, ...] = ()


class Report(Struct, frozen=True):
    """What requests came to, the oldest first everywhere.

    `unmatched` are those that neither a rule nor a response answered, `unused` the rules and
    responses that none of them used, `warned` those with warnings.
    """

    exchanges: tuple[Exchange, ...]
    expectations: tuple[Checked, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    unmatched: tuple[Exchange, ...] = ()
    unused: tuple[Rule, ...] = ()
    warned: tuple[Exchange, ...] = ()

    @property
    def has_failed(self) -> bool:
        """Whether an expectation is not met, a verdict is an error, or a request was refused
        because nothing matched it."""
        return (
            any(checked.shortfalls for checked in self.expectations)
            or any(verdict.level == "error" for verdict in self.verdicts)
            or any(unmatched_level(exchange) == "error" for exchange in self.unmatched)
        )

    @property
    def has_warnings(self) -> bool:
        """Whether there is anything besides that somebody should look at; what is merely unused
        is not."""
        return bool(self.verdicts or self.unmatched or self.warned)


def report(exchanges: Iterable[Exchange], ruleset: Ruleset, ignored: Sequence[str] = ()) -> Report:
    """Return what exchanges, the oldest first, came to by the rules as they are; without the
    verdicts that are to be `ignored`."""
    ordered = _ordered(exchanges)
    used = {_key(exchange.rule) for exchange in ordered if exchange.rule is not None}
    return Report(
        ordered,
        tuple(_expected(ordered, ruleset)),
        tuple(each for each in verdicts(ordered) if each.name not in ignored),
        tuple(filter(_is_unmatched, ordered)),
        tuple(
            rule
            for rule in (*ruleset.each_rule(), *ruleset.answers.values())
            if _key(rule) not in used and not _may_stay_unused(rule)
        ),
        tuple(exchange for exchange in ordered if exchange.warnings),
    )


def answer(exchanges: Iterable[Exchange], question: Question) -> Report:
    """Return whether exchanges, the oldest first, are as a question expects, and nothing else."""
    ordered = _ordered(exchanges)
    found = [
        number
        for number, exchange in enumerate(ordered)
        if exchange.request is not None and _unmet(question.when, exchange) is None
    ]
    return Report(ordered, (_Run(ordered).check(question.expectation, None, found),))


def unmatched_level(exchange: Exchange) -> Level:
    """Return how bad it is that nothing matched a request: an error where it was refused for it,
    a warning where the unknown response answered."""
    return "error" if isinstance(exchange.error, NoMatch) else "warning"


def _ordered(exchanges: Iterable[Exchange]) -> tuple[Exchange, ...]:
    """Return exchanges in the order in which they began; the journal has that of their ends."""
    return tuple(sorted(exchanges, key=lambda exchange: exchange.received_at_s))


def _key(rule: Rule) -> tuple[str, str]:
    """Return what tells a rule from others through reloads."""
    return rule.identity, rule.name


def _may_stay_unused(rule: Rule) -> bool:
    """Whether an expectation says that a rule need not be used."""
    return rule.expect is not None and rule.expect.holds(0)


def _is_unmatched(exchange: Exchange) -> bool:
    """Whether rules were asked, and none answered."""
    if exchange.request is None or exchange.is_matched:
        return False
    return exchange.rule is not None or isinstance(exchange.error, NoMatch)


class _Run:
    """Requests in order, and when each session first used each rule, by their names."""

    def __init__(self, ordered: Sequence[Exchange]) -> None:
        self.ordered = ordered
        self.first_uses: dict[tuple[str, str], int] = {}
        for number, exchange in enumerate(ordered):
            if exchange.rule is not None:
                self.first_uses.setdefault((exchange.session, exchange.rule.name), number)

    def check(self, expectation: Expectation, rule: Rule | None, numbers: Sequence[int]) -> Checked:
        """Return what came of an expectation of the requests with these numbers."""
        found = tuple(self.ordered[number] for number in numbers)
        shortfalls = []
        if not expectation.holds(len(found)):
            shortfalls.append(Shortfall(f"expected {_counted(expectation)}, got {len(found)}"))
        for number, exchange in zip(numbers, found, strict=True):
            shortfalls += self._shortfalls(expectation, number, exchange)
        return Checked(expectation, rule, found, tuple(shortfalls))

    def _shortfalls(
        self, expectation: Expectation, number: int, exchange: Exchange
    ) -> Iterator[Shortfall]:
        other = expectation.after_rule
        if other is not None:
            first = self.first_uses.get((exchange.session, other))
            if first is None or first >= number:
                yield Shortfall(f"rule '{other}' was not used before it", exchange)
        mismatch = _unmet(expectation.each, exchange)
        if mismatch is not None:
            yield Shortfall(str(mismatch), exchange)


def _expected(ordered: Sequence[Exchange], ruleset: Ruleset) -> Iterator[Checked]:
    wanted = [(rule, rule.expect) for rule in ruleset.each_rule() if rule.expect is not None]
    by_rule: dict[tuple[str, str], list[int]] = {_key(rule): [] for rule, _ in wanted}
    for number, exchange in enumerate(ordered):
        if exchange.rule is not None and _key(exchange.rule) in by_rule:
            by_rule[_key(exchange.rule)].append(number)
    run = _Run(ordered)
    for rule, expectation in wanted:
        yield run.check(expectation, rule, by_rule[_key(rule)])


def _counted(expectation: Expectation) -> str:
    """Return how many requests are expected."""
    bare = Expectation(expectation.exactly, expectation.at_least, expectation.at_most)
    return f"{bare} request{'' if bare.bounds[1] == 1 or bare.bounds == (1, None) else 's'}"


def _unmet(conditions: tuple[Condition, ...], exchange: Exchange) -> Mismatch | None:
    """Return the condition that a request does not meet, None when it meets all. Of several
    inputs one that meets them will do."""
    assert exchange.request is not None
    limit = exchange.settings.match_limit
    found: Mismatch | None = None
    for request in each_input(exchange.request):
        subject = Subject(request, exchange.raw, exchange.session, exchange.state, limit)
        for text in subject.prompts or (None,):
            mismatch = difference(conditions, subject, text)
            if mismatch is None:
                return None
            found = found or mismatch
    return found
