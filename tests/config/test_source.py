"""Located YAML: which nodes a text gives, where they stand, and what is refused."""

from __future__ import annotations

import itertools

import pytest

from mockllm.config import source
from mockllm.config.source import (
    ListNode,
    MapNode,
    Node,
    Scalar,
    Unreadable,
    decode,
    parse,
    shorten,
)
from tests.config.documents import (
    FILE,
    line_of,
    lines_of,
    nested_by_aliases,
    node_of,
    places_of,
    root_of,
)


def value_at(text: str, *path: str) -> Node:
    node: Node = root_of(text)
    for key in path:
        assert isinstance(node, MapNode)
        inner = node.value(key)
        assert inner is not None
        node = inner
    return node


def scalar_at(text: str, *path: str) -> Scalar:
    node = value_at(text, *path)
    assert isinstance(node, Scalar)
    return node


def test_utf_8_is_decoded() -> None:
    assert decode("a: 😀é".encode(), FILE) == "a: 😀é"


def test_byte_order_mark_is_dropped() -> None:
    assert decode(b"\xef\xbb\xbfa: b", FILE) == "a: b"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        pytest.param(
            b"\xff", "1:1 error MOCK008 byte 0xff is not UTF-8; save the file as UTF-8", id="first"
        ),
        pytest.param(
            b"a: b\nc: \xe9t\xe9\n",
            "2:4 error MOCK008 byte 0xe9 is not UTF-8; save the file as UTF-8",
            id="latin-1",
        ),
        pytest.param(
            b"a: b\r\nc: \xff\r\n",
            "2:4 error MOCK008 byte 0xff is not UTF-8; save the file as UTF-8",
            id="after-crlf",
        ),
        pytest.param(
            b"\xef\xbb\xbfab\xff",
            "1:3 error MOCK008 byte 0xff is not UTF-8; save the file as UTF-8",
            id="after-byte-order-mark",
        ),
        pytest.param(
            "a: 😀é".encode() + b"\x80",
            "1:6 error MOCK008 byte 0x80 is not UTF-8; save the file as UTF-8",
            id="column-in-code-points",
        ),
        pytest.param(
            "a: 😀".encode()[:-1],
            "1:4 error MOCK008 byte 0xf0 is not UTF-8; save the file as UTF-8",
            id="cut-short",
        ),
        pytest.param(
            "a: b".encode("utf-16"),
            "1:1 error MOCK008 byte 0xff is not UTF-8; save the file as UTF-8"
            " (it looks like UTF-16)",
            id="utf-16-little-endian",
        ),
        pytest.param(
            b"\xfe\xff" + "a: b".encode("utf-16-be"),
            "1:1 error MOCK008 byte 0xfe is not UTF-8; save the file as UTF-8"
            " (it looks like UTF-16)",
            id="utf-16-big-endian",
        ),
    ],
)
def test_first_wrong_byte_is_located(content: bytes, line: str) -> None:
    with pytest.raises(Unreadable) as raised:
        decode(content, FILE)

    assert line_of(raised.value.problem) == line


def test_carriage_returns_alone_end_lines() -> None:
    assert places_of(b"a: b\rc: \xff\r") == ["2:4 error MOCK008"]


def test_utf_16_without_byte_order_mark_is_recognized() -> None:
    (line,) = lines_of("a: b".encode("utf-16-le"))

    assert line.endswith("save the file as UTF-8 (it looks like UTF-16)")


def test_unreadable_says_why() -> None:
    with pytest.raises(Unreadable, match="byte 0xff is not UTF-8"):
        decode(b"\xff", FILE)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("\n\n", id="blank-lines"),
        pytest.param("# nothing here\n", id="comment"),
        pytest.param("\ufeff", id="byte-order-mark"),
    ],
)
def test_text_without_a_document_gives_no_node(text: str) -> None:
    assert parse(text, FILE) == (None, [])


def test_scalar_knows_its_place() -> None:
    assert scalar_at("a:\n  b: c\n", "a", "b") == Scalar("c", 2, 6, plain=True)


