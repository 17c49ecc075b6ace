"""Templates: what they can do, what is refused, and that nothing in them is unbounded."""

from __future__ import annotations

import json
from contextlib import suppress
from random import Random
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mockllm.core.template import (
    MAX_OUTPUT,
    MAX_SOURCE,
    MAX_VALUE,
    Template,
    TemplateFailure,
    TemplateProblem,
    compile_template,
    count_tokens,
)
from mockllm.core.template_sandbox import weight

VALUES: dict[str, Any] = {
    "match": {"name": "Ann", "year": 3, "items": "key"},
    "request": {"messages": [{"role": "user", "content": "hi"}], "model": None},
    "n": 7,
    "xs": [3, 1, 2],
    "words": ["b", "A", "a", "b"],
    "text": "the quick fox",
}
STEPS = "the template takes more than 40,000 steps"
SIZE = "a value is larger than 1,000,000 characters or items"
NUMBER = "a number becomes too large"
STEPS = "the template takes more than 40,000 steps"


def render(source: str, values: dict[str, Any] = VALUES, seed: int = 1) -> str:
    return compile_template(source, values).render(values, Random(seed))


def failure(source: str, values: dict[str, Any] = VALUES) -> str:
    template = compile_template(source, values)
    with pytest.raises(TemplateFailure) as raised:
        template.render(values, Random(1))
    return raised.value.message


