"""Keys that have got into texts."""

from __future__ import annotations

import pytest

from mockllm.core.secrets import keys_in, redacted

KEYS = {
    "sk-ant-api03-" + "aB3_" * 8: "a key like Anthropic's",
    "sk-proj-" + "aB3_" * 8: "a key like OpenAI's",
    "AIza" + "aB3-_" * 7: "a key like Google's",
    "ghp_" + "aB3" * 12: "a token like GitHub's",
    "github_pat_" + "aB3" * 8: "a token like GitHub's",
    "AKIA" + "A3" * 8: "a key like Amazon's",
    "xoxb-123456789012-abc": "a token like Slack's",
    "-----BEGIN RSA PRIVATE KEY-----": "a private key",
}


@pytest.mark.parametrize(("key", "kind"), KEYS.items())
def test_key_is_found_by_its_shape_and_not_shown(key: str, kind: str) -> None:
    text = f"use {key}, please, or {key}"

    assert list(keys_in(text)) == [kind]
    assert redacted(text) == "use [redacted], please, or [redacted]"


@pytest.mark.parametrize(
    "text", ["", "a task-management-with-long-words-2", "sk-short", "sk-only-words-and-no-number"]
)
def test_other_texts_hold_none(text: str) -> None:
    assert list(keys_in(text)) == []
    assert redacted(text) == text


def test_sender_s_own_key_is_found_whatever_its_shape() -> None:
    own = "0123456789abcdef"

    assert list(keys_in(f"the key {own}", own)) == ["the request's own API key"]
    assert redacted(f"the key {own}", own) == "the key [redacted]"


def test_sender_s_own_key_is_found_once() -> None:
    own = next(iter(KEYS))

    assert list(keys_in(own, own)) == ["the request's own API key"]


def test_short_key_such_as_a_word_is_no_secret() -> None:
    assert list(keys_in("this is a test", "test")) == []
