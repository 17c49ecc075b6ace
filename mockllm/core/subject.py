"""What conditions look at: a request, and what follows from it and from its session."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from mockllm.core.lazy import lazy
from mockllm.core.model import Message, Request, Text, ToolCall, ToolResult, joined_text
from mockllm.core.raw import Raw
from mockllm.core.text import normalize
from mockllm.core.tokens import input_tokens

START = "start"
"""The state of a session before any `goto`."""

MATCH_LIMIT_BYTES = 256 * 1024
_SYSTEM_ROLES = ("system", "developer", "instructions")


class Subject:
    """One request as rules see it. Everything is worked out when it is first asked for.

    `state` is the session's; `match_limit` is how much of a prompt's end is looked at, in
    characters.
    """

    def __init__(
        self,
        request: Request,
        raw: Raw,
        session: str = "default",
        state: str = START,
        match_limit: int = MATCH_LIMIT_BYTES,
    ) -> None:
        self.request = request
        self.raw = raw
        self.session = session
        self.state = state
        self._match_limit = match_limit

    @lazy
    def prompts(self) -> tuple[str, ...]:
        """The texts that may match, best first; () when no user message has text.

        They come from the newest user message with text: its text parts joined by a newline,
        then the last part alone, since clients put context first. Where nobody is a user, the
        newest system or developer message stands for it.
        """
        found = self._prompt_message
        if found is None:
            return ()
        texts = [part.text for part in self.request.messages[found].parts if isinstance(part, Text)]
        candidates = (texts[0],) if len(texts) == 1 else ("\n".join(texts), texts[-1])
        return tuple(text[-self._match_limit :] for text in candidates)

    @lazy
    def _normalized(self) -> dict[str, str]:
        return {text: normalize(text) for text in self.prompts}

    def normalized(self, text: str) -> str:
        """Return a text normalized; a prompt, which many rules may look at, is so once."""
        return self._normalized.get(text) or normalize(text)

    @lazy
    def is_cut(self) -> bool:
        """Whether the prompt is longer than what is looked at."""
        found = self._prompt_message
        if found is None or len(self.prompts[0]) < self._match_limit:
            return False
        return len(joined_text(self.request.messages[found].parts)) > self._match_limit

    @lazy
    def _prompt_message(self) -> int | None:
        messages = self.request.messages
        found = _newest(messages, _is_prompt)
        if found is None and all(message.role != "user" for message in messages):
            return _newest(messages, _stands_for_prompt)
        return found

    @lazy
    def turn(self) -> int:
        """Which user prompt this is, from 1; 0 when there is none."""
        return sum(map(_is_prompt, self.request.messages))

    @lazy
    def step(self) -> int:
        """1 plus the assistant messages since the prompt: which step of an agent's loop this is."""
        return 1 + sum(message.role == "assistant" for message in self._since_prompt)

    @lazy
    def called_names(self) -> frozenset[str]:
        """The names of the tools that have been called since the prompt."""
        parts = (part for message in self._since_prompt for part in message.parts)
        return frozenset(part.name for part in parts if isinstance(part, ToolCall))

    @property
    def _since_prompt(self) -> tuple[Message, ...]:
        return self.request.messages[(self._prompt_message or 0) :]

    @lazy
    def input_tokens(self) -> int:
        """How many tokens the request has, its tools included."""
        return input_tokens(self.request)

    @lazy
    def system(self) -> tuple[str, ...]:
        """The texts of the system and developer messages and of the instructions."""
        return tuple(
            joined_text(message.parts)
            for message in self.request.messages
            if message.role in _SYSTEM_ROLES
        )

    @lazy
    def texts(self) -> tuple[str, ...]:
        """The text of every message."""
        return tuple(
            "\n".join(filter(None, (joined_text(message.parts), _results_text(message))))
            for message in self.request.messages
        )

    @lazy
    def new_results(self) -> tuple[ToolResult, ...]:
        """The tool results since the last assistant message."""
        found: list[ToolResult] = []
        for message in reversed(self.request.messages):
            if message.role == "assistant":
                break
            found += [part for part in message.parts if isinstance(part, ToolResult)]
        return tuple(found)

    @lazy
    def new_result_texts(self) -> tuple[str, ...]:
        """The texts of the tool results since the last assistant message, with what stands beside
        them."""
        texts = []
        for message in reversed(self.request.messages):
            if message.role == "assistant":
                break
            if any(isinstance(part, ToolResult) for part in message.parts):
                said = (_results_text(message), joined_text(message.parts))
                texts.append("\n".join(filter(None, said)))
        return tuple(texts)

    @lazy
    def new_result_names(self) -> tuple[str, ...]:
        """The names of the tools whose results have just come."""
        names = {
            part.id: part.name
            for message in self.request.messages
            for part in message.parts
            if isinstance(part, ToolCall)
        }
        return tuple(names.get(result.call_id, "") for result in self.new_results)

    @lazy
    def newest_is_result(self) -> bool:
        """Whether the newest message brings a tool's result, so that a loop may be under way."""
        messages = self.request.messages
        return bool(messages) and messages[-1].role == "tool"

    @lazy
    def body(self) -> Mapping[str, Any]:
        """The body as it was sent, for conditions on parameters nobody else reads."""
        found = msgspec.json.decode(self.raw.body)
        return found if isinstance(found, dict) else {}


def _results_text(message: Message) -> str:
    return "\n".join(
        joined_text(part.parts) for part in message.parts if isinstance(part, ToolResult)
    )


def _newest(messages: Sequence[Message], is_prompt: Callable[[Message], bool]) -> int | None:
    for position in range(len(messages) - 1, -1, -1):
        if is_prompt(messages[position]):
            return position
    return None


def _stands_for_prompt(message: Message) -> bool:
    """Whether a message can be the prompt of a request without a user."""
    has_text = any(isinstance(part, Text) for part in message.parts)
    return has_text and message.role in _SYSTEM_ROLES


def _is_prompt(message: Message) -> bool:
    """Whether a message is a user's prompt. Text beside a tool result belongs to the result."""
    if message.role != "user":
        return False
    has_text = False
    for part in message.parts:
        if isinstance(part, ToolResult):
            return False
        has_text = has_text or isinstance(part, Text)
    return has_text