def problem(source: str) -> TemplateProblem:
    with pytest.raises(TemplateProblem) as raised:
        compile_template(source, VALUES)
    return raised.value


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Hello {{ match.name }}.", "Hello Ann."),
        ("{{ match['name'] }} {{ xs[0] }} {{ xs[-1] }} {{ text[0] }}", "Ann 3 2 t"),
        ("{{ request.messages[0].content }} {{ request.messages.0.role }}", "hi user"),
        (
            "{{ text[4:9] }} {{ xs[::-1] }} {{ text[:3] }} {{ (1, 2)[1:] }}",
            "quick [2, 1, 3] the (2,)",
        ),
        ("{{ request.model }} {{ true }} {{ 1.5 }} {{ xs }}", "None True 1.5 [3, 1, 2]"),
        ("{{ 'a' ~ 1 ~ none }}", "a1None"),
        ("{{ 1 + 2 * 3 - 4 }} {{ 7 // 2 }} {{ 7 / 2 }} {{ 7 % 4 }}", "3 3 3.5 3"),
        ("{{ 2 ** 10 }} {{ 2 ** -1 }} {{ 2.0 ** 3 }}", "1024 0.5 8.0"),
        ("{{ -n }} {{ +n }} {{ not n }}", "-7 7 False"),
        ("{{ 'a' + 'b' }} {{ [1] + [2] }} {{ '-' * 3 }} {{ [0] * 2 }}", "ab [1, 2] --- [0, 0]"),
        ("{{ 1 < n <= 7 }} {{ 1 < n < 2 }} {{ n == 7 }} {{ n != 7 }}", "True False True False"),
        ("{{ n > 1 }} {{ n >= 8 }} {{ 1 in xs }} {{ 'q' not in text }}", "True False True False"),
        ("{{ 1 and 0 or 2 }} {{ 'a' if n else 'b' }} {{ 'a' if not n }}", "2 a "),
        ("{{ {'a': 1, 'b': [n]} }} {{ (1, 'x') }}", "{'a': 1, 'b': [7]} (1, 'x')"),
        ("{{ range(3) }} {{ range(5, 1, -2) }}", "[0, 1, 2] [5, 3]"),
        ("{{ 'Ω😀' }}", "Ω😀"),
    ],
)
def test_expression_is_put_out(source: str, expected: str) -> None:
    assert render(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{% if n > 9 %}a{% elif n > 5 %}b{% else %}c{% endif %}", "b"),
        ("{% for x in xs %}{{ loop.index }}:{{ x }} {% endfor %}", "1:3 2:1 3:2 "),
        ("{% for x in [] %}x{% else %}none{% endfor %}", "none"),
        ("{% for x in xs if x > 1 %}{{ x }}/{{ loop.length }} {% endfor %}", "3/2 2/2 "),
        ("{% for x in xs %}{{ x }}{{ ', ' if not loop.last }}{% endfor %}", "3, 1, 2"),
        ("{% for x in xs %}{{ loop.cycle('a', 'b') }}{% endfor %}", "aba"),
        ("{% for k, v in {'a': 1}.items() %}{{ k }}{{ v }}{% endfor %}", "a1"),
        (
            "{% for c in 'ab' %}{% for k in {'x': 1} %}{{ c }}{{ k }}{% endfor %}{% endfor %}",
            "axbx",
        ),
        ("{% set a, b = 1, 2 %}{{ b }}{{ a }}", "21"),
        ("{% set a %}x{{ n }}{% endset %}{{ a }}", "x7"),
        ("{% set a | upper %}x{{ n }}y{% endset %}{{ a }}", "X7Y"),
        ("{% if n %}{% set a = 1 %}{% endif %}{{ a }}", "1"),
        ("{% with a = 1 %}{{ a }}{% endwith %}", "1"),
        ("{% filter upper %}a{{ text }}{% endfilter %}", "ATHE QUICK FOX"),
        (
            "{% macro m(a, b='c') %}<{{ a }}{{ b }}>{% endmacro %}{{ m(1) }}{{ m(1, b=2) }}",
            "<1c><12>",
        ),
        ("{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, a=2) }}", "(1,){'a': 2}"),
        ("{% for x in xs %}{% macro m() %}{{ x }}{% endmacro %}{{ m() }}{% endfor %}", "312"),
        ("{# no #}{% raw %}{{ x }}{% endraw %}", "{{ x }}"),
        ("a {{- n -}} b", "a7b"),
        ("{% print n %}", "7"),
    ],
)
def test_tag_does_what_it_does_in_jinja(source: str, expected: str) -> None:
    assert render(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ (0 - n)|abs }} {{ 'a b'|capitalize }} {{ xs|count }}", "7 A b 3"),
        ("{{ match.nme|default('x') }} {{ ''|default('y', true) }}", "x y"),
        ("{{ xs|first }} {{ xs|last }} {{ {'a': 1}|first }} {{ 'ab'|last }}", "3 2 a b"),
        ("{{ []|first|default('none') }} {{ []|last|default('none') }}", "none none"),
        ("{{ '1.5'|float }} {{ 'x'|float(2.0) }} {{ '42'|int }} {{ 'x'|int(1) }}", "1.5 2.0 42 1"),
        ("{{ 'a\nb\n\nc'|indent(2) }}", "a\n  b\n\n  c"),
        ("{{ 'a\n\nb'|indent(1, first=true, blank=true) }}", " a\n \n b"),
        ("{{ xs|join('-') }} {{ xs|join }} {{ 'ab'|join(',') }}", "3-1-2 312 a,b"),
        ("{{ 'aB'|lower }} {{ 'aB'|upper }} {{ 'it\\'s a dog'|title }}", "ab AB It's A Dog"),
        ("{{ xs|length }} {{ {'a': [1, 2]}|length }} {{ 'ab'|list }}", "3 1 ['a', 'b']"),
        ("{{ xs|max }} {{ xs|min }} {{ words|max }} {{ words|min(true) }}", "3 1 b A"),
        ("{{ []|min|default('none') }} {{ xs|sum }} {{ []|sum }}", "none 6 0"),
        ("{{ 'aaa'|replace('a', 'b') }} {{ 'aaa'|replace('a', 'b', 2) }}", "bbb bba"),
        ("{{ 'aaa'|replace('a', 'b', -1) }} {{ 121|replace(1, 3) }}", "bbb 323"),
        (
            "{{ 'abc'|reverse }} {{ xs|reverse }} {{ {'a': 1, 'b': 2}|reverse }}",
            "cba [2, 1, 3] ['b', 'a']",
        ),
        ("{{ 2.55|round }} {{ 2.55|round(1, 'floor') }} {{ 1.1|round(0, 'ceil') }}", "3.0 2.5 2.0"),
        (
            "{{ xs|sort }} {{ xs|sort(reverse=true) }} {{ words|sort }}",
            "[1, 2, 3] [3, 2, 1] ['A', 'a', 'b', 'b']",
        ),
        ("{{ words|sort(case_sensitive=true) }}", "['A', 'a', 'b', 'b']"),
        ("{{ n|string }} {{ ' a '|trim }} {{ 'xax'|trim('x') }}", "7 a a"),
        (
            "{{ text|truncate(9, leeway=0) }} {{ text|truncate(9, true, '', 0) }}",
            "the... the quick",
        ),
        ("{{ text|truncate }} {{ text|truncate(1, leeway=0) }}", "the quick fox ..."),
        (
            "{{ words|unique }} {{ words|unique(case_sensitive=true) }}",
            "['b', 'A'] ['b', 'A', 'a']",
        ),
        ("{{ [[1], [1], {'a': 2}]|unique }} {{ text|wordcount }}", "[[1], {'a': 2}] 3"),
    ],
)
def test_filter_does_what_it_does_in_jinja(source: str, expected: str) -> None:
    assert render(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ 'aB'.lower() }} {{ 'aB'.upper() }} {{ 'a b'.title() }}", "ab AB A B"),
        ("{{ 'aB'.capitalize() }} {{ text.find('q') }} {{ text.count('i') }}", "Ab 4 1"),
        ("{{ text.startswith('the') }} {{ text.endswith('the') }}", "True False"),
        ("{{ ' a '.strip() }} {{ 'xax'.lstrip('x') }} {{ 'xax'.rstrip('x') }}", "a ax xa"),
        ("{{ text.split() }} {{ 'a,b,c'.split(',', 1) }}", "['the', 'quick', 'fox'] ['a', 'b,c']"),
        ("{{ 'a\nb'.splitlines() }} {{ ','.join(xs) }}", "['a', 'b'] 3,1,2"),
        ("{{ 'aaa'.replace('a', 'b') }} {{ 'aaa'.replace('a', 'b', 1) }}", "bbb baa"),
        ("{{ xs.count(1) }} {{ xs.index(2) }} {{ text.index('q') }}", "1 2 4"),
        ("{{ {'a': 1}.items() }} {{ {'a': 1}.keys() }}", "[('a', 1)] ['a']"),
        ("{{ {'a': 1}.values() }} {{ match.get('year') }}", "[1] 3"),
        ("{{ match.get('x') }} {{ match.get('x', 'y') }}", "None y"),
    ],
)
def test_method_does_what_it_does_in_python(source: str, expected: str) -> None:
    assert render(source) == expected