def test_key_knows_its_place() -> None:
    assert root_of("a: 1\n'b c': 2\n").entries["b c"][0] == Scalar("b c", 2, 1)


def test_list_knows_its_place() -> None:
    node = value_at("a:\n  - b\n  - 'c'\n", "a")

    assert node == ListNode([Scalar("b", 2, 5, plain=True), Scalar("c", 3, 5)], 2, 3)


def test_mapping_knows_its_place() -> None:
    node = value_at("a: {b: c}\n", "a")

    assert (node.line, node.column) == (1, 4)


def test_entries_keep_the_order_of_the_file() -> None:
    assert list(root_of("c: 1\na: 2\nb: 3\n").entries) == ["c", "a", "b"]


@pytest.mark.parametrize(
    ("text", "column"),
    [
        pytest.param('"é": x', 6, id="accent"),
        pytest.param('"😀": x', 6, id="emoji"),
        pytest.param('"👩‍🚀": x', 8, id="joined-emoji"),
        pytest.param('"e\u0301": x', 7, id="combining-mark"),
        pytest.param('"你好": x', 7, id="wide"),
    ],
)
def test_columns_count_code_points(text: str, column: int) -> None:
    (_, node), *_ = root_of(text).entries.values()

    assert node.column == column


@pytest.mark.parametrize(
    "line_end",
    [
        pytest.param("\n", id="lf"),
        pytest.param("\r\n", id="crlf"),
        pytest.param("\r", id="cr"),
    ],
)
def test_every_line_end_counts_once(line_end: str) -> None:
    node = scalar_at(line_end.join(["a: b", "# no", "", "c: d", ""]), "c")

    assert node == Scalar("d", 4, 4, plain=True)


def test_second_byte_order_mark_moves_no_column() -> None:
    assert places_of("\ufeff\ufeffresponses: {a: 7}")[-1] == "1:16 warning MOCK013"


@pytest.mark.parametrize(
    ("written", "text"),
    [
        pytest.param("'it''s'", "it's", id="single-quotes"),
        pytest.param('"a\\tb\\u00e9"', "a\tbé", id="double-quotes"),
        pytest.param("|\n  b\n  c\n", "b\nc\n", id="literal"),
        pytest.param("|-\n  b\n  c\n", "b\nc", id="literal-stripped"),
        pytest.param(">\n  b\n  c\n", "b c\n", id="folded"),
        pytest.param("!!str 7", "7", id="str-tag"),
        pytest.param("!<tag:yaml.org,2002:str> 7", "7", id="verbatim-str-tag"),
        pytest.param('! "7"', "7", id="non-specific-tag"),
        pytest.param('""', "", id="empty"),
    ],
)
def test_quoted_and_tagged_scalars_are_text(written: str, text: str) -> None:
    node = scalar_at(f"a: {written}", "a")

    assert (node.text, node.kind, node.plain, node.commented) == (text, "str", False, False)


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("hello", "str"),
        ("1e3", "str"),
        ("y", "str"),
        ("1.2.3", "str"),
        ("7", "int"),
        ("-7", "int"),
        ("0x1F", "int"),
        ("1_000", "int"),
        ("12:30", "int"),
        ("1.10", "float"),
        (".nan", "float"),
        ("-.inf", "float"),
        ("1:30.5", "float"),
        ("yes", "bool"),
        ("Off", "bool"),
        ("TRUE", "bool"),
        ("~", "null"),
        ("Null", "null"),
        ("2024-05-01", "timestamp"),
        ("<<", "merge"),
        ("=", "value"),
    ],
)
def test_plain_scalar_has_the_kind_yaml_takes_it_for(written: str, kind: str) -> None:
    node = scalar_at(f"a: {written}", "a")

    assert (node.text, node.kind, node.plain) == (written, kind, True)


def test_nothing_is_null() -> None:
    assert scalar_at("a:\nb: c\n", "a") == Scalar("", 1, 3, "null", True)


