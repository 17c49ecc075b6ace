"""Reading embedding requests, and packing vectors."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from msgspec import structs

from mockllm.core.draws import Draws
from mockllm.core.exchange import Exchange
from mockllm.core.model import Request, Text, Usage, VectorReply
from mockllm.errors import RequestError
from mockllm.providers.openai import embeddings
from tests.core.builders import raw


def parsed(**members: Any) -> Request:
    return embeddings.parse(raw(body={"model": "m", "input": "hi", **members}))


def refusal(**members: Any) -> dict[str, Any]:
    """Return the error that the request gets."""
    with pytest.raises(RequestError) as caught:
        parsed(**members)
    exchange = Exchange("x", 0.0, 0.0, 1, raw(), Draws(b"k"))
    whole = embeddings.render_error(caught.value, exchange)
    assert whole.status == 400
    error: dict[str, Any] = msgspec.json.decode(whole.body)["error"]
    return error


def rendered(*vectors: tuple[float, ...], encoding_format: str) -> list[Any]:
    request = parsed(input=["a"] * len(vectors), encoding_format=encoding_format)
    replies = tuple(VectorReply(each, Usage(2)) for each in vectors)
    exchange = Exchange("x", 0.0, 0.0, 1, raw(), Draws(b"k"), request=request, replies=replies)
    body = msgspec.json.decode(embeddings.render(exchange))
    assert body["usage"] == {"prompt_tokens": 2 * len(vectors), "total_tokens": 2 * len(vectors)}
    return [each["embedding"] for each in body["data"]]


def test_request_is_read() -> None:
    request = parsed(input=[[1, 2], [3]], dimensions=8, user="u", new={"a": 1})

    assert structs.replace(request, wire=None) == Request(
        "embedding",
        "openai",
        "m",
        inputs=((Text("1 2"),), (Text("3"),)),
        input_tokens=(2, 1),
        dimensions=8,
    )


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"input": ""}, "It cannot be an empty string."),
        ({"input": []}, "It cannot be an empty array."),
        ({"input": ["a", ""]}, "It cannot be an empty string, as input[1] is."),
        ({"input": [[]]}, "Invalid 'input[0]': empty array."),
        ({"input": None}, "Invalid type for 'input'"),
        (
            {"input": ["a"] * 2_049},
            "Invalid 'input': array too long. Expected an array with maximum length 2048, but got"
            " an array with length 2049 instead.",
        ),
        ({"dimensions": 0}, "integer below minimum value. Expected a value >= 1"),
        ({"dimensions": 4_097}, "integer above maximum value. Expected a value <= 4096"),
        ({"dimensions": 1.5}, "Invalid type for 'dimensions'"),
        (
            {"encoding_format": "hex"},
            "Invalid value: 'hex'. Supported values are: 'float' and 'base64'.",
        ),
        ({"input": [-1]}, "integer below minimum value"),
    ],
)
def test_what_it_does_not_take_is_refused_in_openais_words(
    members: dict[str, Any], message: str
) -> None:
    error = refusal(**members)

    assert message in error["message"]
    assert error["type"] == "invalid_request_error"


def test_as_many_and_as_long_vectors_as_the_models_make_are_allowed() -> None:
    request = parsed(model="text-embedding-3-large", input=["a"] * 2_048)

    assert (len(request.inputs), request.dimensions) == (2_048, 3_072)


def test_more_numbers_than_that_are_refused() -> None:
    error = refusal(input=["a"] * 1_537, dimensions=4_096)

    assert "maximum length 1536" in error["message"]


@pytest.mark.parametrize("sent", [["word " * 1_000] * 301, [[7] * 8_000] * 38])
def test_more_tokens_than_the_api_takes_are_refused(sent: Any) -> None:
    assert "max 300000 tokens per request" in refusal(input=sent)["message"]


def test_as_many_tokens_as_the_api_takes_are_allowed() -> None:
    assert sum(parsed(input=[[7] * 7_500] * 40).input_tokens) == 300_000


def test_numbers_are_sent_as_they_are() -> None:
    assert rendered((0.1, -1.0), (2.5,), encoding_format="float") == [[0.1, -1.0], [2.5]]


def test_base64_holds_little_endian_floats_of_32_bits() -> None:
    assert rendered((1.0, -2.0), encoding_format="base64") == ["AACAPwAAAMA="]


def test_number_too_large_for_32_bits_is_infinite() -> None:
    assert rendered((1e300,), encoding_format="base64") == ["AACAfw=="]