@pytest.mark.parametrize(
    "test",
    [
        "n is defined",
        "match.nme is undefined",
        "match.nme is not defined",
        "none is none",
        "text is string",
        "n is number",
        "n is integer",
        "1.5 is float",
        "true is boolean",
        "true is true",
        "false is false",
        "match is mapping",
        "xs is sequence",
        "xs is iterable",
        "3 is in xs",
        "3 is eq 3",
        "3 is ne 4",
        "3 is lt 4",
        "3 is le 3",
        "3 is gt 2",
        "3 is ge 3",
        "3 is odd",
        "4 is even",
        "9 is divisibleby 3",
    ],
)
def test_test_holds(test: str) -> None:
    assert render(f"{{{{ {test} }}}}") == "True"


def test_item_of_a_mapping_wins_over_its_method() -> None:
    assert render("{{ match.items }} {{ match.items()|length }}") == "key 3"


@pytest.mark.parametrize("source", ["", "plain text", "ends with a line break\n", "{ { } } % #"])
def test_text_without_tags_is_its_own_rendering(source: str) -> None:
    assert render(source) == source


def test_json_is_neither_escaped_nor_sorted() -> None:
    values = {"value": MappingProxyType({"z": "<'é'>", "a": [1, None, True]})}

    text = render("{{ value|tojson }}", values)

    assert text == """{"z": "<'é'>", "a": [1, null, true]}"""


def test_json_is_indented_by_at_most_8_spaces() -> None:
    text = render("{{ match|tojson(indent=1000000000) }}")

    assert text == json.dumps(VALUES["match"], indent=8)


def test_same_seed_gives_the_same_text() -> None:
    source = "{{ random.choice(xs) }} {{ random.integer(1, 9) }} {{ random.uuid() }}"

    assert render(source) == render(source)
    assert render(source, seed=2) != render(source)


def test_random_values_are_those_of_the_generator() -> None:
    generator = Random(1)

    text = render(
        "{{ random.integer(1, 1000000) }} {{ random.number() }} {{ random.choice('abc') }}"
    )

    assert (
        text == f"{generator.randint(1, 1_000_000)} {generator.random()} {generator.choice('abc')}"
    )


def test_renders_share_no_steps() -> None:
    template = compile_template("{% for x in range(20000) %}{% endfor %}{{ n }}", ["n"])

    assert [template.render({"n": n}, Random(1)) for n in range(4)] == ["0", "1", "2", "3"]


