"""Silent audio: its length, and that its bytes are of their format."""

from __future__ import annotations

import io
import wave

import pytest

from mockllm.providers.openai.silence import duration_s, silence


@pytest.mark.parametrize(("characters", "seconds"), [(0, 0.1), (10, 0.6), (1_000_000, 10.0)])
def test_length_follows_the_transcript_within_bounds(characters: int, seconds: float) -> None:
    assert duration_s("x" * characters) == pytest.approx(seconds)


def test_raw_samples_are_zeros() -> None:
    assert silence("pcm16", 0.5) == bytes(24_000)


@pytest.mark.parametrize("audio_format", ["wav", "flac", "opus", "aac"])
def test_wave_file_can_be_read(audio_format: str) -> None:
    with wave.open(io.BytesIO(silence(audio_format, 0.5))) as file:
        layout = (file.getnchannels(), file.getsampwidth(), file.getframerate())
        samples = file.readframes(file.getnframes())

    assert layout == (1, 2, 24_000)
    assert samples == bytes(24_000)


def test_mp3_is_frames_of_24_bytes_and_24_ms() -> None:
    data = silence("mp3", 0.5)
    frames = [data[start : start + 24] for start in range(0, len(data), 24)]

    assert len(frames) == 21
    assert set(frames) == {b"\xff\xf3\x14\xc0" + bytes(20)}
