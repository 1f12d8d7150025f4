"""A capture cut at every byte tells everything up to the cut, and that it is cut."""

from __future__ import annotations

import gzip
import io
import random
from pathlib import Path

import pytest
from wire_words import pcap_bytes

from tlswire.decode import Scan, scan
from tlswire.errors import CaptureError
from tlswire.sources.capture import open_capture

#: What must be there before anything can be told: the head of a pcap, the magic of a pcapng.
HEAD = {"pcap": 24, "pcapng": 4}


def whole(captures: Path, form: str) -> bytes:
    path = captures / "http-to-tls-port.pcapng"
    if form == "pcapng":
        return path.read_bytes()
    return pcap_bytes([packet.data for packet in open_capture(path)])


def told(found: Scan) -> list[tuple[str, int]]:
    return [(e.what, e.frame) for s in found.seen for e in s.transcript.entries]


@pytest.mark.parametrize("form", ["pcap", "pcapng"])
def test_every_cut_tells_what_is_before_it(captures: Path, form: str) -> None:
    data = whole(captures, form)
    everything, before = scan(io.BytesIO(data)), 0
    silent = 0
    for cut in range(HEAD[form], len(data)):
        found = scan(io.BytesIO(data[:cut]))
        assert found.packets >= before, cut
        assert told(found) == told(everything)[: len(told(found))], cut
        silent += not any("cut" in note for note in found.notes)
        before = found.packets
    assert before in (everything.packets, everything.packets - 1)
    assert silent <= everything.packets + 8  # only between packets, or blocks, nothing is missing


@pytest.mark.parametrize("form", ["pcap", "pcapng"])
def test_a_compressed_capture_cut_anywhere(captures: Path, form: str) -> None:
    data = gzip.compress(whole(captures, form))
    for cut in range(len(data)):
        try:
            found = scan(io.BytesIO(data[:cut]))
        except CaptureError:
            continue
        assert any("unreadable" in note or "cut" in note for note in found.notes), cut


@pytest.mark.parametrize("form", ["pcap", "pcapng"])
def test_changed_bytes_break_nothing(captures: Path, form: str) -> None:
    data, chance = whole(captures, form), random.Random(form)
    for _ in range(300):
        bad = bytearray(data)
        for _ in range(chance.randrange(1, 6)):
            bad[chance.randrange(HEAD[form], len(bad))] = chance.randrange(256)
        try:
            scan(io.BytesIO(bytes(bad)))
        except CaptureError:
            continue
