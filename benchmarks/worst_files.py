"""What the worst files of 1 MB cost to load: seconds of CPU, so that a busy machine changes little, and
peak memory.

Each is loaded in a process of its own. `worst_files.py FILE` loads one file and prints the same.
"""

# ruff: noqa: E501  # one file a line
from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

BYTES = 1_000_000
LONGEST_S = 20


def main() -> None:
    """Print a line for each file, or for the one that is named."""
    if sys.argv[1:]:
        print(loaded(Path(sys.argv[1])))
        return
    with tempfile.TemporaryDirectory() as folder:
        for name, text in FILES.items():
            file = Path(folder) / "worst.yml"
            file.write_text(text(), encoding="utf-8")
            command = [sys.executable, __file__, str(file)]
            try:
                found = subprocess.run(
                    command, capture_output=True, text=True, check=True, timeout=LONGEST_S
                )
            except subprocess.TimeoutExpired:
                print(f"over {LONGEST_S} s  {name}", flush=True)
            else:
                print(f"{found.stdout.strip()}  {name}", flush=True)


def loaded(file: Path) -> str:
    """Load a file; return the seconds of CPU, the peak memory, and what came of it."""
    from mockllm.config.load import load

    started_s = time.process_time()
    found = load(file)
    took_s = time.process_time() - started_s
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    rules = "no rules" if found.ruleset is None else f"{len(found.ruleset.rules)} rules"
    return f"{took_s:6.2f} s {peak_mb:5.0f} MB  {rules}, {len(found.problems)} problems"


def filled(line: Callable[[int], str], head: str = "", tail: str = "") -> str:
    """Return `head`, as many lines as there is room for, and `tail`."""
    return "".join([head, *_lines(line, BYTES - len(head) - len(tail)), tail])


def _lines(line: Callable[[int], str], room: int) -> Iterator[str]:
    number = 0
    while room > 0:
        text = line(number)
        yield text
        room -= len(text.encode())
        number += 1


def _rules(when: Callable[[int], str], reply: str = "a") -> Callable[[], str]:
    return lambda: filled(lambda n: f"- {{when: {{{when(n)}}}, reply: {reply}}}\n", "rules:\n")


def _answers(answer: Callable[[int], str], head: str = "") -> Callable[[], str]:
    return lambda: filled(lambda n: f"  {n}: {answer(n)}\n", f"{head}responses:\n")


def _aliases(levels: int, width: int, use: str) -> str:
    """Return lists of aliases of lists: few bytes, very many values."""
    lines = (
        f"x-{level}: &a{level} [{', '.join([f'*a{level - 1}'] * width)}]\n"
        for level in range(1, levels)
    )
    return "".join(["x-0: &a0 [a]\n", *lines, use])


def _merged() -> str:
    keys = "".join(f"  k{n}: 1\n" for n in range(5_000))
    return filled(lambda n: f"x-{n}: {{<<: *a}}\n", f"x-a: &a\n{keys}")


def _aliased(item: str, use: Callable[[int], str], head: str = "") -> str:
    return filled(use, f"x-a: &a {item}\n{head}")


_LIST = ", ".join(f"n{n}" for n in range(1_000))

