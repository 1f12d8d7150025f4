"""The packets of chosen connections, against what tshark takes for the same connections."""

from __future__ import annotations

import io
import shutil
import struct
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import SHARED

from tlswire import cli
from tlswire.decode import scan
from tlswire.sources.capture import Packet, open_capture
from tlswire.sources.excerpt import Excerpt

#: Captures with several conversations, tunnels, fragments, cut packets, ports used again.
MIXED = sorted(
    path
    for name in ("*frag*", "*vlan*", "*gre*", "*geneve*", "*ipv6*", "*proxy*", "*chrome*")
    for path in (SHARED / "corpus").glob(f"*/{name}.pcap*")
    if path.suffix in (".pcap", ".pcapng")
)


def excerpt_of(path: Path, numbers: Iterable[int]) -> list[Packet]:
    excerpt, out, found = Excerpt(), io.BytesIO(), scan(path)
    for seen in found.seen:
        excerpt.saw(seen.flow)
        if seen.flow.number in numbers:
            excerpt.take(seen.flow, f"number {seen.flow.number}", None)
    count = excerpt.write(open_capture(path).packets(), found.secrets, out)
    packets = list(open_capture(io.BytesIO(out.getvalue())))
    assert count == len(packets)
    return packets


def frames_by_tshark(path: Path) -> dict[int, set[int]]:
    words = ["tshark", "-n", "-r", str(path), "-Y", "tcp && !icmp && !icmpv6", "-T", "fields"]
    done = subprocess.run(
        [*words, "-e", "frame.number", "-e", "tcp.stream"], capture_output=True, text=True
    )
    streams: dict[int, set[int]] = {}
    for line in done.stdout.splitlines():
        frame, _, stream = line.partition("\t")
        if stream.isdigit():
            streams.setdefault(int(stream), set()).add(int(frame))
    return streams


@pytest.mark.skipif(not shutil.which("tshark"), reason="tshark is not installed")
def test_packets_are_those_that_tshark_gives_the_same_number() -> None:
    if not MIXED:
        pytest.skip("no corpus: set TLSWIRE_SHARED")
    compared = 0
    for path in MIXED:
        packets = {p.number: p.data for p in open_capture(path)}
        wanted = {n: frames for n, frames in frames_by_tshark(path).items() if n % 3 == 0}
        ours = excerpt_of(path, wanted)
        theirs = [packets[frame] for frame in sorted(set().union(*wanted.values()))]
        assert {p.data for p in ours} >= set(theirs), path
        compared += len(theirs)
    assert compared > 100


def test_times_lengths_and_link_types_stay(captures: Path) -> None:
    path = captures / "ok-tls12-openssl.pcapng"
    ours, theirs = excerpt_of(path, {0}), list(open_capture(path))
    assert [(p.data, p.length, p.link) for p in ours] == [
        (p.data, p.length, p.link) for p in theirs
    ]
    assert max(abs(a.at - b.at) for a, b in zip(ours, theirs, strict=True)) < 1e-6


def test_what_was_not_chosen_is_not_written(captures: Path) -> None:
    assert excerpt_of(captures / "ok-tls12-openssl.pcapng", {7}) == []


def test_fragments_are_written_with_their_datagram() -> None:
    def ip(place: int, data: bytes, identification: int = 7) -> bytes:
        head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(data), identification, place, 64, 6, 0)
        return head + bytes((192, 0, 2, 1)) + bytes((192, 0, 2, 2)) + data

    tcp = struct.pack(">HHIIBBHHH", 5000, 443, 1, 0, 0x50, 0x10, 999, 0, 0) + bytes(20)
    rows = [ip(0x2000, tcp[:24]), ip(0, tcp, 8), ip(3, tcp[24:])]
    body = b"".join(struct.pack("<4I", 1, 0, len(row), len(row)) + row for row in rows)
    data = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 99, 101) + body
    excerpt, out = Excerpt(), io.BytesIO()
    for seen in scan(io.BytesIO(data)).seen:
        excerpt.saw(seen.flow)
        excerpt.take(seen.flow, "", None)
    assert excerpt.write(open_capture(io.BytesIO(data)).packets(), [], out) == 3
    assert sorted(p.data for p in open_capture(io.BytesIO(out.getvalue()))) == sorted(rows)


def test_secrets_of_others_stay_behind(shared: Path) -> None:
    path = shared / "corpus" / "FoxIO-LLC+ja4" / "pcap__http2-with-cookies.pcapng"
    excerpt, out, found = Excerpt(), io.BytesIO(), scan(path)
    opened = [s for s in found.seen if any(e.protected for e in s.transcript.entries)]
    for seen in found.seen:
        excerpt.saw(seen.flow)
    hello = opened[0].transcript.client_hello
    assert hello is not None
    excerpt.take(opened[0].flow, "", hello.fields["random"])
    excerpt.write(open_capture(path).packets(), found.secrets, out)
    alone = open_capture(io.BytesIO(out.getvalue()))
    list(alone)
    assert alone.secrets
    named = {line.split()[1] for line in alone.secrets[0].splitlines()}
    assert named == {hello.fields["random"].hex().encode()}
    (again,) = scan(io.BytesIO(out.getvalue())).seen
    assert again.transcript.history == opened[0].transcript.history


def write(*args: str, **more: object) -> tuple[int, str]:
    told = CliRunner().invoke(cli.main, ["decode", *args], **more)  # type: ignore[arg-type]
    return told.exit_code, told.output


def test_the_option_writes_what_was_chosen(captures: Path, tmp_path: Path) -> None:
    path = tmp_path / "failed.pcapng"
    names = [str(captures / n) for n in ("ok-tls12-openssl.pcapng", "cert-expired.pcapng")]
    for form in ("-q", "--list", "--jsonl", "--json"):
        code, told = write(*names, "--merge", "--failed", "--write", str(path), form)
        assert (code, "10 packets of 1 connection written to" in told) == (1, True)
        (seen,) = scan(path).seen
        assert seen.ending.stopped_at == "CLIENT_KEY_EXCHANGE"
        (note,) = scan(path).notes
        assert "tlswire: connection 0, failed at CLIENT_KEY_EXCHANGE, client: certif" in note


def test_a_pipe_is_kept_and_read_again(captures: Path, tmp_path: Path) -> None:
    path, content = tmp_path / "x", (captures / "cert-expired.pcapng").read_bytes()
    assert write("-", "--list", "--write", str(path), input=content)[0] == 1
    assert len(list(open_capture(path))) == 10


def test_what_cannot_be_written_is_refused(captures: Path, tmp_path: Path) -> None:
    name = str(captures / "cert-expired.pcapng")
    assert "must not overwrite" in write(name, "--write", name)[1]
    assert "--merge makes one" in write(name, name, "--write", str(tmp_path / "x"))[1]
    assert write(name, "--write", str(tmp_path / "none" / "x"))[0] == 2
