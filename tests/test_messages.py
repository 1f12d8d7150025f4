"""Handshake messages joined from fragments, against hand-annotated bytes."""

from __future__ import annotations

import pytest

from tlswire.messages import LARGEST_MESSAGE, MessageReader
from tlswire.records import Record, RecordReader

DONE = bytes.fromhex("0e000000")  # ServerHelloDone, RFC 5246 section 7.4.5
FINISHED = bytes.fromhex("1400000c") + bytes(range(12))


def record(payload: bytes) -> bytes:
    return b"\x16\x03\x03" + len(payload).to_bytes(2, "big") + payload


def take(stream: bytes) -> list[tuple[int, bytes, tuple[tuple[int, int], ...]]]:
    reader, messages = RecordReader(), MessageReader()
    return [
        (m.type, m.body, m.spans)
        for r in reader.feed(stream)
        if isinstance(r, Record)
        for m in messages.feed(r)
    ]


def test_two_messages_in_one_record() -> None:
    assert take(record(DONE + FINISHED)) == [
        (14, b"", ((5, 4),)),
        (20, bytes(range(12)), ((9, 16),)),
    ]


@pytest.mark.parametrize("size", [1, 3, 5, 15])
def test_a_message_over_several_records(size: int) -> None:
    stream = b"".join(record(FINISHED[i : i + size]) for i in range(0, len(FINISHED), size))
    ((kind, body, spans),) = take(stream)
    assert (kind, body) == (20, bytes(range(12)))
    assert b"".join(stream[o : o + n] for o, n in spans) == FINISHED


def test_empty_fragments_are_nothing() -> None:
    assert len(take(record(b"") + record(DONE) + record(b""))) == 1


def test_an_oversized_message_is_cut_and_the_next_is_read() -> None:
    size = LARGEST_MESSAGE + 5000
    big = b"\x0b" + size.to_bytes(3, "big") + bytes(size)
    stream = b"".join(record(big[i : i + 16384]) for i in range(0, len(big), 16384))
    reader, messages = RecordReader(), MessageReader()
    found = [m for r in reader.feed(stream + record(DONE)) for m in messages.feed(r)]
    assert next((m.type, m.length, m.damaged) for m in found) == (11, size, True)
    assert found[-1].type == 14
    assert messages.pending == 0


def test_a_million_fragments_of_one_byte_take_linear_time() -> None:
    messages = MessageReader()
    for index in range(200_000):
        messages.feed(Record(22, 0x0303, index * 6, b"\x0b", 1))
    assert messages.pending < LARGEST_MESSAGE