def test_template_cannot_be_changed() -> None:
    template = compile_template("a", [])

    with pytest.raises(AttributeError):
        template.render = None  # type: ignore[method-assign, assignment]  # what is tested


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ match.nme }}", "'nme' is undefined; known: name, year, items"),
        ("{{ match['nme'] }}", "'nme' is undefined; known: name, year, items"),
        ("{{ {}.a }}", "'a' is undefined; known: nothing"),
        ("{{ match.nme.first }}", "'nme' is undefined; known: name, year, items"),
        ("{{ match.nme ~ 'a' }}", "'nme' is undefined; known: name, year, items"),
        ("{{ match.nme + 1 }}", "'nme' is undefined; known: name, year, items"),
        ("{% if match.nme %}{% endif %}", "'nme' is undefined; known: name, year, items"),
        ("{% for x in match.nme %}{% endfor %}", "'nme' is undefined; known: name, year, items"),
        (
            "{{ [match.nme]|length }}{{ [match.nme] }}",
            "'nme' is undefined; known: name, year, items",
        ),
        ("{{ xs[3] }}", "list has no 3"),
        ("{{ xs.a }}", "list has no 'a'"),
        ("{{ xs['0'] }}", "list has no '0'"),
        ("{{ n.real }}", "int has no 'real'"),
        ("{{ xs[xs] }}", "wanted a text or number as key, got list"),
        ("{% if not n %}{% set a = 1 %}{% endif %}{{ a }}", "'a' is undefined"),
        ("{% for x in xs %}{% set a = x %}{% endfor %}{{ a }}", "'a' is undefined"),
        ("{% for x in xs %}{{ loop.previtem }}{% endfor %}", "there is no previous item"),
        ("{{ []|first }}", "the list is empty"),
        ("{{ 'a' + 1 }}", "+ does not take str and int; ~ joins texts"),
        ("{{ 'a' - 'b' }}", "- does not take str and str"),
        ("{{ (1, 2) * 2 }}", "* does not take tuple and int"),
        ("{{ n is divisibleby 0 }}", "divisibleby: "),
        ("{{ 1 < 'a' }}", "compare: '<' not supported between instances of 'int' and 'str'"),
        ("{{ [1, 'a']|sort }}", "sort: '<' not supported between instances of 'str' and 'int'"),
        ("{{ ['a']|sum }}", "sum: "),
        ("{{ 'a'|abs }}", "abs: wanted a number, got str"),
        ("{{ n|sort }}", "sort: wanted a list, mapping or text, got int"),
        ("{{ n.upper() }}", "upper: wanted a text, got int"),
        ("{{ xs.index(9) }}", "index: "),
        ("{{ 1.5|round(1, 'up') }}", "method must be common, ceil or floor"),
        ("{{ 'a'|indent('b') }}", "indent: wanted a whole number, got str"),
        ("{{ (1e308 * 10)|tojson }}", "tojson: Out of range float values"),
        ("{{ range() }}", "range: "),
        ("{{ random.choice([]) }}", "choice: "),
        ("{{ random.integer(2.5, 3) }}", "integer: wanted a whole number, got float"),
        ("{{ n.uuid() }}", "uuid: wanted random, got int"),
        ("{% for x in n %}{% endfor %}", "for: wanted a list, mapping or text, got int"),
        ("{% set a, b = xs %}", "too many values to unpack"),
        ("{{ {1: 2} }}", "key: wanted a text, got int"),
        ("{{ match() }}", "wanted a macro to call, got dict"),
        ("{% macro m() %}{% endmacro %}{{ m(1) }}", "macro 'm' takes not more than 0 argument(s)"),
        ("{{ '\\ud800' }}", "the text has half a surrogate pair"),
    ],
)
def test_failure_says_what_is_wrong(source: str, expected: str) -> None:
    assert failure(source).startswith(expected)


@pytest.mark.parametrize("source", ["{{ 1 / 0 }}", "{{ 9.0 ** 999 }}", "{{ 1e308 * 10 // 1 % 0 }}"])
def test_arithmetic_failure_is_a_failure(source: str) -> None:
    assert failure(source)


def test_name_that_gets_no_value_is_undefined() -> None:
    template = compile_template("{{ user }}", ["user"])

    with pytest.raises(TemplateFailure, match=r"^'user' is undefined$"):
        template.render({}, Random(1))


