"""Regular expressions: what they match, why one is refused, and the literal they require."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockllm.core import regex
from mockllm.core.regex import BadRegex, ascii_class_used, compile_regex

Sample = tuple[str, str]  # a pattern, and a text that it may well match

# Runs of these are patterns of all kinds, most of them odd or bad.
SYNTAX = r"""
    abcd ab a 0 1 3 k [ ] ( ) { } | * + ? . , - ^ $ : \ \\ \[ # & < n (?: (?i) (?i: (?-i: (?s) (?<n>
    (?P<n> [^ [: :] [:alpha:] {2} {03} {,2} {0,1} {10000000000} \pL \p{L} \C \12 \x61 \x{61} \d \b
    \z \Q \E
"""
WORDS = st.text("abkKsSßıİſµé.+ \u212a", min_size=3, max_size=5).map(lambda w: (re.escape(w), w))
CLASSES = st.sampled_from(
    ((".", "x"), (r"\d", "7"), ("[a-z]", "k"), ("[^]]", "é"), ("^", ""), ("$", ""), (r"\b", ""))
)
REPEATS = st.sampled_from((("?", 0), ("*", 3), ("+", 1), ("{2}", 2), ("{0,2}?", 1), ("+?", 2)))
FLAGS = st.sampled_from(("(?i:%s)", "(?-i:%s)", "(?i-s:%s)", "(%s)"))
CASES = st.sampled_from((str, str.upper, str.lower, str.casefold, str.swapcase))


def nested(samples: st.SearchStrategy[Sample]) -> st.SearchStrategy[Sample]:
    several = st.lists(samples, min_size=1, max_size=4)
    return st.one_of(
        several.map(lambda some: ("".join(p for p, _ in some), "".join(t for _, t in some))),
        several.map(lambda some: (f"(?:{'|'.join(p for p, _ in some)})", some[-1][1])),
        st.builds(lambda one, many: (f"(?:{one[0]}){many[0]}", one[1] * many[1]), samples, REPEATS),
        st.builds(lambda one, flag, case: (flag % one[0], case(one[1])), samples, FLAGS, CASES),
    )


def keeps_its_promise(pattern: str, text: str) -> bool:
    """Say whether the literal is in the match, if there are both."""
    compiled = compile_regex(pattern)
    found = compiled.search(text)
    if found is None or compiled.literal is None:
        return True
    matched = found["0"].casefold() if compiled.literal_ignores_case else found["0"]
    return compiled.literal in matched


def matches(pattern: str, text: str) -> Iterator[str]:
    """Yield each match, and take it out of the text before the next is looked for."""
    compiled = compile_regex(pattern)
    while found := compiled.search(text):
        yield found["0"]
        text = text.replace(found["0"], "")


@pytest.mark.parametrize(
    ("pattern", "text", "groups"),
    [
        (r"my name is (?P<name>[\pL]+)", "Hi, my name is Zoë.", ("my name is Zoë", "Zoë")),
        ("(?<n>a)(b)?", "xa", ("a", "a", "")),
        ("(a)|(b)", "b", ("b", "", "b")),
        ("^b", "a\nb", None),
        ("(?m)^b$", "a\nb\nc", ("b",)),
        ("a$", "a\n", None),
        ("a.b", "a\nb", None),
        ("(?s)a.b", "a\nb", ("a\nb",)),
        ("(?i)straße", "STRAßE", ("STRAßE",)),
        (r"(\w+)", "Grüße", ("Gr", "Gr")),
        ("👩.(🚀)", "x 👩\u200d🚀", ("👩\u200d🚀", "🚀")),
        ("a(.)", "a\ud800", ("a\ufffd\ufffd\ufffd", "\ufffd\ufffd\ufffd")),
        (r"^\C", "é", ("\ufffd",)),
    ],
)
def test_search_returns_the_groups(pattern: str, text: str, groups: tuple[str, ...] | None) -> None:
    found = compile_regex(pattern).search(text)

    numbered = found and tuple(group for key, group in found.items() if key.isdecimal())
    assert numbered == groups


def test_name_stands_beside_the_number_for_the_leftmost_group_of_that_name() -> None:
    found = compile_regex("(?P<n>a)(b)(?P<m>c)?(?P<n>d)").search("abd")

    assert found == {"0": "abd", "1": "a", "2": "b", "3": "", "4": "d", "n": "a", "m": ""}


def test_nested_repeats_do_not_backtrack() -> None:
    assert compile_regex("(a*)*(a|aa)+$").search("a" * 5000 + "b") is None


def test_regex_is_immutable() -> None:
    compiled = compile_regex("abc")

    with pytest.raises(AttributeError):
        compiled.pattern = "abd"  # type: ignore[misc]  # which is the point


@pytest.mark.parametrize(
    ("pattern", "hint"),
    [
        ("a(?=b)", "no look-ahead"),
        ("(?<=a)b", "no look-behind"),
        ("(?<!a)b", "under 'not'"),
        (r"(a)\1", "no back-references"),
        ("(?P<n>a)(?P=n)", "no back-references"),
        ("(?>a)", "no atomic groups"),
        ("a++", "no possessive quantifiers"),
        ("a**", "put it in (?:...)"),
        ("(a)(?(1)b|c)", "no conditionals"),
        (r"a\Z", r"write \z"),
        (r"\u0041", r"\x{0041}"),
        (r"\x4", r"\x{0041}"),
        ("(?ix)a b", "no (?x)"),
        ("(?#no)a", "no comments"),
        ("(?a)b", "flags are i, m, s and U"),
        ("a{1001}", "at most 1,000 times"),
        ("a{2,1}", "{n,m} goes up"),
        ("*.txt", "any text is .*"),
        (r"\pL{1000}", "8 MB"),
        (r"[a\(?=", "backslash before a bracket"),
        ("a\\", r"write \\"),
        (r"\p{Letter}", r"\p{Lu}"),
        ("(?P<my-name>a)", "letters, digits and _"),
    ],
)
def test_hint_names_what_re2_lacks(pattern: str, hint: str) -> None:
    with pytest.raises(BadRegex) as caught:
        compile_regex(pattern)

    assert hint in (caught.value.hint or "")


def test_very_long_regex_is_not_looked_through_for_a_literal() -> None:
    assert compile_regex("hello|" * 2_000 + "hello").literal is None
    assert compile_regex("a" * 10_001 + "b?").literal is None


def test_classes_of_all_letters_may_repeat() -> None:
    compiled = compile_regex(r"my name is (?P<name>[\pL\pN_]{1,64})")

    assert compiled.search("my name is Jürgen")["name"] == "Jürgen"  # type: ignore[index]


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("[z-a]", "invalid character class range: z-a"),
        (r"\é", r"invalid escape sequence: \é"),
        ("\ud800", "the regex has half a surrogate pair, which is no character"),
    ],
)
def test_mistakes_of_other_kinds_have_a_message_only(
    pattern: str, message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(BadRegex) as caught:
        compile_regex(pattern)

    assert (caught.value.message, caught.value.hint) == (message, None)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("pattern", "literal", "ignores_case"),
    [
        ("Book a trip", "Book a trip", False),
        (r"^what is \d+\?$", "what is ", False),
        ("[[:alpha:]]de]f", "de]f", False),
        ("[!-[:alpha:]|[x]foo", None, False),
        (r"[]\]abc]d", None, False),
        ("[.](?:b(?P<c>c)(?<d>d))e", ".bcde", False),
        ("(?i)abc|abd", None, False),
        ("abcx|abcyz", "abc", False),
        ("(?:abc|abd)?(abc){0,3}(abc)*?de", None, False),
        ("x(abc){2,}?y(?:fg){1}", "xabc", False),
        ("abc{03}", "abc{03}", False),
        ("a{10000000000}", "a{10000000000}", False),
        (r"\bnoon\z", "noon", False),
        (r"abc\12def\x{67}ghij\x67k\Clm\pLn", "ghij", False),
        (r"\Qa.b.c\E", None, False),
        (r"abc+\Q\E?", None, False),
        ("abc(?i)d", None, False),
        ("(?:" * 999 + "abc" + ")" * 999, None, False),
        ("(?i:a)bcd.EFGHI", "EFGHI", False),
        ("(?i).(?-i:BCD).e", "BCD", False),
        ("(?i)Größe", "grösse", True),
        ("(?i)abcƛdefg", "defg", True),
        ("abc(?i:DEF)", "abcdef", True),
        ("(?i)a(?-i:BCD)", "abcd", True),
    ],
)
def test_longest_required_literal_is_found(
    pattern: str, literal: str | None, ignores_case: bool
) -> None:
    compiled = compile_regex(pattern)

    assert (compiled.literal, compiled.literal_ignores_case) == (literal, ignores_case)


def test_without_pythons_parser_there_is_no_literal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regex, "_parser", None)

    compiled = compile_regex("abc")

    assert compiled.literal is None
    assert compiled.search("xabcx") == {"0": "abc"}


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.recursive(WORDS | CLASSES, nested), st.sampled_from(("", "(?i)")))
def test_every_match_has_the_literal(sample: Sample, flag: str) -> None:
    assert keeps_its_promise(flag + sample[0], sample[1])


@settings(derandomize=True, deadline=None, max_examples=500)
@given(st.lists(st.sampled_from(SYNTAX.split()), max_size=9), st.integers(0, 9))
def test_odd_patterns_are_refused_or_have_their_literal(parts: list[str], left_out: int) -> None:
    text = "".join(parts[:left_out] + parts[left_out + 1 :])

    with suppress(BadRegex):
        assert keeps_its_promise("".join(parts), text)


def test_re2_ignores_case_as_casefolding_does() -> None:
    kept = [chr(code) for code in range(0x530) if regex._folds_alike(code)]
    any_kept = f"(?i)[{''.join(map(re.escape, kept))}]"
    starts = (*range(0, 0xD800, 1024), *range(0xE000, 0x110000, 1024))
    blocks = ("".join(map(chr, range(start, start + 1024))) for start in starts)
    alike = "".join(found for block in blocks for found in matches(any_kept, block))

    apart = [
        (character, other)
        for character in kept
        for other in matches(rf"(?i)\x{{{ord(character):x}}}", alike)
        if character.casefold() != other.casefold()
    ]

    assert set(alike) > set(kept)
    assert apart == []


@pytest.mark.parametrize(
    ("pattern", "used"),
    [
        (r"[^\W_]", r"\W"),
        (r"é\b\d", r"\b"),
        (r"\B", r"\B"),
        (r"\pL\D", r"\D"),
        (r"\\\d", r"\d"),
        (r"\Q\w", None),
        (r"\Q\d\E\w", r"\w"),
        (r"\s\x{64}[\pL\pN_]", None),
    ],
)
def test_first_ascii_class_is_named(pattern: str, used: str | None) -> None:
    assert ascii_class_used(pattern) == used


def test_most_bytes_grow_with_the_program() -> None:
    small, large = compile_regex("abc"), compile_regex(r"[\pL]{10}")

    assert small.most_bytes < 3_000
    assert large.most_bytes > 32 * 10_000
