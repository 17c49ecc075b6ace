"""The parts of the manual that the program writes: its tables of keys, its pages of problems."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from typing import Any

from mockllm.config import checks, codes, schema
from mockllm.config.codes import Page
from mockllm.config.schema_keys import Schema
from mockllm.config.schema_settings import SETTINGS
from mockllm.config.unreachable import rules_that_never_answer
from mockllm.core.faults import MISBEHAVIOURS, WIRE_FAULTS
from mockllm.core.rules import Settings
from mockllm.core.timing import BUILT_IN
from mockllm.core.verdict import KINDS as VERDICTS

_SUMMARY = re.compile(r"(?P<code>MOCK\d{3}): (?P<means>.*?)\.(?: (?P<more>.*))?", re.DOTALL)
_BLOCK = re.compile(r"^(?P<name>Bad|Good)::\n\n(?P<yaml>(?:    .*\n|\n)+)", re.MULTILINE)
_UNITS = {
    "size": "a size such as `32MB`",
    "duration": "a time such as `2s`",
    "percent": "a share such as `20%`",
    "rate": "a rate such as `60 tokens/s`",
    "after": "a place such as `50%`, `3 chunks` or `2s`",
    "quota": "a number in a time such as `60/m`",
}
_RANGE = "a number or range such as `3`, `3+` or `3-5`"
_WHOLE_NUMBERS_OF_JSON = 2**53
_BYTES = {"max_body": "max_body_bytes", "match_limit": "match_limit"}
_UNKNOWN = "`I don't know the answer to that.`"


def key_tables() -> Mapping[str, str]:
    """Return a Markdown table of the keys of each place in a file, by the place's name.

    Those of the items of lists leave out what every reply has.
    """
    tables = {name: _table(table) for name, (table, _) in schema.PLACES.items()}
    for name, table in (("sequence item", schema.SEQUENCE_ITEM), ("drawn item", schema.DRAWN_ITEM)):
        own = {key: rules for key, rules in table.items() if key not in schema.REPLY}
        tables[name] = _table(own)
    defaults = {"unknown_response": _UNKNOWN}
    settings = {key: _default(key) for key in SETTINGS}
    return tables | {
        "defaults": _table(schema.DEFAULTS, defaults),
        "settings": _table(SETTINGS, settings),
        "damage": _kinds(WIRE_FAULTS),
        "misbehaviour": _kinds(MISBEHAVIOURS),
        "built-in profiles": _profiles(),
        "verdicts": _verdicts(),
    }


def _kinds(kinds: Mapping[str, str]) -> str:
    rows = "".join(f"| `{kind}` | {about} |\n" for kind, about in kinds.items())
    return f"| kind | what the client sees |\n|---|---|\n{rows}"


def _verdicts() -> str:
    rows = "".join(
        f'| <a id="{name}"></a>`{name}` | {kind.seen} | {kind.fix} |\n'
        for name, kind in VERDICTS.items()
    )
    return f"| verdict | what the requests show | the fix |\n|---|---|---|\n{rows}"


def _profiles() -> str:
    rows = []
    for name, timing in BUILT_IN.items():
        first = ", ".join(
            f"{time_s:g} s"
            if len(timing.first_token.percentiles) == 1
            else f"p{share * 100:g} {time_s:g} s"
            for share, time_s in timing.first_token.percentiles
        )
        rate = f"{timing.rate.per_s:g} {timing.rate.unit}s/s" if timing.rate else "all at once"
        read = f"{timing.per_prompt_token_s * 1000:g} ms"
        rows.append(f"| `{name}` | {first} | {rate} | {timing.jitter:.0%} | {read} |\n")
    head = ("profile", "`first_token`", "`rate`", "`jitter`", "`per_prompt_token`")
    return f"| {' | '.join(head)} |\n|{'---|' * len(head)}\n{''.join(rows)}"


def problem_pages() -> str:
    """Return the table of all codes, and a page for each, as Markdown."""
    pages = sorted((*codes.PAGES, *map(_page, _checks())), key=lambda page: page.code)
    by_code = [(code, list(found)) for code, found in groupby(pages, key=lambda page: page.code)]
    rows = [
        f"| [{code}](#{code.lower()}) | {_level(code)} | {found[0].means} |"
        for code, found in by_code
    ]
    table = "\n".join(["| code | level | means |", "|---|---|---|", *rows])
    return "\n\n".join([table, *("\n\n".join(_sections(*entry)) for entry in by_code)]) + "\n"


def _table(table: Schema, defaults: Mapping[str, str] | None = None) -> str:
    names = ["key", "takes", "means"]
    if defaults is not None:
        names.insert(2, "unless said")
    rows = []
    for key, rules in table.items():
        cells = [f"`{key}`", _takes(rules), rules["meta"]["about"]]
        if defaults is not None:
            cells.insert(2, defaults.get(key, ""))
        rows.append(f"| {' | '.join(cells)} |\n")
    return f"| {' | '.join(names)} |\n|{'---|' * len(names)}\n{''.join(rows)}"


def _takes(rules: Mapping[str, Any]) -> str:
    """Return what a key takes, in words."""
    kinds = rules.get("type", [])
    kinds = kinds if isinstance(kinds, list) else [kinds]
    words = " or ".join(_words(kind, rules) for kind in kinds) or "anything"
    return f"{words}; required" if rules.get("required") else words


def _words(kind: str, rules: Mapping[str, Any]) -> str:
    allowed, check, inner = rules.get("allowed"), rules.get("check_with"), rules.get("schema")
    match kind:
        case "list":
            of_what = "texts" if kind == rules["type"] else "them"
            return f"a list of {of_what}" if inner else "a list"
        case "boolean" if allowed:
            return "`true`"
        case "integer" | "number" if "min" in rules:
            return f"{schema.TYPE_WORDS[kind]} {_bounds(rules['min'], rules['max'])}"
        case "text" if allowed:
            return _one_of(allowed)
        case "text" if check:
            return _UNITS.get(check, _RANGE)
        case _:
            return schema.TYPE_WORDS[kind]


def _one_of(words: list[str]) -> str:
    quoted = [f"`{word}`" for word in words]
    return f"{', '.join(quoted[:-1])} or {quoted[-1]}"


def _bounds(low: float, high: float) -> str:
    if high >= _WHOLE_NUMBERS_OF_JSON:
        return f"from {_number(low)}"
    return f"from {_number(low)} to {_number(high)}"


def _number(number: float) -> str:
    return f"{number:,}" if isinstance(number, int) else f"{number:,.6f}".rstrip("0")


def _default(key: str) -> str:
    """Return what holds unless a setting is said, as it would be written."""
    found = getattr(Settings(), _BYTES.get(key, key), None)
    match found:
        case None | ():
            return ""
        case bool():
            return f"`{str(found).lower()}`"
        case int():
            megabytes, rest = divmod(found, 1024**2)
            return f"`{found // 1024}KB`" if rest else f"`{megabytes}MB`"
        case float():
            return f"`{found:g}`"
        case _:
            return f"`{found}`"


def _checks() -> tuple[Callable[..., object], ...]:
    return (
        *checks.DOCUMENT_CHECKS,
        *checks.FOLDER_CHECKS,
        *checks.RULESET_CHECKS,
        rules_that_never_answer,
    )


def _page(check: Callable[..., object]) -> Page:
    """Return the page that a check's docstring is."""
    text = f"{inspect.getdoc(check)}\n"
    blocks = {
        found["name"]: textwrap.dedent(found["yaml"]).strip() for found in _BLOCK.finditer(text)
    }
    summary, _, rest = _BLOCK.sub("", text).strip().partition("\n\n")
    found = _SUMMARY.fullmatch(summary)
    assert found is not None, check
    more = " ".join(filter(None, (found["more"], rest.strip()))).replace("\n", " ")
    return Page(found["code"], found["means"], more, f"{blocks['Bad']}\n", f"{blocks['Good']}\n")


def _level(code: str) -> str:
    if code == codes.MORE:
        return "as the last"
    return "warning" if code in codes.WARNINGS else "error"


def _sections(code: str, pages: list[Page]) -> Iterator[str]:
    yield f"## {code}"
    for page in pages:
        means = page.means[0].upper() + page.means[1:]
        yield f"{means}. {page.text}".strip()
        if page.bad:
            yield f"Bad:\n\n```yaml-bad\n{page.bad}```"
            yield f"Good:\n\n```yaml\n{page.good}```"