def test_message_of_a_failure_stays_short() -> None:
    values = {"value": {"k" * 1_400: 1, **dict.fromkeys(map(str, range(1_000)))}}

    assert len(failure(f"{{{{ value.{'x' * 1_400} }}}}", values)) < 1_000
    assert len(failure("{{ ['x' * 10000].index('y' * 10000) }}", values)) <= 500


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ mtch.name }}", (1, 4, "unknown name 'mtch'; did you mean 'match'?")),
        ("a\n  {{ user }}", (2, 6, "unknown name 'user'; known: ")),
        ("user {{ user }}", (1, 9, "unknown name 'user'; known: ")),
        ("\r\n\r{{ 'user' ~ user }}", (3, 13, "unknown name 'user'; known: ")),
        ("a {%- if 1 -%} \n {{ user }}{% endif %}", (2, 5, "unknown name 'user'; known: ")),
        ("{{ self }}", (1, 4, "unknown name 'self'")),
        ("{{ super() }}", (1, 4, "unknown name 'super'; known: ")),
        ("{{ range }}", (1, 4, "unknown name 'range'; known: ")),
        ("{{ loop.index }}", (1, 4, "unknown name 'loop'; known: ")),
        ("{{ text|uper }}", (1, 9, "unknown filter 'uper'; did you mean 'upper'?")),
        ("{% if 0 %}{{ text|zzz }}{% endif %}", (1, 19, "unknown filter 'zzz'; known: abs, ")),
        ("{{ text.uper() }}", (1, 9, "unknown method 'uper'; did you mean 'upper'?")),
        ("{{ text is strng }}", (1, 12, "unknown test 'strng'; did you mean 'string'?")),
        ("{{ text|replace('a') }}", (1, 9, "filter 'replace': missing a required argument: 'new'")),
        (
            "{{ xs|sort(attribute='a') }}",
            (1, 7, "filter 'sort': got an unexpected keyword argument"),
        ),
        ("{{ text.upper(1) }}", (1, 9, "method 'upper': too many positional arguments")),
        ("{{ n is odd(1) }}", (1, 9, "test 'odd': too many positional arguments")),
        ("{{ range(stop=1) }}", (1, 4, "function 'range': got an unexpected keyword argument")),
        ("{% include 'a' %}", (1, 4, "the tag 'include' is not supported")),
        ("{% import 'a' as b %}", (1, 4, "the tag 'import' is not supported")),
        ("{% from 'a' import b %}", (1, 4, "the tag 'from' is not supported")),
        ("{% extends 'a' %}", (1, 4, "the tag 'extends' is not supported")),
        ("a\n{% block a %}{% endblock %}", (2, 4, "the tag 'block' is not supported")),
        (
            "{% autoescape true %}{% endautoescape %}",
            (1, 4, "the tag 'autoescape' is not supported"),
        ),
        ("{% set match.name = 1 %}", (1, 8, "only a plain name can be set")),
        ("{{ xs[1:2, 3] }}", (1, 1, "a slice here is not supported")),
        ("{% macro m(a, a) %}{% endmacro %}", (1, 1, "duplicate argument 'l_1_a' in function")),
        ("{% do n %}", (1, 1, "Encountered unknown tag 'do'.")),
        ("a\n{{ a b }}", (2, 1, "expected token 'end of print statement', got 'b'")),
        ("{{ n", (1, 1, "unexpected end of template")),
        ("{% if n %}", (1, 1, "Unexpected end of template.")),
    ],
)
def test_problem_is_located(source: str, expected: tuple[int, int, str]) -> None:
    found = problem(source)

    assert (found.line, found.column, found.message[: len(expected[2])]) == expected


DOUBLED = "{% set x = 'x' %}" + "{% set x = x ~ x %}" * 40
DOUBLED_LIST = "{% set x = [1] %}" + "{% set x = [x, x] %}" * 40
NESTED = "{% set x = [1] %}" + "{% set x = [x] %}" * 100
MANY = "{% for x in range(1000) %}{% for y in range(1000) %}"
ENDS = "{% endfor %}{% endfor %}"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ 'x' * 10**9 }}", SIZE),
        ("{{ [0] * 10**9 }}", SIZE),
        ("{{ 'x' * 600000 + 'x' * 600000 }}", SIZE),
        ("{{ [0] * 600000 + [0] * 600000 }}", SIZE),
        ("{{ 'x' * 600000 ~ 'x' * 600000 }}", SIZE),
        ("{{ 2 ** (10**9) }}", NUMBER),
        ("{{ 2 ** 1e9 }}", NUMBER),
        ("{{ 10**1000 * 10**1000 }}", NUMBER),
        ("{{ ('9' * 4000)|int }}", NUMBER),
        ("{{ (0 - 8) ** 0.5 }}", "a negative number has no such power"),
        ("{{ '%1000000000d' % 1 }}", "% does not take str and int"),
        ("{{ '%1000000000d' is odd }}", "odd: wanted a number, got str"),
        ("{{ range(10**9) }}", "range: longer than 1,000,000 numbers"),
        ("{{ range(10**400) }}", "range: longer than 1,000,000 numbers"),
        ("{{ 'a'|replace('', 'x' * 600000) }}", f"replace: {SIZE}"),
        ("{{ ('a' * 1001).replace('a', 'x' * 1000) }}", f"replace: {SIZE}"),
        ("{{ range(2000)|join('x' * 1000) }}", f"join: {SIZE}"),
        ("{{ ('x' * 1000).join(range(2000)) }}", f"join: {SIZE}"),
        ("{{ ('a\n' * 2000)|indent(1000) }}", f"indent: {SIZE}"),
        ("{{ 'a'|indent(10**9) }}", f"indent: {SIZE}"),
        ("{{ 'a'|trim('x' * 101) }}", "trim: more than 100 characters to strip"),
        ("{{ 1|round(-10**9) }}", "round: to more than 100 places"),
        ("{{ ['\\x00' * 200000]|tojson }}", f"tojson: {SIZE}"),
        ("{{ ['\\x00' * 300000] }}", SIZE),
        ("{{ ('x' * 900000).split('y') * 2 }}", SIZE),
        ("{{ 'x' * 999999 }}{{ 'yy' }}", "the text is longer than 1,000,000 characters"),
        (f"{DOUBLED}{{{{ x }}}}", SIZE),
        (f"{DOUBLED_LIST}{{{{ x }}}}", STEPS),
        (f"{DOUBLED_LIST}{{{{ x == [x] }}}}", STEPS),
        (f"{NESTED}{{{{ x }}}}", "a value nests deeper than 50 levels"),
        ("{% macro m(x) %}{{ m(x ~ x) }}{% endmacro %}{{ m('x') }}", SIZE),
        (
            "{% macro m(x) %}{{ m([x, x]) }}{% endmacro %}{{ m('x') }}",
            "macros call macros too deep",
        ),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "macros call macros too deep"),
        ("{% for x in xs %}{{ loop(xs) }}{% endfor %}", "wanted a macro to call, got LoopContext"),
        ("{% for x in xs %}{{ loop }}{% endfor %}", "LoopContext is no value"),
        ("{{ random }}", "Random is no value"),
        ("{{ random.seed }}", "Random has no 'seed'"),
        ("{% macro m() %}{% endmacro %}{{ m }}", "Macro is no value"),
        ("{% macro m() %}{% endmacro %}{{ m.name }}", "Macro has no 'name'"),
        ("{{ ''.__class__ }}", "str has no '__class__'"),
        ("{{ ''['__class__'] }}", "str has no '__class__'"),
        ("{{ ''.__class__.__mro__[1] }}", "str has no '__class__'"),
        ("{{ match.__class__ }}", "'__class__' is undefined; known: name, year, items"),
        ("{% for x in xs %}{{ loop.__init__ }}{% endfor %}", "LoopContext has no '__init__'"),
    ],
)
def test_attack_fails(source: str, expected: str) -> None:
    assert failure(source).endswith(expected)


