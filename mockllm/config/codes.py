"""The problems that are found while reading, and which problems are mere warnings.

A check's docstring is its page in the manual; these are the pages of what no check finds.
"""

from __future__ import annotations

from msgspec import Struct


class Page(Struct, frozen=True):
    """What the manual says about a code. `bad` and `good` are YAML, "" when no file shows it."""

    code: str
    means: str
    text: str = ""
    bad: str = ""
    good: str = ""


WARNINGS = frozenset(
    {
        "MOCK013", "MOCK014", "MOCK015", "MOCK023", "MOCK025", "MOCK028", "MOCK029",
    }
)  # fmt: skip
"""The codes that stop nothing."""

MORE = "MOCK017"
"""The code whose level is that of the problem before it."""

PAGES = (
    Page(
        "MOCK001",
        "the file is not YAML",
        "The message says what the parser met, the hint what most probably mends it.",
        """\
responses:
  "which models?": *any
""",
        """\
responses:
  "which models?": "*any"
""",
    ),
    Page(
        "MOCK002",
        "the same key twice in one mapping",
        'Keys are compared as text: `7` and `"7"` are the same.',
        """\
responses:
  "hello": "Hi."
  "hello": "Hello."
""",
        """\
responses:
  "hello": "Hi."
  "Hello": "Hello."
""",
    ),
    Page(
        "MOCK003",
        "a key that means nothing there",
        "The hint names the nearest key, or where this one belongs.",
        """\
rules:
  - when: {contain: hello}
    reply: {txt: "Hi."}
lag_factor: 5
""",
        """\
rules:
  - when: {contains: hello}
    reply: {text: "Hi."}
settings:
  lag_factor: 5
""",
    ),
    Page(
        "MOCK004",
        "a key is missing",
        "A rule needs a `when`, a tool call a `name`. What matches everything says so:"
        " `when: {always: true}`.",
        """\
rules:
  - reply: "Hi."
""",
        """\
rules:
  - when: {always: true}
    reply: "Hi."
""",
    ),
    Page(
        "MOCK005",
        "a value of the wrong type",
        "",
        """\
responses:
  "hello": ["Hi.", "Hello."]
settings:
  lag_enabled: maybe
""",
        """\
responses:
  "hello": "Hi."
settings:
  lag_enabled: true
""",
    ),
    Page(
        "MOCK006",
        "a value that is not allowed",
        "It is out of range, not among the words, or without a unit.",
        """\
rules:
  - when: {provider: opnai, turn: 3-1}
    reply: {error: {status: 42, retry_after: 2}}
settings:
  max_body: 5
""",
        """\
rules:
  - when: {provider: openai, turn: 1-3}
    reply: {error: {status: 429, retry_after: 2s}}
settings:
  max_body: 5MB
""",
    ),
    Page(
        "MOCK007",
        "a key or a value is empty",
        'An empty answer is written `""`. An empty condition would match everything or nothing.',
        """\
responses:
  "say nothing":
rules:
  - when: {contains: ""}
    reply: "Hi."
""",
        """\
responses:
  "say nothing": ""
rules:
  - when: {contains: hello}
    reply: "Hi."
""",
    ),
    Page(
        "MOCK008",
        "a file cannot be read",
        "It is missing, not a regular file, not permitted, or not UTF-8. A folder without a YAML"
        " file is one too, and so is a path that is named twice at the start.",
    ),
    Page(
        "MOCK009",
        "too large, too deep, too many",
        "A bound was passed: 32 MB a file, 64 levels of nesting, 2,000,000 values. Aliases may"
        " repeat 50,000 values and texts of 4,000,000 characters. The regular expressions of all"
        " files may take 160 MB together, and their templates have 50,000 tokens. An alias inside"
        " what it names passes every bound.",
        """\
x-texts: &texts
  sorry: *texts
responses:
  "hello": "Hi."
""",
        """\
x-texts:
  sorry: &sorry "Sorry."
responses:
  "hello": *sorry
""",
    ),
    Page(
        "MOCK010",
        "no mapping at the top level",
        "The file is empty, or holds something else.",
        """\
- "hello"
- "Hi."
""",
        """\
responses:
  "hello": "Hi."
""",
    ),
    Page(
        "MOCK011",
        "more than one document in a file",
        "Use several files in a folder.",
        """\
responses: {"hello": "Hi."}
---
responses: {"good morning": "Hello."}
""",
        """\
responses: {"hello": "Hi.", "good morning": "Hello."}
""",
    ),
    Page(
        "MOCK012",
        "a YAML tag, or a list or mapping as a key",
        "Quote a text that begins with `!` or a bracket.",
        """\
responses:
  "shout": !important
""",
        """\
responses:
  "shout": "!important"
""",
    ),
    Page(
        MORE,
        "the number of further problems",
        "Of each file 1,000 problems are listed; this counts the rest.",
    ),
)
