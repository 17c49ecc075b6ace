"""Audio without a sound: what a mock says aloud.

Sources: the RIFF/WAVE header (Microsoft, "Multimedia Programming Interface and Data
Specifications 1.0"); ISO 13818-3, layer III at low sampling frequencies. OpenAI's `pcm16` is
24 kHz, mono, little-endian.

Departure: `flac`, `opus` and `aac` hold the bytes of a WAV file, since their encoders are not worth
their weight here; players that look at the bytes play them.
"""

from __future__ import annotations

import struct

_RATE_HZ = 24_000
_SAMPLE_BYTES = 2
_S_PER_CHARACTER = 0.06
_SHORTEST_S = 0.1
_LONGEST_S = 10.0

_MP3_FRAME = bytes.fromhex("fff314c0") + bytes(20)
"""MPEG-2 layer III, 8 kbit/s, 24 kHz, mono, no CRC; side information of zeros says that no
frequency has any energy. It holds 576 samples."""

_MP3_SAMPLES = 576


def duration_s(transcript: str) -> float:
    """Return how long it takes to say a text, at most 10 s so that long texts cost no more."""
    return min(max(len(transcript) * _S_PER_CHARACTER, _SHORTEST_S), _LONGEST_S)


def silence(audio_format: str, seconds: float) -> bytes:
    """Return a file of silence in one of OpenAI's audio formats, or raw samples for `pcm16`."""
    samples = round(seconds * _RATE_HZ)
    pcm = bytes(samples * _SAMPLE_BYTES)
    match audio_format:
        case "pcm16":
            return pcm
        case "mp3":
            return _MP3_FRAME * -(-samples // _MP3_SAMPLES)
        case _:
            return _wav_header(len(pcm)) + pcm


def _wav_header(pcm_bytes: int) -> bytes:
    byte_rate = _RATE_HZ * _SAMPLE_BYTES
    layout = struct.pack("<HHIIHH", 1, 1, _RATE_HZ, byte_rate, _SAMPLE_BYTES, 8 * _SAMPLE_BYTES)
    return b"".join(
        (
            b"RIFF" + struct.pack("<I", 36 + pcm_bytes) + b"WAVE",
            b"fmt " + struct.pack("<I", len(layout)) + layout,
            b"data" + struct.pack("<I", pcm_bytes),
        )
    )