@pytest.mark.parametrize(
    ("text", "commented"),
    [
        pytest.param("a: b # c", True, id="space"),
        pytest.param("a: b\t# c", True, id="tab"),
        pytest.param("a: b  \t #", True, id="several"),
        pytest.param("a: 😀 # c", True, id="emoji"),
        pytest.param("a: {b: c} # d", False, id="after-a-collection"),
        pytest.param("a: b#c", False, id="inside-the-text"),
        pytest.param("a: b\n # c", False, id="next-line"),
        pytest.param("# c\na: b", False, id="line-before"),
        pytest.param("a: 'b' # c", False, id="quoted"),
        pytest.param("a: |\n  b # c\n", False, id="literal"),
        pytest.param("a: b", False, id="none"),
    ],
)
def test_comment_right_behind_a_plain_scalar_is_seen(text: str, commented: bool) -> None:
    node = value_at(text, "a")

    assert getattr(node, "commented", False) is commented


def test_comment_behind_crlf_lines_is_seen() -> None:
    assert scalar_at("a: b\r\nc: d # e\r\n", "c").commented


def test_value_of_a_missing_key_is_none() -> None:
    assert root_of("a: b").value("c") is None


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param(
            "a: 1\nb: 2\na: 3\n",
            "3:1 error MOCK002 duplicate key 'a'; it is already at line 1, column 1",
            id="plain",
        ),
        pytest.param(
            "x: {'a b': 1, \"a b\": 2}",
            "1:15 error MOCK002 duplicate key 'a b'; it is already at line 1, column 5",
            id="quoted",
        ),
        pytest.param(
            '7: a\n"7": b\n',
            "2:1 error MOCK002 duplicate key '7'; it is already at line 1, column 1",
            id="number-and-text",
        ),
        pytest.param(
            "? |-\n  a\n: 1\na: 2\n",
            "4:1 error MOCK002 duplicate key 'a'; it is already at line 1, column 3",
            id="block",
        ),
    ],
)
def test_duplicate_key_names_both_lines(text: str, line: str) -> None:
    assert list(map(line_of, parse(text, FILE)[1])) == [line]


def test_every_further_duplicate_is_reported() -> None:
    problems = parse("a: 1\na: 2\na: 3\n", FILE)[1]

    assert [problem.location.line for problem in problems] == [2, 3]


def test_first_of_duplicates_stays() -> None:
    node, _ = parse("a: first\na: second\n", FILE)

    assert isinstance(node, MapNode)
    assert node.entries["a"][1] == Scalar("first", 1, 4, plain=True)


def test_same_key_in_different_mappings_is_no_duplicate() -> None:
    assert parse("a: {c: 1}\nb: {c: 2}\n", FILE)[1] == []


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        pytest.param("{<<: {a: 1, b: 2}, c: 3}", {"a", "b", "c"}, id="mapping"),
        pytest.param("{<<: [{a: 1}, {b: 2}]}", {"a", "b"}, id="list"),
        pytest.param("{<<: {a: 1}, <<: {b: 2}}", {"a", "b"}, id="twice"),
        pytest.param("{<<: {<<: {a: 1}, b: 2}}", {"a", "b"}, id="nested"),
        pytest.param("{<<: {}}", set(), id="empty"),
        pytest.param("{<<: []}", set(), id="empty-list"),
        pytest.param("x: &x {a: 1}\n<<: *x\n", {"x", "a"}, id="alias"),
        pytest.param("{'<<': {a: 1}}", {"<<"}, id="quoted-is-a-key"),
    ],
)
def test_merge_key_brings_entries(text: str, keys: set[str]) -> None:
    assert set(root_of(text).entries) == keys


def test_own_entry_wins_over_merged_one() -> None:
    assert scalar_at("{<<: {a: merged}, a: own}", "a").text == "own"


def test_first_merged_mapping_wins() -> None:
    assert scalar_at("{<<: [{a: first}, {a: second}]}", "a").text == "first"


