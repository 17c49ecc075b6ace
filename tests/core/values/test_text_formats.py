"""Formats of strings."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator

from mockllm.core.values import text_formats


@pytest.mark.parametrize("name", sorted(text_formats.KNOWN))
def test_samples_have_their_format_by_jsonschema_too(name: str) -> None:
    samples = list(text_formats.samples(name))

    assert len(samples) == len(set(samples)) >= 9
    assert all(Draft202012Validator.FORMAT_CHECKER.conforms(text, name) for text in samples)


def test_unknown_format_has_no_samples_and_takes_all() -> None:
    assert list(text_formats.samples("color")) == []
    assert text_formats.has_format("anything", "color")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("date", "2024-02-29"),
        ("date-time", "2025-01-01t12:00:00.123+02:00"),
        ("time", "23:59:60Z"),
        ("duration", "P1Y2M3DT4H5M6.5S"),
        ("duration", "P3W"),
        ("duration", "PT5M"),
        ("uri", "urn:isbn:0451450523"),
        ("hostname", "localhost"),
        ("ipv6", "::ffff:192.0.2.1"),
    ],
)
def test_text_has_the_format(name: str, text: str) -> None:
    assert text_formats.has_format(text, name)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("date", "2025-02-29"),
        ("date", "٢٠٢٥-01-01"),
        ("date-time", "2025-01-01"),
        ("date-time", "2025-13-01T12:00:00Z"),
        ("time", "24:00:00Z"),
        ("time", "12:00:00"),
        ("duration", "P"),
        ("duration", "PT"),
        ("duration", "P1H"),
        ("email", "user"),
        ("email", "a b@c"),
        ("uri", "//example.com"),
        ("uri", "http://a b"),
        ("uuid", "00000000"),
        ("hostname", "-a"),
        ("hostname", "a." * 127),
        ("hostname", "a" * 64),
        ("ipv4", "192.0.2.256"),
        ("ipv6", "1::2::3"),
    ],
)
def test_text_has_not_the_format(name: str, text: str) -> None:
    assert not text_formats.has_format(text, name)


@pytest.mark.parametrize("word", ["2025-01-01", "bob@example.com", "ftp://x", "192.0.2.1", "::1"])
def test_dates_and_addresses_stand_out(word: str) -> None:
    assert text_formats.stands_out(word)


@pytest.mark.parametrize("word", ["", "word", "P", "3", "3.5", "10:30", "note:this", "@bob", "://"])
def test_other_words_do_not_stand_out(word: str) -> None:
    assert not text_formats.stands_out(word)