FILES: dict[str, Callable[[], str]] = {
    "nested lists": lambda: "x-a: " + "[" * (BYTES // 2) + "]" * (BYTES // 2),
    "lists of lists": lambda: filled(lambda _: "[[[[[[[[]]]]]]]],", "x-a: [", "]"),
    "nodes": lambda: filled(lambda _: "a,", "x-a: [", "]"),
    "numbers": lambda: filled(lambda _: "1,", "x-a: [", "]"),
    "numbers as settings": lambda: filled(lambda _: "1,", "settings: {seed: [", "]}"),
    "empty mappings": lambda: filled(lambda _: "{},", "rules: [", "]"),
    "empty rules": lambda: filled(lambda _: "1,", "rules: [", "]"),
    "empty answers": lambda: filled(lambda _: "{},", "rules: [{when: {always: true}, steps: [", "]}]"),
    "empty parts": lambda: filled(lambda _: "{},", "responses: {a: {parts: [", "]}}"),
    "keys": lambda: filled(lambda n: f"{n}: a\n", "responses:\n", "").replace("\n", "\n "),
    "unknown keys": lambda: filled(lambda n: f"{n}:\n"),
    "unknown keys alike": lambda: filled(lambda n: f"respnses{n}: a\n"),
    "unknown settings": lambda: filled(lambda n: f" {n}: 1\n", "settings:\n"),
    "duplicate keys": lambda: filled(lambda _: "a: a\n"),
    "keys that are lists": lambda: filled(lambda _: "[]: a\n"),
    "tags": lambda: filled(lambda _: "!a a,", "x-a: [", "]"),
    "one long text": lambda: f"responses: {{a: {'a' * BYTES}}}",
    "one long text with escapes": lambda: f'responses: {{a: "{chr(92) + "x07"}{"é" * (BYTES // 2)}"}}',
    "one long key": lambda: f"responses:\n  ? {'a' * BYTES}\n  : b",
    "line breaks": lambda: "\n" * BYTES,
    "comments": lambda: filled(lambda _: "#\n"),
    "words before comments": lambda: filled(lambda n: f" {n}: a #\n", "responses:\n"),
    "anchors": lambda: filled(lambda n: f"&a{n} a,", "x-a: [", "]"),
    "aliases of aliases": lambda: _aliases(20, 10, "settings: *a19\n"),
    "aliases within bounds": lambda: _aliases(5, 11, "settings: {seed: *a4}\n"),
    "aliases of rules within bounds": lambda: _aliased(
        "{when: {always: true}, reply: a}", lambda n: "- *a\n" if n < 6_000 else f"- {{when: {{contains: {n}}}, reply: a}}\n", "rules:\n"),
    "aliases of long texts within bounds": lambda: _aliased(
        f"[{'a' * 10_000}]", lambda n: f"- {{when: {{contains: {'*a' if n < 390 else n}}}, reply: {n}}}\n", "rules:\n"),
    "aliases of long globs within bounds": lambda: _aliased(
        f"[{'a?*' * 3_300}]", lambda n: f"- {{when: {{model: {'*a' if n < 390 else n}}}, reply: {n}}}\n", "rules:\n"),
    "aliases of rules": lambda: _aliased(
        "{when: {always: true}, reply: a}", lambda _: "- *a\n", "rules:\n"),
    "aliases of a long list": lambda: _aliased(
        f"[{_LIST}]", lambda n: f"- {{when: {{contains: *a}}, reply: {n}}}\n", "rules:\n"),
    "aliases of wrong lists": lambda: _aliased(
        f"[{'[], ' * 1_000}]", lambda n: f"- {{when: {{contains: *a}}, reply: {n}}}\n", "rules:\n"),
    "aliases of answers": lambda: _aliased(
        f"{{parts: [{'{text: a}, ' * 300}]}}", lambda n: f"  {n}: *a\n", "responses:\n"),
    "aliases of wrong answers": lambda: _aliased(
        f"{{parts: [{'{a: a}, ' * 300}]}}", lambda n: f"  {n}: *a\n", "responses:\n"),
    "aliases of a long regex list": lambda: _aliased(
        f"[{_LIST}]", lambda n: f"- {{when: {{regex: *a}}, reply: {n}}}\n", "rules:\n"),
    "aliases of long texts": lambda: _aliased(
        f"[{'a' * 10_000}]", lambda n: f"- {{when: {{contains: *a}}, reply: {n}}}\n", "rules:\n"),
    "aliases of long globs": lambda: _aliased(
        f"[{'a*' * 5_000}]", lambda n: f"- {{when: {{model: *a}}, reply: {n}}}\n", "rules:\n"),
    "merge keys": _merged,
    "rules": _rules(lambda n: f"equals: {n}"),
    "rules that hide each other": _rules(lambda _: "contains: a"),
    "rules behind a catch-all": lambda: _rules(lambda n: f"contains: {n}")().replace(
        "contains: 0", "always: true", 1),
    "rules of prefixes": _rules(lambda n: f"contains: {'a' * (n % 300 + 1)}, model: m{n}"),
    "rules of longer and longer texts": _rules(lambda n: f"contains: {'a' * (n + 1)}"),
    "rules of shorter and shorter texts": _rules(lambda n: f"contains: {'a' * max(1_300 - n, 1)}"),
    "rules of two conditions": _rules(lambda n: f"contains: a, starts_with: {n}"),
    "needles": lambda: filled(
        lambda n: f"{n},", "rules: [{when: {contains: [", "]}, reply: a}]"),
    "needles beside needles": lambda: filled(
        lambda n: f"{n},",
        "rules: [{when: {contains: [a, b]}, reply: a}, {when: {contains_all: [", "]}, reply: a}]"),
    "two lists of needles": lambda: (
        f"rules: [{{when: {{contains: [{','.join(f'x{n}' for n in range(60_000))}]}}, reply: a}},"
        f" {{when: {{contains: [{','.join(f'y{n}' for n in range(60_000))}]}}, reply: a}}]"),
    "two lists of needles that hide": lambda: (
        f"rules: [{{when: {{contains: [{','.join(f'x{n}' for n in range(60_000))}]}}, reply: a}},"
        f" {{when: {{contains: [{','.join(f'x{n}' for n in range(60_000))}]}}, reply: a}}]"),
    "long needles": lambda: filled(
        lambda n: f"{n}{'a' * 9_000},", "rules: [{when: {contains: [", "]}, reply: a}]"),
    "lists of wrong needles": lambda: filled(
        lambda _: "[],", "rules: [{when: {contains: [", "]}, reply: a}]"),
    "lists of wrong numbers": lambda: filled(
        lambda _: "a,", "rules: [{when: {turn: [", "]}, reply: a}]"),
    "globs": _rules(lambda n: f"model: 'a*{n}'"),
    "globs with classes": _rules(lambda n: f"model: 'a?[ab]*{n}'"),
    "starred globs": _rules(lambda n: f"model: '{'*a' * 100}{n}'"),
    "wrong values": _rules(lambda _: "provider: opnai, stream: maybe, turn: 0, has: imge"),
    "wrong rules": lambda: filled(lambda _: "- {whn: a, repl: b, tims: c}\n", "rules:\n"),
    "wrong settings": lambda: filled(lambda n: f"  lag_factr{n}: a\n", "settings:\n"),
    "wrong answers": _answers(lambda _: "{txt: a, eror: b}"),
    "lists as answers": _answers(lambda _: "[]"),
    "wrong errors": _answers(lambda _: "{error: rate_limt}"),
    "wrong tool names": lambda: filled(
        lambda n: f"- {{when: {{tool_result: tool{n}x}}, reply: {{tool_calls: [{{name: tool{n}y}}]}}}}\n",
        "rules:\n"),
    "headers": _answers(lambda n: f"{{text: a, headers: {{x-{n}: b, x-a: c, x-b: d}}}}"),
    "header names": lambda: filled(
        lambda n: f"x{n}: b,", "responses: {a: {text: a, headers: {", "}}}"),
    "params": _rules(lambda n: f"params: {{a.b.c{n}: [1, 2, 3]}}"),
    "files": _answers(lambda n: f"{{file: f{n}}}"),
    "regexes": _rules(lambda n: f"regex: 'word{n} [0-9]+'"),
    "regexes in a list": lambda: filled(
        lambda n: f"{n:x},", "rules: [{when: {regex: [", "]}, reply: a}]"),
    "regexes of letters": _rules(lambda n: rf"regex: '[\pL\pN_]+{n}'"),
    "regexes of many letters": _rules(lambda n: rf"regex: '[\pL]{{35}}{n}'"),
    "regexes of repeats": _rules(lambda n: rf"regex: '.{{900}}{n}'"),
    "regexes of literals": _rules(lambda n: f"regex: 'abcdefghijklmnopqrstuvwxyz0123456789{n}'"),
    "regexes that are too large": _rules(lambda n: rf"regex: '\pL{{900}}{n}'"),
    "regexes that are none": _rules(lambda n: f"regex: '({n}'"),
    "one regex that is none": lambda: filled(
        lambda _: "(,", "rules: [{when: {regex: [", "]}, reply: a}]"),
    "one long regex": lambda: f"rules: [{{when: {{regex: '{'(a|b)' * (BYTES // 5)}'}}, reply: a}}]",
    "one regex of brackets": lambda: f"rules: [{{when: {{regex: '{'(' * BYTES}'}}, reply: a}}]",
    "one regex of alternatives": lambda: filled(
        lambda n: f"{n}|", "rules: [{when: {regex: '", "a'}, reply: a}]"),
    "templates": _answers(lambda n: f"{{template: '{{{{ turn }}}} {n}'}}"),
    "short templates": _answers(lambda n: f"{{template: '{{{{{n}}}}}'}}"),
    "large templates": _answers(lambda n: f"{{template: '{'{{1}}' * 900}{n}'}}"),
    "nested templates": _answers(
        lambda n: f"{{template: '{'{%for a in [1]%}' * 18}{'{{a}}' * 600}{'{%endfor%}' * 18}{n}'}}"),
    "wrong templates": _answers(lambda n: f"{{template: '{{{{ a{n} }}}}'}}"),
    "unclosed templates": _answers(lambda n: f"{{template: '{{{{ a{n} '}}"),
    "one long template": _answers(lambda _: f"{{template: '{'{{ 1 }}' * 125_000}'}}"),
    "templates without tags": _answers(lambda n: f"{{template: a{n}}}"),
    "rendered json": _answers(lambda n: f"{{render: true, json: [{'a, ' * 100}'{{{{{n}}}}}']}}"),
    "prompts that normalize alike": lambda: filled(
        lambda n: f"  {f'{n:b}'.replace('0', 'a').replace('1', 'A')}: a\n",
        "settings: {match: normalized}\nresponses:\n"),
    "letters that expand": lambda: filled(
        lambda n: f"  {'ΐ' * 200}{n}: a\n", "settings: {match: normalized}\nresponses:\n"),
    "combining marks": lambda: filled(
        lambda n: f'  "a{chr(0x301) * 300}{chr(0x316) * 300}{n}": a\n',
        "settings: {match: normalized}\nresponses:\n"),
    "control characters": lambda: filled(lambda n: f'  "{chr(92)}b{n}": a\n', "responses:\n"),
    "texts that look like templates": _answers(lambda n: f"'{{{{ {n} }}}}'"),
}  # fmt: skip


if __name__ == "__main__":
    main()