def test_merged_entry_keeps_its_place() -> None:
    text = "x: &x\n  a: 1\ny:\n  <<: *x\n"

    assert scalar_at(text, "y", "a") == Scalar("1", 2, 6, "int", True)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("{<<: a}", "1:6 error MOCK005 '<<' takes a mapping", id="text"),
        pytest.param("{<<: }", "1:6 error MOCK005 '<<' takes a mapping", id="nothing"),
        pytest.param("{<<: [{a: b}, c]}", "1:15 error MOCK005 '<<' takes a mapping", id="item"),
        pytest.param("{<<: [[]]}", "1:7 error MOCK005 '<<' takes a mapping", id="list-in-list"),
    ],
)
def test_merge_key_takes_mappings_only(text: str, line: str) -> None:
    assert list(map(line_of, parse(text, FILE)[1])) == [line]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param(
            "{[a, b]: c}", "1:2 error MOCK012 a key must be text, not a collection", id="list"
        ),
        pytest.param(
            "? {a: b}\n: c\n",
            "1:3 error MOCK012 a key must be text, not a collection",
            id="mapping",
        ),
        pytest.param(
            "x: &x [a]\n*x : b\n",
            "1:4 error MOCK012 a key must be text, not a collection",
            id="alias",
        ),
        pytest.param(
            "{? : a}", '1:4 error MOCK007 this key is empty; write "" for it', id="nothing"
        ),
    ],
)
def test_key_must_be_text(text: str, line: str) -> None:
    assert list(map(line_of, parse(text, FILE)[1])) == [line]


@pytest.mark.parametrize("written", ["null", "~", "Null", "NULL"])
def test_null_key_is_refused(written: str) -> None:
    (problem,) = parse(f"{{{written}: a}}", FILE)[1]

    assert line_of(problem).startswith("1:2 error MOCK007")


def test_hint_for_a_null_key_quotes_what_is_written() -> None:
    (problem,) = parse("{null: a}", FILE)[1]

    assert problem.hint == 'write "null"'


def test_empty_key_in_quotes_is_text() -> None:
    assert list(root_of('"": a').entries) == [""]


def test_two_collection_keys_are_no_duplicates() -> None:
    assert places_of("responses: {[a]: b, [c]: d}") == ["1:13 error MOCK012", "1:21 error MOCK012"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param("? [a]\n: b\n", "1:3 error MOCK012", id="collection"),
        pytest.param("? ~\n: b\n", "1:3 error MOCK007", id="null"),
    ],
)
def test_key_that_is_no_text_is_reported_once(text: str, place: str) -> None:
    assert places_of(text) == [place]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param(
            "a: !foo b",
            "1:4 error MOCK012 the tag '!foo' means nothing here;"
            " leave the tag out, or quote a text that begins with '!'",
            id="local",
        ),
        pytest.param(
            "a: !!int 7",
            "1:4 error MOCK012 the tag 'tag:yaml.org,2002:int' means nothing here;"
            " leave the tag out, or quote a text that begins with '!'",
            id="int",
        ),
        pytest.param(
            "a: !!python/object:os.system x",
            "1:4 error MOCK012 the tag 'tag:yaml.org,2002:python/object:os.system' means nothing"
            " here; leave the tag out, or quote a text that begins with '!'",
            id="python",
        ),
        pytest.param(
            "!foo a: b",
            "1:1 error MOCK012 the tag '!foo' means nothing here;"
            " leave the tag out, or quote a text that begins with '!'",
            id="key",
        ),
        pytest.param(
            "a: !foo [b]",
            "1:4 error MOCK012 the tag '!foo' means nothing here;"
            " leave the tag out, or quote a text that begins with '!'",
            id="list",
        ),
        pytest.param(
            "a: !!set {b, c}",
            "1:4 error MOCK012 the tag 'tag:yaml.org,2002:set' means nothing here;"
            " leave the tag out, or quote a text that begins with '!'",
            id="mapping",
        ),
        pytest.param(
            "a: !!str [b]",
            "1:4 error MOCK012 the tag 'tag:yaml.org,2002:str' means nothing here;"
            " leave the tag out, or quote a text that begins with '!'",
            id="str-on-a-list",
        ),
    ],
)
def test_unknown_tag_is_located(text: str, line: str) -> None:
    assert list(map(line_of, parse(text, FILE)[1])) == [line]


