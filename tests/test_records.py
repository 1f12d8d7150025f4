"""Framing against hand-annotated bytes: joined, cut, oversized, SSL 2.0, not TLS."""

from __future__ import annotations

import pytest

from tlswire.records import SSL2, Foreign, Record, RecordReader, may_begin_record, may_begin_ssl2

# RFC 8446 section 5.1: type, legacy_record_version, length, fragment
ALERT = bytes.fromhex("15 0303 0002 0228")
CCS = bytes.fromhex("14 0303 0001 01")
EMPTY = bytes.fromhex("17 0303 0000")
# RFC 6101 appendix E.1: length with the top bit, CLIENT-HELLO, version 0.2, one cipher, challenge
SSL2_HELLO = bytes.fromhex("801c 01 0002 0003 0000 0010 010080") + bytes(16)


def take(data: bytes, size: int) -> list[Record | Foreign]:
    reader = RecordReader()
    return [f for i in range(0, len(data), size) for f in reader.feed(data[i : i + size])]


@pytest.mark.parametrize("size", [1, 2, 5, 1000])
def test_records_in_any_pieces(size: int) -> None:
    found = take(ALERT + CCS + EMPTY, size)
    assert [(r.type, r.version, r.offset, r.payload) for r in found] == [
        (21, 0x0303, 0, b"\x02\x28"),
        (20, 0x0303, 7, b"\x01"),
        (23, 0x0303, 13, b""),
    ]


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_an_ssl2_hello_is_one_record(size: int) -> None:
    (record,) = take(SSL2_HELLO, size)
    assert (record.type, record.version, record.length) == (SSL2, 2, 28)
    assert record.payload == SSL2_HELLO[2:]
    assert record.end == len(SSL2_HELLO)


def test_what_follows_a_foreign_byte_is_foreign() -> None:
    found = take(ALERT + b"HTTP/1.1 400", 1)
    assert isinstance(found[0], Record)
    assert b"".join(f.data for f in found[1:]) == b"HTTP/1.1 400"
    assert found[1].offset == len(ALERT)


def test_an_unfinished_record_is_pending() -> None:
    reader = RecordReader()
    assert reader.feed(ALERT[:-1]) == []
    assert reader.pending == 6
    assert reader.unfinished is not None
    assert reader.unfinished.payload == b"\x02"


def test_a_hole_inside_a_record_keeps_the_framing() -> None:
    reader = RecordReader()
    record = bytes.fromhex("17 0303 0064") + bytes(100)
    assert reader.feed(record[:20]) == []
    reader.skip(50)
    (found, after) = reader.feed(record[70:] + ALERT)
    assert (found.length, len(found.payload), found.missing) == (100, 50, 50)
    assert (after.offset, after.payload) == (105, b"\x02\x28")


def test_a_hole_over_a_boundary_waits_for_the_next_header() -> None:
    reader = RecordReader()
    reader.feed(ALERT[:3])
    reader.skip(500)
    assert reader.feed(b"\x99\x98\x97") == []
    (found,) = reader.feed(ALERT)
    assert found.offset == 3 + 500 + 3


def test_midway_bytes_are_not_called_foreign() -> None:
    reader = RecordReader(midway=True)
    assert reader.feed(b"garbage") == []
    assert [r.type for r in reader.feed(CCS)] == [20]


@pytest.mark.parametrize("head", ["", "16", "1603", "160301", "150304", "1403031234"])
def test_may_begin_record(head: str) -> None:
    assert may_begin_record(bytes.fromhex(head))


@pytest.mark.parametrize("head", ["47", "1602", "160305", "00", "ff"])
def test_may_not_begin_record(head: str) -> None:
    assert not may_begin_record(bytes.fromhex(head))


@pytest.mark.parametrize(("head", "answer"), [("80", True), ("802e0103", True), ("802e02", False)])
def test_may_begin_ssl2(head: str, answer: bool) -> None:
    assert may_begin_ssl2(bytes.fromhex(head)) is answer
