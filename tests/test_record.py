"""The packets of our own connections in a file: what it shows is what the replay saw."""

from __future__ import annotations

import subprocess
from pathlib import Path

import peers
import pytest
from test_flight import HELLO

from tlswire.decode import Scan, scan
from tlswire.flow import Endpoint
from tlswire.replay import Asked, replay
from tlswire.result import Replay
from tlswire.sources.record import Record
from tlswire.way import Way


def kept(where: Endpoint, path: Path, keylog: Path | None = None, **asked: object) -> Replay:
    record = Record(str(path), str(keylog) if keylog else None)
    recording = peers.recorded(("client", HELLO), server=where)
    (done,) = replay(
        Scan("-"),
        [recording.seen()],
        Asked(target=str(where), **asked),  # type: ignore[arg-type]
        Way(connect_timeout=2, timeout=1, record=record),
        tapes={0: recording.tape()},
        experiments=False,
    )
    record.close()
    return done


def tshark(path: Path, *fields: str, shown: str = "") -> list[list[str]]:
    command = [peers.need("tshark"), "-r", str(path), "-T", "fields"]
    command += [word for field in fields for word in ("-e", field)] + ["-Y", shown or "frame"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [line.split("\t") for line in told.splitlines()]


@pytest.mark.parametrize(
    "serve",
    [
        peers.openssl_server,
        lambda: peers.openssl_server("-no_tls1_3"),
        lambda: peers.openssl_server("-no_tls1_3", "-cipher", "PSK"),
        lambda: peers.scripted(peers.resets),
        lambda: peers.scripted(peers.closes),
        lambda: peers.scripted(peers.answers(b"HTTP/1.1 400 Bad Request\r\n\r\n")),
    ],
    ids=["tls13", "tls12", "alert", "rst", "fin", "not-tls"],
)
def test_decoding_the_file_tells_what_the_replay_told(serve: object, tmp_path: Path) -> None:
    path = tmp_path / "own.pcapng"
    with serve() as where:  # type: ignore[operator]
        done = kept(where, path)
    decoded = scan(path).seen
    assert len(decoded) == len(done.attempts)
    for seen, attempt in zip(decoded, done.attempts, strict=True):
        assert seen.ending.stopped_at == attempt.stopped_at
        assert seen.ending.outcome == attempt.outcome
        if attempt.ended_by is not None:
            assert (seen.ending.side, seen.ending.how) == (
                attempt.ended_by.side,
                attempt.ended_by.how,
            )


def test_tshark_reads_it_and_finds_every_checksum_right(tmp_path: Path) -> None:
    path, log = tmp_path / "own.pcapng", tmp_path / "keys.log"
    with peers.openssl_server() as where:
        done = kept(where, path, log)
    assert [a.outcome for a in done.attempts] == ["incomplete", "established"]
    command = [peers.need("tshark"), "-r", str(path), "-o", "tcp.check_checksum:TRUE"]
    command += [
        "-o",
        "ip.check_checksum:TRUE",
        "-Y",
        "tcp.checksum.status == 0 || ip.checksum.status == 0",
    ]
    assert subprocess.run(command, capture_output=True, check=True).stdout == b""
    assert len(tshark(path, "frame.number", shown="tls.handshake.type == 1")) == 2
    # The secrets inside the file open the twin: the server's Finished is read.
    assert len(tshark(path, "frame.number", shown="tls.handshake.type == 20")) == 2
    assert tshark(path, "tcp.analysis.flags", shown="tcp.analysis.flags") == []
    labels = {line.split()[0] for line in log.read_text().splitlines()}
    assert {"CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_TRAFFIC_SECRET_0"} <= labels
    assert log.stat().st_mode & 0o077 == 0


def test_connections_from_one_port_stay_apart(tmp_path: Path) -> None:
    path = tmp_path / "own.pcapng"
    record = Record(str(path))
    recording = peers.recorded(("client", HELLO), server=Endpoint(peers.LOOPBACK, 1))
    with peers.openssl_server() as where:
        (done,) = replay(
            *(Scan("-"), [recording.seen()], Asked(target=str(where))),
            Way(timeout=2, source_port=peers.free_port(), record=record),
            tapes={0: recording.tape()},
        )
    record.close()
    decoded = scan(path).seen
    assert [seen.ending.outcome for seen in decoded] == [a.outcome for a in done.attempts]
    assert len({seen.flow.client.endpoint for seen in decoded}) == 1


def test_a_refused_connection_is_a_syn_and_a_reset(tmp_path: Path) -> None:
    path = tmp_path / "own.pcapng"
    kept(Endpoint(peers.LOOPBACK, peers.free_port()), path)
    assert [flags for (flags,) in tshark(path, "tcp.flags.str")] == [
        "··········S·",
        "·······A·R··",
    ]


def test_segments_in_the_file_are_those_that_were_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "own.pcapng"
    record = Record(str(path))
    recording = peers.recorded(("client", HELLO), server=Endpoint(peers.LOOPBACK, 1))
    with peers.openssl_server() as where:
        replay(
            *(Scan("-"), [recording.seen()], Asked(target=str(where))),
            Way(segments=(5, 100), record=record),
            tapes={0: recording.tape()},
        )
    record.close()
    sizes = [int(n) for (n,) in tshark(path, "tcp.len", shown="tcp.stream == 0 && tcp.len > 0")]
    assert sizes[:4] == [5, 100, 100, 100]


def test_ipv6(tmp_path: Path) -> None:
    path = tmp_path / "own.pcapng"
    done = kept(Endpoint("::1", peers.free_port()), path)
    if done.attempts[0].ended_by is None:
        pytest.skip("no IPv6 on loopback")
    assert [seen.flow.server.endpoint.address for seen in scan(path).seen] == ["::1"]


def test_a_file_that_cannot_be_written_is_an_error_before_anything_is_sent(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        Record(str(tmp_path / "no" / "own.pcapng"))