@pytest.mark.parametrize(
    "source",
    [
        f"{MANY}{ENDS}",
        f"{MANY}{{% set q = x ~ y %}}{ENDS}",
        "{% for x in 'x' * 1000 %}{% for y in 'y' * 1000 %}{% endfor %}{% endfor %}",
        "{% for x in range(100000) if x < 0 %}{% endfor %}",
        "{% for x in range(100000) if x < 0 %}{{ loop.length }}{% endfor %}",
        f"{{% for x in range(1000) %}}{{% set q %}}{'a' * 50_000}{{% endset %}}{{% endfor %}}",
        f"{{% for x in range(1000) %}}{{% set q = [{'x,' * 1_400}] %}}{{% endfor %}}",
        "{% set t = 'x' * 400000 %}{% for x in range(1000) %}{% set q = t|upper %}{% endfor %}",
        "{% set t = 'x' * 400000 %}{% for x in range(1000) %}{% set q = t.upper() %}{% endfor %}",
        "{% set t = 'x' * 400000 %}{% for x in range(1000) %}{% set q = t[1:] %}{% endfor %}",
        "{% set t = 'x' * 400000 %}{% for x in range(1000) %}{% set q = t == t %}{% endfor %}",
        "{% set t = 'x' * 400000 %}{% for x in range(1000) %}{% set q = 'y' in t %}{% endfor %}",
        "{% set t = 'x' * 400000 %}{% for x in range(1000) %}{% set q = t is in [t] %}{% endfor %}",
        "{% set t = [0] * 500000 %}{% for x in range(1000) %}{% set q = t|list %}{% endfor %}",
        "{% for x in range(1000) %}{% set q = range(100000) %}{% endfor %}",
        "{% for x in range(1000) %}{% set q %}{{ 'x' * 100000 }}{% endset %}{% endfor %}",
        "{% for x in range(1000) %}{% filter first %}{{ 'x' * 100000 }}{% endfilter %}{% endfor %}",
        "{% macro m(n) %}{% if n %}{{ m(n-1) }}{{ m(n-1) }}{% endif %}{% endmacro %}{{ m(40) }}",
        "{% macro m() %}{{ 'x' * 9999 }}{% endmacro %}"
        "{% for x in range(9999) %}{% set q = m() %}{% endfor %}",
        "{{ ([0] * 900000)|sort|length }}",
    ],
)
def test_work_is_counted(source: str) -> None:
    assert failure(source) == STEPS


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{{ '{:1000000000}'.format(1) }}", "unknown method 'format'"),
        ("{{ '{a:1000000000}'.format_map(match) }}", "unknown method 'format_map'"),
        ("{{ 'a'.ljust(10**9) }}", "unknown method 'ljust'"),
        ("{{ 'a'.center(10**9) }}", "unknown method 'center'"),
        ("{{ 'a'.zfill(10**9) }}", "unknown method 'zfill'"),
        ("{{ ('a\\t' * 999).expandtabs(10**9) }}", "unknown method 'expandtabs'"),
        ("{{ xs.append(xs) }}", "unknown method 'append'"),
        ("{{ match.update(x=match) }}", "unknown method 'update'"),
        ("{{ random.seed(1) }}", "unknown method 'seed'"),
        ("{{ ''.__class__.__subclasses__() }}", "unknown method '__subclasses__'"),
        ("{{ 'a'|center(10**9) }}", "unknown filter 'center'"),
        ("{{ '%1000000000d'|format(1) }}", "unknown filter 'format'"),
        ("{{ xs|batch(10**9, 0) }}", "unknown filter 'batch'"),
        ("{{ ''|attr('__class__') }}", "unknown filter 'attr'"),
        ("{{ xs|map('attr', '__class__') }}", "unknown filter 'map'"),
        ("{{ xs|select('odd') }}", "unknown filter 'select'"),
        ("{{ xs|pprint }}", "unknown filter 'pprint'"),
        ("{{ lipsum(10**9) }}", "unknown name 'lipsum'"),
        ("{{ cycler(1) }}", "unknown name 'cycler'"),
        ("{{ dict(a=1) }}", "unknown name 'dict'"),
        ("{% set ns = namespace(x='x') %}", "unknown name 'namespace'"),
        ("{% set ns = namespace(x='x') %}{% set ns.x = ns.x ~ ns.x %}", "only a plain name"),
        ("{% macro m() %}{% endmacro %}{% call m() %}{% endcall %}", "the tag 'call' is not"),
        ("{% for x in xs recursive %}{{ loop(xs) }}{% endfor %}", "a recursive loop is not"),
        ("{{ self._TemplateReference__context }}", "unknown name 'self'"),
        ("{{ [1].count(*range(900000)) }}", "* and ** unpack no arguments here"),
        ("{{ match.get(**match) }}", "* and ** unpack no arguments here"),
        ("{% macro m() %}{% endmacro %}{{ m(*xs) }}", "* and ** unpack no arguments here"),
        ("{{ xs|join(**match) }}", "* and ** unpack no arguments here"),
        ("{{ 1e999 }}", "this number is too large"),
        (f"{{{{ 0x{'f' * 5_000} }}}}", "this number is too large"),
        (f"{{{{ {'9' * 5_000} }}}}", "a number in the template is too large"),
        (f"{{{{ {'(' * 1_400}1{')' * 1_400} }}}}", "the template nests too deep"),
        (f"{{{{ {'[' * 1_400}1{']' * 1_400} }}}}", "the template nests too deep"),
        (f"{{{{ {'not ' * 1_400}1 }}}}", "the template nests too deep"),
        (f"{{{{ 1{' + 1' * 1_400} }}}}", "this nests deeper than 50 levels"),
        (f"{{{{ n{'|abs' * 1_400} }}}}", "this nests deeper than 50 levels"),
        (f"{{{{ match{'.name' * 1_400} }}}}", "this nests deeper than 50 levels"),
        (f"{'{% if n %}' * 60}{'{% endif %}' * 60}", "this nests deeper than 50 levels"),
        (f"{'{% for x in xs %}' * 30}{'{% endfor %}' * 30}", "too many statically nested blocks"),
        (f"{'{{n}}' * 1_001}", "the template has more than 3,000 tokens in its tags"),
        (f"{'{##}' * 1_501}", "the template has more than 3,000 tokens in its tags"),
        (f"{{{{ [{'1,' * 1_500}] }}}}", "the template has more than 3,000 tokens in its tags"),
        ("x" * (MAX_SOURCE + 1), "the template is longer than 100,000 characters"),
    ],
)
def test_attack_is_no_template(source: str, expected: str) -> None:
    assert problem(source).message.startswith(expected)