@pytest.mark.parametrize("text", ["a: !!map {b: c}", "a: !!seq [b]", "a: ! {b: c}", "a: ! [b]"])
def test_tags_that_say_what_stands_there_are_fine(text: str) -> None:
    assert parse(text, FILE)[1] == []


@pytest.mark.parametrize("text", ["a: !!map [b]", "a: !!seq {b: c}"])
def test_tag_of_the_other_collection_is_refused(text: str) -> None:
    assert [line_of(problem)[:17] for problem in parse(text, FILE)[1]] == ["1:4 error MOCK012"]


def test_alias_stands_for_the_node_it_names() -> None:
    text = "a: &x 7\nb: *x\n"

    assert scalar_at(text, "b") is not None
    assert scalar_at(text, "b") == Scalar("7", 1, 4, "int", True)


def test_alias_may_be_a_key() -> None:
    assert list(root_of("a: &x hello\n*x : b\n").entries) == ["a", "hello"]


def test_anchored_key_may_be_a_value() -> None:
    assert scalar_at("&x hello: a\nb: *x\n", "b").text == "hello"


def test_newest_anchor_of_a_name_counts() -> None:
    assert scalar_at("a: &x 1\nb: &x 2\nc: *x\n", "c").text == "2"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param(
            "a: *x\n",
            "1:4 error MOCK001 '*x' refers to no anchor before it;"
            " quote a text that begins with '*'",
            id="undefined",
        ),
        pytest.param(
            "a: *x\nb: &x c\n",
            "1:4 error MOCK001 '*x' refers to no anchor before it;"
            " quote a text that begins with '*'",
            id="defined-later",
        ),
        pytest.param(
            "a: &x [b, *x]", "1:11 error MOCK009 '*x' stands inside what it names", id="own-list"
        ),
        pytest.param(
            "a: &x\n  b:\n    c: *x\n",
            "3:8 error MOCK009 '*x' stands inside what it names",
            id="own-mapping",
        ),
        pytest.param(
            "a: &x *x",
            "1:7 error MOCK001 while parsing a block mapping, did not find expected key;"
            " check the indentation",
            id="anchor-on-an-alias",
        ),
    ],
)
def test_alias_that_names_nothing_is_located(text: str, line: str) -> None:
    node, problems = parse(text, FILE)

    assert node is None
    assert list(map(line_of, problems)) == [line]


def test_64_levels_are_read() -> None:
    node = node_of("[" * 64 + "]" * 64)

    assert isinstance(node, ListNode)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param("[" * 65 + "]" * 65, "1:65 error MOCK009", id="lists"),
        pytest.param("{a: " * 65, "1:257 error MOCK009", id="mappings"),
        pytest.param("- " * 65, "1:129 error MOCK009", id="block"),
        pytest.param("a: " + "[" * 64, "1:67 error MOCK009", id="under-a-key"),
        pytest.param("[" * 100_000, "1:65 error MOCK009", id="enough-to-crash-a-composer"),
    ],
)
def test_65_levels_are_refused(text: str, place: str) -> None:
    assert places_of(text) == [place]


def test_depth_is_said() -> None:
    assert lines_of("[" * 65) == ["1:65 error MOCK009 nested more than 64 levels deep"]


