"""Checks of timings, faults and limits.

Each docstring is the check's page in the manual.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

from mockllm.config import units
from mockllm.config.document import Document, error, section_of
from mockllm.config.schema_delivery import CHAOS, LIMIT, PERCENTILES
from mockllm.config.schema_keys import Schema
from mockllm.config.source import MapNode, Node, Scalar, shorten
from mockllm.config.value import value
from mockllm.core.faults import FAULTS, FITTING
from mockllm.core.problems import Problem
from mockllm.core.timing import BUILT_IN


def faults_that_can_be(document: Document) -> Iterator[Problem]:
    """MOCK031: a fault that there is not, or that cannot happen so.

    `after` goes with kinds that have a place in the answer, `for` with those that last, `status`
    with errors and `html`, `retry_after` and `message` with errors. An answer that is an error has
    no fault besides.

    Bad::

        responses:
          "hello": {text: "Hi.", fault: {kind: html, after: 50%}}

    Good::

        responses:
          "hello": {text: "Hi.", fault: {kind: truncate, after: 50%}}
    """
    for place in document.places:
        if not isinstance(place.node, MapNode):
            continue
        if place.kind == "fault":
            yield from _unfitting(document, place.node)
        elif place.kind != "when":
            node = place.node.value("fault")
            if isinstance(node, Scalar):
                yield from _unknown(document, node)
            if node is not None and "error" in place.node.entries and place.kind != "chaos":
                yield error(document, node, "MOCK031", "an error has no fault besides",
                            "leave out one of the two")  # fmt: skip
    defaults = section_of(document, "defaults").get("fault")
    if defaults is not None and isinstance(defaults[1], Scalar):
        yield from _unknown(document, defaults[1])


def _unknown(document: Document, node: Scalar) -> Iterator[Problem]:
    if node.text in FAULTS or node.kind == "null":
        return
    near = difflib.get_close_matches(node.text, FAULTS, 1)
    hint = f"did you mean '{near[0]}'?" if near else "docs/faults.md lists the kinds"
    yield error(document, node, "MOCK031", f"{shorten(node.text)} is no kind of fault", hint)


def _unfitting(document: Document, node: MapNode) -> Iterator[Problem]:
    kind = node.value("kind")
    if not isinstance(kind, Scalar) or kind.text not in FAULTS:
        return
    for key, kinds in FITTING.items():
        if key in node.entries and kind.text not in kinds:
            message = f"'{key}' does not go with {kind.text}"
            yield error(document, node.entries[key][0], "MOCK031", message,
                        f"it goes with {', '.join(kinds)}")  # fmt: skip


def chaos_that_does_something(document: Document) -> Iterator[Problem]:
    """MOCK019: an entry of `chaos` has exactly one of `error` and `fault`.

    Bad::

        settings:
          chaos: [{probability: 5%}]

    Good::

        settings:
          chaos: [{probability: 5%, error: overloaded}]
    """
    for place in document.places:
        if (
            place.kind == "chaos"
            and isinstance(place.node, MapNode)
            and _is_known(place.node, CHAOS)
        ):
            found = [key for key in ("error", "fault") if key in place.node.entries]
            if len(found) != 1:
                says = "says error and fault" if found else "says nothing"
                yield error(document, place.node, "MOCK019", f"an entry of chaos {says}",
                            "give it exactly one of error, fault")  # fmt: skip


def limits_that_limit(document: Document) -> Iterator[Problem]:
    """MOCK032: a limit on nothing.

    Bad::

        settings:
          limits: [{per: api_key}]

    Good::

        settings:
          limits: [{per: api_key, requests: 60/m}]
    """
    keys = ("requests", "tokens", "concurrent")
    for place in document.places:
        if place.kind != "limit" or not isinstance(place.node, MapNode):
            continue
        if _is_known(place.node, LIMIT) and not any(key in place.node.entries for key in keys):
            yield error(document, place.node, "MOCK032", "a limit that limits nothing",
                        f"give it {' or '.join(keys)}")  # fmt: skip


def _is_known(node: MapNode, schema: Schema) -> bool:
    """Return whether a mapping has no foreign key: what is missing may be only misspelt."""
    return node.entries.keys() <= schema.keys()


def percentiles_that_rise(document: Document) -> Iterator[Problem]:
    """MOCK033: percentiles that do not rise, that are not above zero, or that are none.

    Bad::

        settings:
          profiles:
            mine: {first_token: {p50: 900ms, p95: 300ms}}

    Good::

        settings:
          profiles:
            mine: {first_token: {p50: 300ms, p95: 900ms}}
    """
    for place in document.places:
        if place.kind != "percentiles" or not isinstance(place.node, MapNode):
            continue
        if not place.node.entries:
            yield error(document, place.node, "MOCK033", "percentiles without one",
                        "write {p50: 300ms, p95: 900ms}")  # fmt: skip
        points = sorted(_points(place.node), key=lambda point: point[0])
        low_s = 0.0
        for _, time_s, node in points:
            if time_s <= low_s:
                what = "is not above zero" if low_s == 0 else "is not longer than the one before"
                yield error(document, node, "MOCK033", f"this percentile {what}",
                            "a higher percentile takes longer")  # fmt: skip
                break
            low_s = time_s


def _points(node: MapNode) -> Iterator[tuple[float, float, Node]]:
    for name, (_, inner) in node.entries.items():
        time_s = units.duration_s(str(value(inner)))
        if time_s is not None and name in PERCENTILES:
            yield float(name[1:]), time_s, inner


def profiles_that_exist(documents: Sequence[Document]) -> Iterator[Problem]:
    """MOCK034: a profile that there is not, or that changes itself.

    Bad::

        responses:
          "hello": {text: "Hi.", timing: quick}

    Good::

        responses:
          "hello": {text: "Hi.", timing: fast}
    """
    written: dict[str, Node] = {}
    for document in documents:
        entry = section_of(document, "settings").get("profiles")
        if entry is not None and isinstance(entry[1], MapNode) and not written:
            written = {name: node for name, (_, node) in entry[1].entries.items()}
    for document in documents:
        served = document.served.profiles if document.served is not None else ()
        known = [*written, *served, *(name for name in BUILT_IN if name not in served)]
        for node in _named(document):
            if node.text not in known and node.kind != "null":
                near = difflib.get_close_matches(node.text, known, 1)
                hint = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(known)}"
                message = f"there is no profile {shorten(node.text)}"
                yield error(document, node, "MOCK034", message, hint)
            elif _changes_itself(node.text, written):
                message = f"the profile {shorten(node.text)} changes itself"
                yield error(document, node, "MOCK034", message, "let it begin with another one")


def _named(document: Document) -> Iterator[Scalar]:
    """Yield the names of profiles that a document uses."""
    holders = [place.node for place in document.places if place.kind != "when"]
    defaults = document.root.value("defaults")
    for holder in (*holders, defaults):
        for key in ("timing", "profile"):
            node = holder.value(key) if isinstance(holder, MapNode) else None
            if isinstance(node, Scalar):
                yield node


def _changes_itself(name: str, written: dict[str, Node]) -> bool:
    seen: set[str] = set()
    while name in written and name not in seen:
        seen.add(name)
        node = written[name]
        base = node.value("profile") if isinstance(node, MapNode) else None
        if not isinstance(base, Scalar):
            return False
        name = base.text
    return name in seen
