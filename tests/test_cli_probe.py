"""`tlswire probe`: real servers, as clients that they take and clients that they refuse."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import clear_servers
import peers
import pytest
from click.testing import CliRunner, Result

from tlswire.cli import main


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["probe", *words, "--timeout", "2", "--rate", "100"])


def document(*words: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(run(*words, "--json").stdout)
    return told


def test_the_name_is_set_and_listed_and_the_handshake_completed() -> None:
    with peers.openssl_server() as where:
        told = document(str(where), "--server-name", "probed.example")
    (replay,) = told["replays"]
    exact, twin = replay["attempts"]
    assert bytes.fromhex(exact["edits"][-1]["new"]) or exact["edits"]
    assert any(e["why"].startswith("ask for probed.example") for e in exact["edits"])
    assert (twin["variant"], twin["outcome"]) == ("twin", "established")
    (hello,) = (m for m in twin["messages"] if m["type"] == "client_hello")
    names = [e["body"] for e in hello["fields"]["extensions"] if e["type"]["code"] == 0]
    assert bytes.fromhex(names[0]["server_name_list"][0]["host_name"]) == b"probed.example"
    assert replay["reproduced"] is None
    assert replay["reproduce"].startswith("tlswire probe 127.0.0.1:")


def test_an_address_is_asked_for_by_no_name() -> None:
    with peers.openssl_server() as where:
        told = document(str(where))
    (hello, *_) = told["replays"][0]["attempts"][0]["messages"]
    assert 0 not in {e["type"]["code"] for e in hello["fields"]["extensions"]}


def test_the_text_says_what_was_agreed_and_by_whom() -> None:
    with peers.nginx_server() as where:
        told = run(str(where), "--server-name", peers.NAME)
    assert told.exit_code == 0
    assert "as curl" in told.stdout
    assert "Connected  127.0.0.1" in told.stdout
    assert "Agreed     TLS 1." in told.stdout
    assert f"good for {peers.NAME}" in told.stdout
    assert "Answer     HTTP/1.1 " in told.stdout
    assert "Traceback" not in told.output


def test_a_client_that_is_too_old_is_told_why() -> None:
    with peers.openssl_server() as where:
        told = document(str(where), "--as", "openssl-tls10,openssl-3.0")
        code = run(str(where), "--as", "openssl-tls10").exit_code
    old, new = told["replays"]
    assert [c["id"] for c in old["verdict"]["causes"]] == ["version-client-too-old"]
    assert new["verdict"]["causes"] == []
    assert code == 1


def test_every_client_of_today_gets_through() -> None:
    with peers.openssl_server() as where:
        told = document(str(where), "--as", "all", "--no-experiments")
    outcomes = {
        connection["client"]: replay["attempts"][-1]["outcome"]
        for connection, replay in zip(told["connections"], told["replays"], strict=True)
    }
    refused = [r for r in told["replays"] if r["attempts"][-1]["outcome"] != "established"]
    assert len(told["replays"]) >= 20
    assert outcomes
    assert len(refused) == 1  # the one that ends at TLS 1.0


def test_a_preamble_is_spoken_first() -> None:
    with clear_servers.speaking(clear_servers.SCRIPTS["imap"]) as (where, said):
        told = run(str(where), "--starttls", "imap")
    assert said.startswith(b"a1 STARTTLS\r\n")
    assert "In clear   server: * OK" in told.stdout
    assert "Completed" in told.stdout


def test_a_proxy_header_names_the_connection_itself() -> None:
    with clear_servers.speaking(clear_servers.SCRIPTS["proxy-v1"]) as (where, said):
        run(str(where), "--proxy-protocol", "v1")
    assert said.startswith(b"PROXY TCP4 127.0.0.1 127.0.0.1 ")
    assert b"192.0.2.10" not in said


def test_nobody_listens() -> None:
    told = run(f"127.0.0.1:{peers.free_port()}", "--as", "all")
    assert told.exit_code == 4
    assert told.stdout.count("tcp-syn-rejected") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "Missing argument"),
        (("host", "--as", "netscape"), "no client is called 'netscape'"),
        (("host:0",), "is no target"),
        (("host", "--starttls", "gopher"), "no preamble is called 'gopher'"),
        (("host", "--proxy", "ftp://x"), "is no proxy"),
        (("host", "--segments", "0,5"), "write one, captured, or sizes"),
        (("host", "--server-name", "a" * 80 + "." + "b" * 300), "is not a host name"),
    ],
)
def test_wrong_use_is_one_line(words: tuple[str, ...], said: str) -> None:
    told = run(*words)
    assert told.exit_code == 2
    assert said in told.output
    assert "Traceback" not in told.output


def test_the_list_sends_nothing() -> None:
    told = run("--list")
    assert told.exit_code == 0
    assert "java-8-style" in told.stdout


def test_a_proxys_password_is_in_no_report() -> None:
    secret = b64encode(b"me:xyzzy")
    with (
        peers.openssl_server() as server,
        peers.scripted(clear_servers.http_proxy(secret)) as proxy,
    ):
        words = (str(server), "--proxy", f"http://me:xyzzy@{proxy}")
        told = run(*words)
        others = [run(*words, form).output for form in ("--json", "--markdown")]
    assert "Completed" in told.stdout
    assert "http-connect" in others[0]
    assert not any("xyzzy" in output for output in (told.output, *others))


def test_a_target_that_is_a_proxy_is_asked_for_the_name() -> None:
    turns = [*clear_servers.SCRIPTS["http-connect"]]
    with clear_servers.speaking(turns) as (where, said):
        told = run(str(where), "--http-connect", "--server-name", "inner.example")
    assert said.startswith(b"CONNECT inner.example:443 HTTP/1.1\r\n")
    assert "Completed" in told.stdout