@pytest.mark.parametrize("levels", [70, 600, 1_500])
def test_aliases_count_as_deep_as_what_they_name(levels: int) -> None:
    codes = {place.split()[-1] for place in places_of(nested_by_aliases(levels))}

    assert codes == {"MOCK009"}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param("[a, b, c, d, e, f, g, h, i]", None, id="at-the-bound"),
        pytest.param("[a, b, c, d, e, f, g, h, i, j]", "1:29 error MOCK009", id="scalars"),
        pytest.param("[a, b, c, d, e, f, g, h, i, []]", "1:29 error MOCK009", id="list"),
        pytest.param("[&x [a, b, c], *x, d]", None, id="alias-at-the-bound"),
        pytest.param("[&x [a, b, c], *x, *x]", "1:20 error MOCK009", id="aliases"),
    ],
)
def test_nodes_are_bounded(text: str, place: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MAX_NODES", 10)

    problems = parse(text, FILE)[1]

    assert [line_of(problem).split(" more ")[0] for problem in problems] == (
        [place] if place else []
    )


def test_merged_entries_count_as_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MAX_NODES", 12)

    assert places_of("{a: &x {b: c}, d: {<<: *x}, e: f}") == ["1:29 error MOCK009"]


def test_bound_of_nodes_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MAX_NODES", 1_000)

    assert lines_of("[" + "a," * 1_000 + "]") == [
        "1:2000 error MOCK009 more than 1,000 values, with aliases expanded"
    ]


def test_alias_bomb_is_refused() -> None:
    lines = ["x-a: &a [x,x,x,x,x,x,x,x,x,x]"]
    for old, new in itertools.pairwise("abcdefg"):
        lines.append(f"x-{new}: &{new} [{','.join([f'*{old}'] * 10)}]")

    assert lines_of("\n".join(lines)) == [
        "5:19 error MOCK009 with this one, aliases repeat more than 50,000 values; use fewer"
        " aliases, or a shorter anchor; one rule may hold several conditions"
    ]


def test_aliases_may_repeat_a_reply_a_thousand_times() -> None:
    lines = [f"x-a: &a [{', '.join('a' * 40)}]", "x-b:", *["- *a"] * 1_000]

    assert lines_of("\n".join(lines)) == []


def test_texts_of_aliases_are_bounded() -> None:
    lines = [f"x-a: &a {{k: {'a' * 999_990}, l: b}}", "x-b: [*a, *a, *a, *a, *a]"]

    assert lines_of("\n".join(lines)) == [
        "2:23 error MOCK009 with this one, aliases repeat texts of more than 4,000,000 characters;"
        " use fewer aliases, or a shorter anchor; one rule may hold several conditions"
    ]


def test_merge_bomb_is_refused() -> None:
    entries = ", ".join(f"k{number}: v" for number in range(1_000))
    lines = [f"x-a: &a {{{entries}}}", "x-b:", *["- {<<: *a}"] * 1_500]

    codes = [place.split()[-1] for place in places_of("\n".join(lines))]

    assert codes == ["MOCK009"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param(
            "a: b\n---\nc: d\n",
            "2:1 error MOCK011 a second document begins here; use several files",
            id="second",
        ),
        pytest.param(
            "---\na: b\n---\n",
            "3:1 error MOCK011 a second document begins here; use several files",
            id="empty-second",
        ),
        pytest.param(
            "a: b\n...\n---\nc: d\n",
            "3:1 error MOCK011 a second document begins here; use several files",
            id="behind-an-end",
        ),
    ],
)
def test_second_document_is_located(text: str, line: str) -> None:
    assert list(map(line_of, parse(text, FILE)[1])) == [line]


@pytest.mark.parametrize("text", ["---\na: b\n", "a: b\n...\n", "%YAML 1.1\n---\na: b\n...\n"])
def test_marks_of_one_document_are_fine(text: str) -> None:
    assert list(root_of(text).entries) == ["a"]


def test_problems_before_the_end_of_reading_are_kept() -> None:
    assert places_of("a: 1\na: 2\nb: *x\n") == ["2:1 error MOCK002", "3:4 error MOCK001"]


@pytest.mark.parametrize(
    ("text", "short"),
    [
        pytest.param("a", "'a'", id="short"),
        pytest.param("it's", '"it\'s"', id="quotation-mark"),
        pytest.param("a\nb", r"'a\nb'", id="line-break"),
        pytest.param("x" * 60, "'" + "x" * 60 + "'", id="just-short-enough"),
        pytest.param("x" * 61, "'" + "x" * 59 + "…'", id="long"),
        pytest.param("😀", "'😀'", id="emoji"),
    ],
)
def test_shortened_text_is_one_line(text: str, short: str) -> None:
    assert shorten(text) == short
