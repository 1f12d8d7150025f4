"""Bytes written down as text, by the programs that write them where they are installed."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tlswire.decode import Seen, scan
from tlswire.errors import CaptureError
from tlswire.sources.capture import open_capture

#: What openssl 3 prints with -msg and -debug, and FortiGate's `diagnose sniffer packet any '' 6`.
MSG = """CONNECTED(00000003)
>>> TLS 1.0, RecordHeader [length 0005]
    16 03 01 00 {size}
>>> TLS 1.3, Handshake [length 00{size}], ClientHello
{rows}
<<< TLS 1.2, RecordHeader [length 0005]
    15 03 03 00 02
<<< TLS 1.2, Alert [length 0002], fatal handshake_failure
    02 28
"""
DEBUG = """write to 0x5632e63d8df0 [0x5632e63f1690] (206 bytes => 206 (0xCE))
{rows}
read from 0x5632e63d8df0 [0x5632e63e8463] (5 bytes => 5 (0x5))
0000 - 15 03 03 00 02                                    .....
read from 0x5632e63d8df0 [0x5632e63e8468] (2 bytes => 2 (0x2))
0000 - 02 28                                             .(
    TLS session ticket:
    0000 - 8d cf 11 22 33 44 55 66-77 88 99 aa bb cc dd ee   ................
"""


@pytest.fixture(scope="module")
def hello(captures: Path) -> bytes:
    (seen,) = scan(captures / "cipher-no-overlap.pcapng").seen
    entry = seen.transcript.client_hello
    assert entry is not None
    message = b"\x01" + entry.length.to_bytes(3) + entry.body
    return b"\x16\x03\x01" + len(message).to_bytes(2) + message


def read(tmp_path: Path, text: str) -> Seen:
    path = tmp_path / "dump.txt"
    path.write_text(text)
    (seen,) = scan(path).seen
    return seen


def rows(data: bytes, form: str, width: int = 16) -> str:
    return "\n".join(
        form.format(at, data[at : at + width].hex(" ")) for at in range(0, len(data), width)
    )


FORMS: dict[str, Callable[[bytes], str]] = {
    "stream": lambda b: b.hex(),
    "message alone": lambda b: b[5:].hex(" "),
    "colons": lambda b: b.hex(":") + "\n",
    "array": lambda b: "char peer0_0[] = { /* 4 */\n" + ", ".join(f"0x{x:02x}" for x in b) + " };",
    "escapes": lambda b: '"' + "".join(f"\\x{x:02x}" for x in b) + '"',
    "wireshark": lambda b: rows(b, "{:04x}   {}   .be.ad.fa.ce"),
    "hexdump": lambda b: rows(b, "{:08x}  {}  |dead beef|"),
    "words": lambda b: rows(b, "\t0x{:04x}:  {}  ab.cd."),
    "carriage returns": lambda b: rows(b, "{:06x} {}").replace("\n", "\r\n"),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_hello_is_read_from_every_form(tmp_path: Path, hello: bytes, form: str) -> None:
    seen = read(tmp_path, FORMS[form](hello))
    entry = seen.transcript.client_hello
    assert entry is not None
    assert entry.body == hello[9:]
    assert seen.offer is not None
    assert seen.offer.server_name == "partner.example.com"
    assert seen.ending.how == "capture_end"
    assert not seen.flow.client.bad_checksums


def test_what_openssl_prints_is_a_conversation(tmp_path: Path, hello: bytes) -> None:
    indented = "\n".join("    " + line for line in rows(hello[5:], "{1}").splitlines())
    told = read(tmp_path, MSG.format(size=f"{len(hello) - 5:02x}", rows=indented))
    assert (told.transcript.history, told.ending.side) == ("Cl", "server")
    debugged = read(tmp_path, DEBUG.format(rows=rows(hello, "{:04x} - {}   ....")))
    assert (debugged.transcript.history, debugged.ending.side) == ("Cl", "server")


def test_text_that_is_no_dump_is_refused(tmp_path: Path) -> None:
    for text in ("a letter to you\n", "deadbeef\n", "160301\n", "0" * 99_999):
        path = tmp_path / "letter"
        path.write_text(text)
        with pytest.raises(CaptureError, match="not a packet capture"):
            open_capture(path)


@pytest.mark.parametrize(
    "command",
    [
        ("tshark", "-x", "-r"),
        ("tcpdump", "-X", "-n", "-r"),
        ("tcpdump", "-XX", "-n", "-r"),
        ("tcpdump", "-x", "-n", "-r"),
    ],
    ids=" ".join,
)
def test_dumps_of_packets_are_the_packets(
    tmp_path: Path, captures: Path, command: tuple[str, ...]
) -> None:
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not installed")
    path = captures / "cipher-no-overlap.pcapng"
    done = subprocess.run([*command, str(path)], capture_output=True, check=True)
    (whole,) = scan(path).seen
    seen = read(tmp_path, done.stdout.decode("utf-8", "replace"))
    assert seen.transcript.history == whole.transcript.history
    assert seen.flow.server.endpoint == whole.flow.server.endpoint


@pytest.mark.parametrize("size", [0, 1, 3, 40, 4000])
def test_hostile_text_is_no_exception(tmp_path: Path, size: int) -> None:
    for text in (">>> TLS, Handshake [length 0]" * size, "0000 16 03\n" * size, "peer0[] =" * size):
        path = tmp_path / "text"
        path.write_text("16 03\n" + text)
        try:
            scan(path)
        except CaptureError:
            continue
