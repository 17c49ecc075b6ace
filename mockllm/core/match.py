"""Which rules match a request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from mockllm.core.conditions import Condition, TextMatches, difference
from mockllm.core.rules import Layer, Rule, Ruleset
from mockllm.core.subject import Subject


class Match(Struct, frozen=True):
    """A rule that matches, and the text it matched on; None when the request has none."""

    rule: Rule
    text: str | None

    @property
    def groups(self) -> Mapping[str, str]:
        """The groups of the rule's first regex, {} when it has none."""
        for condition in self.rule.when:
            if isinstance(condition, TextMatches) and self.text is not None:
                return condition.groups(self.text) or {}
        return {}


def matching(ruleset: Ruleset, subject: Subject) -> Iterator[Match]:
    """Yield the rules that match, the first to be tried first."""
    for layer in ruleset.before:
        yield from _of_layer(layer, subject)
    for number in ruleset.index.candidates(subject):
        found = match_rule(ruleset.rules[number], subject)
        if found is not None:
            yield found
    exact = ruleset.settings.match == "exact"
    for text in subject.prompts:
        rule = (
            ruleset.answers.get(text) if exact else ruleset.normalized.get(subject.normalized(text))
        )
        if rule is not None and not is_passed_over(rule, subject):
            yield Match(rule, text)


def _of_layer(layer: Layer, subject: Subject) -> Iterator[Match]:
    for number in layer.index.candidates(subject):
        rule = layer.rules.get(number)
        found = None if rule is None else match_rule(rule, subject)
        if found is not None:
            yield found


def match_rule(rule: Rule, subject: Subject) -> Match | None:
    """Return the match of one rule, None when it does not match.

    All its text conditions must hold on the same text.
    """
    if is_passed_over(rule, subject):
        return None
    for text in subject.prompts or (None,):
        if difference(rule.when, subject, text) is None:
            return Match(rule, text)
    return None


def meets(conditions: tuple[Condition, ...], subject: Subject) -> bool:
    """Return whether a request meets all conditions, those on text by the same text."""
    texts = subject.prompts or (None,)
    return any(difference(conditions, subject, text) is None for text in texts)


def is_passed_over(rule: Rule, subject: Subject) -> bool:
    """An agent's loop must end: a lone tool call does not answer the result of a tool."""
    return rule.yields_to_results and subject.newest_is_result