def test_thousands_of_conditions_are_no_crash() -> None:
    source = f"{{% if n %}}{'{% elif n %}' * 8_000}{{% endif %}}"

    assert problem(source).message == "the template has more than 3,000 tokens in its tags"


def test_numbers_of_one_hash_take_no_quadratic_time() -> None:
    source = "{{ range(0, 40000 * 2305843009213693951, 2305843009213693951)|unique|length }}"

    assert render(source) == "40000"


def test_long_text_with_a_few_tags_is_a_template() -> None:
    assert render(f"{'word { % # ' * 9_000}{{{{ n }}}}").endswith(" # 7")


def test_loop_over_a_thousand_items_is_rendered() -> None:
    item = (
        "{{ loop.index }}. {{ x|upper|replace('A', 'b')|trim }}{% if not loop.last %}, {% endif %}"
    )

    text = render(f"{{% for x in many %}}{item}{{% endfor %}}", {"many": ["a" * 90] * 1_000})

    assert len(text) == 1_000 * 90 + 2_893 + 2 * 1_000 + 2 * 999


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_breaks_are_alike_with_and_without_tags(end: str) -> None:
    assert render(f"a{end}b{end}") == render(f"a{end}b{end}{{{{ '' }}}}") == "a\nb\n"


def test_plain_text_needs_no_jinja() -> None:
    assert isinstance(compile_template("plain } text", ()), Template)
    assert compile_template("plain } text", ())._compiled == "plain } text"


