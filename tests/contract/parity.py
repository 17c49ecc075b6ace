"""The parity table: what each operation does, whole and streamed, and why it does not do the rest.

A cell is *yes* when its case can be read for it, and then a test of `test_parity.py` checks it;
otherwise the case says in `lacks` why the vendor has no such thing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from mockllm.providers.registry import OPERATIONS
from tests.contract.cases import Case
from tests.contract.every_case import CASES

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "text": ("text",),
    "tool call": ("calls",),
    "parallel tools": ("calls", "call_ids"),
    "reasoning": ("reasoning",),
    "refusal": ("refusal",),
    "structured": ("structured",),
    "error": ("error",),
    "usage": ("counts",),
    "stop": ("stop",),
    "max tokens": ("limit",),
}
"""Each column, with the members of a case that its check reads."""

WAYS = ("whole", "streamed")

_TOP = """\
# What each operation does

Each *yes* is a test that asks a running application and reads its answer. Streamed answers are \
put together again, and must have come in pieces where the vendor's do. Each number is the \
vendor's reason for having no such thing. A cell that has neither fails a test:

```console
pytest tests/contract/test_parity.py                         # checks every cell, and this page
MOCKLLM_UPDATE_DOCS=1 pytest tests/contract/test_parity.py   # writes this page anew
```

`structured` is JSON made up for the request's schema, without a rule. `error` comes before the \
first byte. Everything but `structured`, `stop` and `max tokens` is said by a rule.

"""


class Cell(Struct, frozen=True):
    """One operation, whole or streamed, in one column. `reason` is why the vendor has no such
    thing, None where it is not said."""

    operation: str
    way: str
    column: str
    is_checked: bool
    reason: str | None

    @property
    def name(self) -> str:
        """Where it stands."""
        return f"{self.operation}-{self.way}-{self.column}"


def cells() -> Iterator[Cell]:
    """Yield every cell there must be, row by row."""
    for operation in OPERATIONS:
        for way in WAYS:
            for column in COLUMNS:
                yield _cell(operation, way, column)


def _cell(operation: str, way: str, column: str) -> Cell:
    case = CASES[operation]
    reason = case.lacks.get(column)
    is_checked = _can_be_read(case, column)
    if way == "streamed":
        reason = reason or case.lacks.get("streamed")
        is_checked = is_checked and OPERATIONS[operation].stream is not None
    return Cell(operation, way, column, is_checked, reason)


def _can_be_read(case: Case, column: str) -> bool:
    return all(getattr(case, member, None) is not None for member in COLUMNS[column])


def page() -> str:
    """Return the page that shows the table."""
    reasons: dict[str, int] = {}
    lines = [
        f"| operation | | {' | '.join(COLUMNS)} |",
        f"|---|---|{'---|' * len(COLUMNS)}",
    ]
    rows: dict[tuple[str, str], list[str]] = {}
    for cell in cells():
        number = "yes" if cell.is_checked else _numbered(cell.reason, reasons)
        rows.setdefault((cell.operation, cell.way), []).append(number)
    lines += [f"| `{name}` | {way} | {' | '.join(row)} |" for (name, way), row in rows.items()]
    notes = [f"{number}. {reason}" for reason, number in reasons.items()]
    return _TOP + "\n".join([*lines, "", *notes, ""])


def _numbered(reason: str | None, reasons: dict[str, int]) -> str:
    return str(reasons.setdefault(reason or "?", len(reasons) + 1))
