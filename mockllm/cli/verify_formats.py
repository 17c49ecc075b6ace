"""How a report of requests is printed. Pure: the report's JSON in, text out."""

from __future__ import annotations

import json as json_module
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from xml.etree import ElementTree

from msgspec import Struct

from mockllm.core.verdict import KINDS

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOT_SHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_MAX_LISTED = 20


class Finding(Struct, frozen=True):
    """One line of a report, with what stands below it. `group` and `name` are those of its test;
    `level` None means that all is well."""

    group: str
    name: str
    level: str | None
    line: str
    below: tuple[str, ...] = ()


def text(report: dict[str, Any], _warnings_as_errors: bool) -> str:
    """Return the report for a person: failures first, then warnings, then what is well."""
    order = ("error", "warning", None)
    found = sorted(findings(report), key=lambda finding: order.index(finding.level))
    words = {"error": "FAILED", "warning": "warning", None: "ok"}
    lines = []
    for finding in found:
        lines.append(f"{words[finding.level]} {_clean(finding.line)}")
        lines += [f"    {_clean(line)}" for line in finding.below]
    return "\n".join([*lines, *_unused(report), _summary(report, found)])


def json(report: dict[str, Any], _warnings_as_errors: bool) -> str:
    """Return the report as it came."""
    return json_module.dumps(report)


def junit(report: dict[str, Any], warnings_as_errors: bool) -> str:
    """Return JUnit's XML: a test for each expectation and each verdict, and for the unmatched."""
    names = [("requests", "unmatched"), *(("verdicts", name) for name in KINDS)]
    cases: dict[tuple[str, str], list[Finding]] = {name: [] for name in names}
    for finding in findings(report):
        cases.setdefault((finding.group, finding.name), []).append(finding)
    suite = ElementTree.Element("testsuite", name=_suite(report))
    failures = 0
    for (group, name), found in cases.items():
        case = ElementTree.SubElement(
            suite, "testcase", classname=f"mockllm.{group}", name=_xml(name)
        )
        bad = [each for each in found if _is_bad(each, warnings_as_errors)]
        notes = [each for each in found if each.level == "warning" and each not in bad]
        if bad:
            failures += 1
            failure = ElementTree.SubElement(case, "failure", message=_xml(bad[0].line))
            failure.text = _xml(_lines(bad))
        if notes:
            ElementTree.SubElement(case, "system-out").text = _xml(_lines(notes))
    suite.set("tests", str(len(cases)))
    suite.set("failures", str(failures))
    suite.set("errors", "0")
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, "unicode")


FORMATS: Mapping[str, Callable[[dict[str, Any], bool], str]] = {
    "text": text,
    "json": json,
    "junit": junit,
}


def findings(report: dict[str, Any]) -> Iterator[Finding]:
    """Yield what a report says, but for the unused rules."""
    for each in report["expectations"]:
        yield _expectation(each)
    for each in report["verdicts"]:
        line = f"{each['verdict']}: {each['message']}"
        below = (*_requests(each), f"fix: {each['fix']} ({each['manual']})")
        yield Finding("verdicts", each["verdict"], each["level"], line, below)
    for each in report["unmatched"]:
        near = (f"nearly {_place(miss)}: {miss['why']}" for miss in each["near"])
        line = f"nothing matched {_request(each['request'])}"
        yield Finding("requests", "unmatched", each["level"], line, tuple(near))
    for each in report["warnings"]:
        line = f"with {_request(each['request'])}"
        yield Finding("requests", "warnings", "warning", line, tuple(each["warnings"]))


def _expectation(each: dict[str, Any]) -> Finding:
    below = []
    for failure in each["failures"]:
        request = f" ({_request(failure['request'])})" if failure["request"] else ""
        below.append(f"{failure['why']}{request}")
    level = None if each["met"] else "error"
    if level is not None:
        below += _requests(each)
    line = f"{_place(each)}: {each['expected']}; {each['count']} came"
    return Finding("expectations", each["rule"], level, line, tuple(below))


def _requests(each: dict[str, Any]) -> list[str]:
    """Return the requests that a finding concerns, a line each."""
    shown = [_request(request) for request in each["requests"]]
    rest = each["count"] - len(shown)
    return [*shown, *([f"and {rest} more"] if rest else [])]


def _request(request: dict[str, Any]) -> str:
    parts = [request["method"], request["path"], str(request["status"])]
    parts += [request["model"]] if request["model"] else []
    parts += [repr(request["prompt"])] if request["prompt"] is not None else []
    return f"{' '.join(parts)} [{request['id'][:8]}]"


def _place(each: dict[str, Any]) -> str:
    return f"{each['source']} '{each['rule']}'" if each["source"] else f"'{each['rule']}'"


def _unused(report: dict[str, Any]) -> list[str]:
    unused = report["unused"]
    lines = [f"unused {_clean(_place(rule))}" for rule in unused[:_MAX_LISTED]]
    rest = len(unused) - _MAX_LISTED
    return [*lines, *([f"and {rest} more are unused"] if rest > 0 else [])]


def _summary(report: dict[str, Any], found: list[Finding]) -> str:
    failed = sum(finding.level == "error" for finding in found)
    warned = sum(finding.level == "warning" for finding in found)
    session = f" of session {_clean(report['session'])}" if report["session"] is not None else ""
    gone = report["forgotten"]
    forgotten = f"; {gone} more are no longer kept" if gone else ""
    verdict = "passed" if report["passed"] else "failed"
    return (
        f"{verdict}: {_count(report['requests'], 'request')}{session},"
        f" {_count(failed, 'failure')}, {_count(warned, 'warning')}{forgotten}"
    )


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _suite(report: dict[str, Any]) -> str:
    return "mockllm" if report["session"] is None else _xml(f"mockllm {report['session']}")


def _is_bad(finding: Finding, warnings_as_errors: bool) -> bool:
    return finding.level == "error" or (warnings_as_errors and finding.level == "warning")


def _lines(found: list[Finding]) -> str:
    return "\n".join(line for each in found for line in (each.line, *each.below))


def _xml(text: str) -> str:
    return _NOT_XML.sub("�", text)


def _clean(text: str) -> str:
    """Return a text in one line, without what a terminal obeys."""
    return _NOT_SHOWN.sub(" ", text)
