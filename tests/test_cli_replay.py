"""`tlswire replay` and `tlswire demo` with real servers on loopback, from the file to the code."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import peers
import pytest
from click.testing import CliRunner, Result
from conftest import ROOT
from results import code, document, failed, message

from tlswire import cli
from tlswire.cli.loopback import LoopbackServer
from tlswire.reports import replays
from tlswire.reports.page import Page
from tlswire.result import Attempt, Edit, FirstDifference, Replay, Verdict

FAILED = "cipher-no-overlap.pcapng"


def run(*args: str) -> Result:
    return CliRunner().invoke(cli.main, list(args))


@pytest.fixture
def closed_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that accepts and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        kept: list[socket.socket] = []
        thread = threading.Thread(target=lambda: _accept(listener, kept), daemon=True)
        thread.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        for client in kept:
            client.close()


def _accept(listener: socket.socket, kept: list[socket.socket]) -> None:
    try:
        while True:
            kept.append(listener.accept()[0])
    except OSError:
        return


def test_demo_tells_the_story() -> None:
    told = run("demo")
    assert told.exit_code == 0, told.output
    for due in (
        "TCP connection accepted, ClientHello of",
        "Stopped at SERVER_HELLO: the server sent the alert handshake_failure (40)",
        "1 suite: TLS_DHE_RSA_WITH_AES_128_CBC_SHA",
        "TLS_ECDHE_RSA_WITH_",
        "passed: the server answers with a ServerHello",
        "proved     cipher-no-overlap",
        "Change",
        "Sent from this machine.",
    ):
        assert due in " ".join(told.output.split("\n ")).replace("    ", " ") or due in told.output


def test_demo_json_is_one_document() -> None:
    told = run("demo", "--json")
    (replay,) = json.loads(told.stdout_bytes)["replays"]
    assert replay["reproduced"] is True
    assert [a["variant"] for a in replay["attempts"]] == [
        *("exact", "suites", "suites", "exact", "suites")
    ]
    assert replay["attempts"][1]["ended_by"] is None
    assert replay["verdict"]["causes"][0]["id"] == "cipher-no-overlap"


def test_replay_to_a_server_that_refuses(captures: Path) -> None:
    with LoopbackServer("partner.example.com") as server:
        told = run("replay", str(captures / FAILED), "--target", server.target, "--no-experiments")
    assert told.exit_code == 1
    assert "replayed now" in told.output
    assert "One change at a time" not in told.output


def test_replay_of_a_hello_that_passes(captures: Path) -> None:
    with LoopbackServer("partner.example.com") as server:
        path = str(captures / "ok-tls12-openssl.pcapng")
        told = run("replay", path, "--target", server.target)
    assert told.exit_code == 0, told.output
    assert "handshake completed" in told.output


def test_unreachable_target_is_4(captures: Path, closed_port: str) -> None:
    told = run("replay", str(captures / FAILED), "--target", closed_port)
    assert told.exit_code == 4, told.output
    assert "Traceback" not in told.output


def test_silence_is_a_failure(captures: Path, silent: str) -> None:
    told = run(
        *("replay", str(captures / FAILED), "--target", silent),
        *("--timeout", "0.3", "--no-experiments"),
    )
    assert told.exit_code == 1, told.output
    assert "silence" in told.output


def test_dry_run_sends_nothing(captures: Path, closed_port: str) -> None:
    told = run("replay", str(captures / FAILED), "--target", closed_port, "--dry-run")
    assert told.exit_code == 0
    assert closed_port in told.output
    assert "nothing was sent" in told.output


@pytest.mark.parametrize("form", [("--json",), ("--markdown",), ("--html", "-")])
@pytest.mark.parametrize("command", ["replay", "narrow"])
def test_dry_run_is_text_and_says_so(captures: Path, command: str, form: tuple[str, ...]) -> None:
    told = run(command, str(captures / FAILED), "--dry-run", *form)
    assert told.exit_code == 2
    if (command, form) != ("narrow", ("--markdown",)):  # which narrow has not
        assert "--dry-run prints text only" in told.output


@pytest.mark.parametrize(
    "args",
    [
        ("--target", "host:port"),
        ("--target", "host:99999"),
        ("-c", "7"),
        ("--timeout", "0"),
    ],
)
def test_wrong_use_is_2(captures: Path, args: tuple[str, ...]) -> None:
    assert run("replay", str(captures / FAILED), *args).exit_code == 2


def test_nothing_failed_sends_nothing_unasked(captures: Path) -> None:
    told = run("replay", str(captures / "ok-resumption-tls13.pcapng"))
    assert told.exit_code == 3
    assert "no handshake failed; --all sends all 2" in told.output


def test_no_hello_to_send() -> None:
    told = run("replay", str(ROOT / "tests" / "vectors" / "no-such.pcap"))
    assert told.exit_code == 2


def test_a_client_that_spoke_http_is_proved_by_tls_that_is_answered(captures: Path) -> None:
    with peers.openssl_server() as where:
        told = run("replay", str(captures / "http-to-tls-port.pcapng"), "-t", str(where), "--json")
    assert told.exit_code == 1, told.output
    (done,) = json.loads(told.output)["replays"]
    variants = [attempt["variant"] for attempt in done["attempts"]]
    assert variants == ["own-hello", "twin", "cleartext", "own-hello", "cleartext"]
    best = done["verdict"]["causes"][0]
    assert (best["id"], best["confidence"]) == ("http-to-tls-port", "proved")


def test_a_client_whose_syn_was_refused_is_called_again(captures: Path, closed_port: str) -> None:
    told = run("replay", str(captures / "tcp-syn-rejected.pcapng"), "-t", closed_port)
    assert told.exit_code == 4
    assert "proved     tcp-syn-rejected" in told.output
    assert "with a plain" in told.output


def test_difference_and_edits_are_told() -> None:
    edits = (
        Edit(offset=50, old="", new="c02f", why="offer TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
        Edit(offset=48, old="0004", new="0006", why="length of cipher_suites"),
    )
    chosen = {
        "legacy_version": code(0x0303, "TLS 1.2"),
        "cipher_suite": code(0xC02F, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
        "extensions": [],
    }
    passed = Attempt(
        variant="suites",
        edits=edits,
        outcome="incomplete",
        stopped_at="CLIENT_KEY_EXCHANGE",
        history="Cs",
        elapsed_ms=2.0,
        messages=(message("server_hello", "server", 0, 2000.0, fields=chosen),),
    )
    exact = Attempt(
        variant="exact",
        outcome="failed",
        stopped_at="SERVER_HELLO",
        ended_by=failed().ended_by,
        history="Cl",
        elapsed_ms=1.0,
        messages=failed().messages,
    )
    replay = Replay(
        connections=(0, 3),
        target="198.51.100.20:443",
        attempts=(exact, passed),
        reproduced=False,
        first_difference=FirstDifference(message="alert", captured="alert 40", replayed="fin"),
        verdict=Verdict(summary="It was the suites."),
        notes=("stands for 2 connections",),
    )
    page = Page(100)
    shown = document(failed(0), failed(3))
    replays.render(shown, replay, page)
    told = page.plain()
    assert all(len(line) <= 100 for line in told.splitlines())
    for due in (
        "#0 #3  to 198.51.100.20:443",
        "no: the server answers the captured bytes otherwise than in the capture",
        "alert: captured alert 40, replayed fin",
        "byte 50: offer TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256; 1 length follows",
        "TLS 1.2, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 (with suites changed)",
        "note: stands for 2 connections",
    ):
        assert due in told


def test_several_replays_end_in_a_table(captures: Path) -> None:
    path = str(captures / "ok-resumption-tls13.pcapng")
    with LoopbackServer("www.example.com") as server:
        told = run("replay", path, "--all", "--target", server.target)
    assert told.exit_code in (0, 1), told.output
    if told.output.count("  to 127.0.0.1") > 1:
        assert "2 replays" in told.output


def test_quiet_is_a_line_a_replay() -> None:
    with LoopbackServer("partner.example.com") as server:
        capture = str(Path(__file__).parents[1] / "captures" / FAILED)
        told = run("replay", capture, "-t", server.target, "-q", "--no-experiments", "--no-color")
    assert told.exit_code == 1
    assert [line[:8] for line in told.output.splitlines()] == ["1 replay", "  #0  12"]


def test_a_server_that_was_reached_counts_though_no_more_is_allowed(captures: Path) -> None:
    with peers.nginx_server() as at:
        told = run(
            *("replay", str(captures / "ok-curl.pcapng"), "--target", str(at)),
            *("--max-connections", "1", "-q"),
        )
    assert told.exit_code == 0, told.output
    assert "TCP_CONNECT" not in told.output


# -- broken off --------------------------------------------------------------------------

ALERT_40 = b"\x15\x03\x03\x00\x02\x02\x28"


@pytest.mark.parametrize(
    ("allowed", "told"),
    [
        (1, "left undone, what might have shown the cause: one common cipher suite added; "),
        (2, "with one common cipher suite added the server went on, once: "),
    ],
)
def test_what_too_few_connections_left_undone_is_said(allowed: int, told: str) -> None:
    with peers.openssl_server("-no_tls1_3", "-cipher", "ECDHE+AESGCM") as where:
        capture = str(ROOT / "captures" / FAILED)
        done = run("replay", capture, "-t", str(where), "--max-connections", str(allowed))
    assert done.exit_code == 1
    assert told in " ".join(done.output.split())
    assert "proved" not in done.output.partition("One change")[2].replace("is proved", "")


@pytest.mark.parametrize("command", ["replay", "narrow"])
def test_ctrl_c_tells_what_was_found_so_far(command: str) -> None:
    """The server refuses the first hello and leaves the second unanswered."""
    asked = threading.Event()

    def serve(accepted: socket.socket) -> None:
        accepted.recv(1 << 16)
        if asked.is_set():
            started.send_signal(signal.SIGINT)
            accepted.recv(1)
        asked.set()
        accepted.sendall(ALERT_40)

    with peers.scripted(serve) as where:
        started = subprocess.Popen(
            [
                *(sys.executable, "-m", "tlswire", command, str(ROOT / "captures" / FAILED)),
                *("-t", str(where), "--timeout", "30"),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        told, beside = started.communicate(timeout=60)
    assert started.returncode == 130
    assert "server: handshake_failure (40)" in told
    assert "Ctrl-C ended the run" in told
    assert "once more leaves at once" in beside
