"""What embeddings and completions take: a text, several, tokens, or several arrays of tokens.

Source: openai-python 3.54 (`types/embedding_create_params.py`, `completion_create_params.py`),
read 2026-11-22. Departure: there is no tokenizer here, so the text of tokens is their ids.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct

from mockllm.core.model import Part, Text
from mockllm.errors import InvalidRequest, Unfit
from mockllm.providers.openai import dialect
from mockllm.wire.typed import Path

MAX_TOKENS_EACH = 8_192
"""In one array of tokens; longer ones are refused, as the API's models cannot take them."""

Token = Annotated[int, Meta(ge=0)]
Inputs = str | list[str | Token | list[Token]]

_KINDS = {str: "str", int: "int", list: "array"}


class Given(Struct, frozen=True):
    """The inputs, each with its parts. `tokens` counts those of each where the client sends
    tokens, () where texts leave it to be estimated."""

    parts: tuple[tuple[Part, ...], ...]
    tokens: tuple[int, ...] = ()


def given(sent: Inputs, name: str, most: int) -> Given:
    """Return what the member `name` of a request gives.

    Raises:
        RequestError: an array is empty, too long, or of more than one type.
    """
    if isinstance(sent, str):
        return Given(((Text(sent),),))
    if not sent:
        raise InvalidRequest("empty", (name,), "array")
    numbers = [each for each in sent if isinstance(each, int)]
    if len(numbers) == len(sent):
        return _of_tokens((numbers,), ((name,),))
    if len(sent) > most:
        raise too_long((name,), most, len(sent))
    texts = [each for each in sent if isinstance(each, str)]
    if len(texts) == len(sent):
        return Given(tuple((Text(each),) for each in texts))
    arrays = [each for each in sent if isinstance(each, list)]
    if len(arrays) == len(sent):
        return _of_tokens(arrays, [(name, index) for index in range(len(arrays))])
    raise mixed([_KINDS[type(each)] for each in sent], name)


def _of_tokens(arrays: Sequence[list[int]], paths: Sequence[Path]) -> Given:
    for array, path in zip(arrays, paths, strict=True):
        if not array:
            raise InvalidRequest("empty", path, "array")
        if len(array) > MAX_TOKENS_EACH:
            raise too_long(path, MAX_TOKENS_EACH, len(array))
    texts = tuple((Text(" ".join(map(str, array))),) for array in arrays)
    return Given(texts, tuple(map(len, arrays)))


def too_long(path: Path, most: int, length: int) -> Unfit:
    """Return the error of an array of more than `most` items."""
    param = dialect.param_of(path)
    message = (
        f"Invalid '{param}': array too long. Expected an array with maximum length {most}, but got"
        f" an array with length {length} instead."
    )
    return Unfit(message, param, "array_above_max_length")


def mixed(kinds: Sequence[str], name: str) -> InvalidRequest:
    """Return the error of an array of more than one type, of which the first is expected."""
    index = next(index for index, kind in enumerate(kinds) if kind != kinds[0])
    return InvalidRequest("type", (name, index), kinds[0], kinds[index])