@pytest.mark.parametrize(
    ("source", "count"), [("plain", 0), ("a {{ n }} b", 3), ("{{ n | abs }}", 5), ("{{ 'a", 1)]
)
def test_tokens_are_those_of_the_tags(source: str, count: int) -> None:
    assert count_tokens(source) == count


def test_what_cannot_be_paid_for_is_not_read() -> None:
    no_value = object()

    with pytest.raises(TemplateFailure, match="40,000 steps"):
        weight([[no_value] * 100], 999)
    with pytest.raises(TypeError, match="object is no value"):
        weight([[no_value]], 1_000)


def test_largest_of_each_is_allowed() -> None:
    values = {"text": "x" * MAX_VALUE}

    assert len(render("{{ text }}", values)) == MAX_OUTPUT
    assert len(render("x" * MAX_SOURCE)) == MAX_SOURCE


def test_part_of_a_value_that_is_too_large_can_be_used() -> None:
    values = {"text": "ab" * MAX_VALUE}

    assert render("{{ text[:3] }} {{ text|length }}", values) == "aba 2000000"


def test_mapping_that_holds_itself_fails() -> None:
    endless: dict[str, Any] = {}
    endless["self"] = endless

    assert failure("{{ x }}", {"x": endless}) == "a value nests deeper than 50 levels"
    assert failure("{{ x|tojson }}", {"x": endless}) == "a value nests deeper than 50 levels"


PIECES = (
    *("{{ ", " }}", "{% ", " %}", "{%- ", " -%}", "for x in ", "endfor", "if ", "endif", "else"),
    *(
        "set x = ",
        "set x",
        "endset",
        "macro m(x)",
        "endmacro",
        "filter upper",
        "endfilter",
        "elif ",
    ),
    *("with x = ", "endwith", "match", "xs", "n", "x", "m(", "loop", "self", "random", "range("),
    *(
        ".name",
        ".index",
        ".items()",
        ".upper()",
        "['a']",
        "[0]",
        "[1:]",
        "[::-1]",
        "|",
        "|join",
        "|d",
    ),
    *(
        "|upper",
        "|sort",
        "|first",
        "|int",
        "|tojson",
        "|default(1)",
        " is ",
        "defined",
        "odd",
        "in ",
    ),
    *(
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        ".",
        "~",
        "+",
        "-",
        "*",
        "/",
        "//",
        "%",
        "**",
        "<",
        "==",
    ),
    *(
        "1",
        "0",
        "2.5",
        "1e400",
        "9" * 30,
        "0b",
        "'a'",
        "''",
        "'%99d'",
        '"\\n"',
        "'",
        "\\",
        "é",
        "\x00",
    ),
    *(
        "and ",
        "or ",
        "not ",
        "none",
        "true",
        "text",
        "\n",
        "\r\n",
        "{# ",
        " #}",
        "{% raw %}",
        "_",
        "=",
    ),
)
EXPRESSIONS = st.recursive(
    st.sampled_from(
        ["match", "xs", "n", "text", "words", "1", "0", "2.5", "'a'", "[]", "none", "{}"]
    ),
    lambda inner: st.one_of(
        st.tuples(
            inner,
            st.sampled_from(
                ["+", "-", "*", "/", "//", "%", "**", "~", "<", "==", "in", "and", "or"]
            ),
            inner,
        ).map(lambda parts: f"({' '.join(parts)})"),
        st.tuples(
            inner,
            st.sampled_from(
                [
                    *("|join", "|sort", "|first", "|unique", "|tojson", "|int", "|title", "|sum"),
                    *("|replace('a', n)", "|round(n)", "|indent(n)", ".name", "[0]", "[n:]"),
                    *(".upper()", ".items()", ".count(1)", ".split('a')", ".get('a')"),
                ]
            ),
        ).map(lambda parts: f"({parts[0]}){parts[1]}"),
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.lists(st.sampled_from(PIECES), max_size=20).map("".join)
    | EXPRESSIONS.map(lambda expression: f"{{{{ {expression} }}}}")
    | st.tuples(EXPRESSIONS, EXPRESSIONS).map(
        lambda pair: f"{{% for x in {pair[0]} if {pair[1]} %}}{{{{ x }}}}{{% endfor %}}"
    )
)
@example("{% for x in xs %}{% macro m(x=x) %}{% set n = x %}{% endmacro %}{{ m(n) }}{% endfor %}")
def test_nothing_but_problems_and_failures_is_raised(source: str) -> None:
    with suppress(TemplateProblem, TemplateFailure):
        render(source)
