"""What is told while a capture is read: lists, lines, several captures, Ctrl-C."""

from __future__ import annotations

import fcntl
import json
import os
import select
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path
from typing import IO

import pytest
from click.testing import CliRunner, Result

from tlswire import cli

FAILS, WORKS = "cipher-no-overlap.pcapng", "ok-tls12-openssl.pcapng"


def decode(*args: str) -> Result:
    return CliRunner().invoke(cli.main, ["decode", *args])


def test_a_list_has_one_line_a_connection_and_a_summary(captures: Path) -> None:
    told = decode("--list", str(captures / FAILS))
    line, summary = told.output.splitlines()
    for word in ("#0", "198.51.100.20:443", "partner.example.com", "TLS 1.2, 2 suites", "Cl<.>."):
        assert word in line
    assert "failed at SERVER_HELLO, server: handshake_failure (40)" in line
    assert "1 connection  1 failed" in summary
    assert told.exit_code == 1


def test_a_list_tells_what_was_chosen(captures: Path) -> None:
    told = decode("--list", str(captures / WORKS))
    assert " TLS 1.2 TLS_ECDHE_" in told.output
    assert told.exit_code == 0


def test_lines_equal_the_document(captures: Path) -> None:
    for path in sorted(captures.glob("*.pcapng")):
        document = json.loads(decode("--json", str(path)).stdout_bytes)
        *lines, last = map(json.loads, decode("--jsonl", str(path)).stdout_bytes.splitlines())
        assert lines == document["connections"]
        assert last["summary"] == document["summary"]


def test_several_captures_are_told_one_after_the_other(captures: Path) -> None:
    told = decode(str(captures / WORKS), str(captures / FAILS))
    assert told.exit_code == 1
    assert told.output.index(WORKS) < told.output.index(FAILS)
    lines = [
        json.loads(x)
        for x in decode("--jsonl", str(captures / "ok-*.pcapng")).stdout_bytes.split(b"\n")
        if x
    ]
    assert sum("summary" in line for line in lines) == len(list(captures.glob("ok-*.pcapng")))


def test_one_that_cannot_be_read_leaves_the_others(captures: Path, tmp_path: Path) -> None:
    (tmp_path / "junk").write_bytes(b"no capture")
    told = decode(str(tmp_path / "junk"), str(captures / WORKS))
    assert told.exit_code == 2
    assert "not a packet capture" in told.output
    assert "1 established" in told.output


def test_a_pattern_without_a_file(tmp_path: Path) -> None:
    told = decode(str(tmp_path / "*.pcap"))
    assert (told.exit_code, "no file is named so" in told.output) == (2, True)


def test_merged_captures_are_one(captures: Path) -> None:
    told = decode("--merge", "--json", str(captures / FAILS), str(captures / WORKS))
    document = json.loads(told.stdout_bytes)
    assert [c["id"] for c in document["connections"]] == [0, 1]
    assert document["capture"].endswith("and 1 more")


@pytest.mark.parametrize("form", ["--list", "--jsonl"])
def test_a_connection_is_told_while_the_pipe_is_open(captures: Path, form: str) -> None:
    command = [sys.executable, "-m", "tlswire", "decode", form, "-"]
    content = (captures / FAILS).read_bytes() + (captures / WORKS).read_bytes()
    late = (captures / "alpn-no-overlap.pcapng").read_bytes()
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        running.stdin.write(content + late)
        running.stdin.flush()
        ready, _, _ = select.select([running.stdout], [], [], 20)
        assert ready, "nothing was told before the pipe was closed"
        assert b"partner.example.com" in os.read(running.stdout.fileno(), 1 << 16)
        running.send_signal(signal.SIGINT)
        rest, errors = running.communicate(timeout=20)
    assert running.returncode == cli.INTERRUPTED
    assert b"stopped by the user" in rest
    assert b"Traceback" not in errors


def unread(pipe: IO[bytes]) -> int:
    """How many bytes nobody has read from a pipe yet."""
    waiting = fcntl.ioctl(pipe.fileno(), termios.FIONREAD, bytes(4))
    return int.from_bytes(waiting, sys.byteorder)


def test_ctrl_c_in_a_report_tells_what_was_found(captures: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "tlswire", "decode", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as running:
        assert running.stdin is not None
        running.stdin.write((captures / FAILS).read_bytes())
        running.stdin.flush()
        while unread(running.stdin):
            time.sleep(0.05)
        time.sleep(0.5)
        running.send_signal(signal.SIGINT)
        told, _ = running.communicate(timeout=20)
    assert running.returncode == cli.INTERRUPTED
    assert b"1 failed" in told
    assert b"stopped by the user after" in told
