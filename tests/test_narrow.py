"""Single faults and pairs planted before a real server: narrow names exactly what was planted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache

import faults
import peers
import pytest
from click.testing import CliRunner
from conftest import ROOT
from faults import GREASE, Fault, Heard, Refusal, alert, box, close, reset, stall

from tlswire import variants
from tlswire.cli import main
from tlswire.decode import scan
from tlswire.flow import Endpoint
from tlswire.narrow import good_from, narrow
from tlswire.replay import Plan, plan
from tlswire.result import Change, Narrowing

#: A single cause costs fewer connections than this.
FEW = 20


@cache
def planned(capture: str) -> Plan:
    found = scan(str(ROOT / "captures" / f"{capture}.pcapng"))
    return plan(found, [s for s in found.seen if s.transcript.client_hello is not None][:1])[0]


def to(where: Endpoint, capture: str, *cuts: int, records: int = 0) -> Plan:
    """The capture's hello to another server, cut into records and segments if so wished."""
    made = planned(capture)._replace(target=where)
    hello = variants.open_hello(made.flight)
    assert hello is not None
    cut = variants.edited(made.flight, variants.records(hello, records))
    flight = cut.flight if cut is not None else made.flight
    apart = variants.segments(flight, cuts)
    return made._replace(flight=apart.flight if apart is not None else flight)


def named(changes: tuple[Change, ...]) -> set[str]:
    return {f"{c.field}:{c.member}" if c.member else c.field for c in changes}


@pytest.fixture(scope="module")
def server() -> Iterator[Endpoint]:
    with peers.openssl_server() as where:
        yield where


def sni_not_first(heard: Heard) -> bool:
    types = [number for number in heard.types if number not in GREASE]
    return 0 in types and types[0] != 0


CHROME, CURL, GNUTLS = "ok-chromium", "ok-curl", "ok-gnutls"
SINGLE: dict[str, tuple[str, Fault, Refusal, tuple[int, ...], int]] = {
    "size/1500": (CHROME, faults.larger_than(1500), alert, (), 0),
    "size/1460": (CHROME, faults.larger_than(1460), reset, (), 0),
    "size/600": (CHROME, faults.larger_than(600), close, (), 0),
    "size/256-511": (GNUTLS, faults.ambiguous_size, close, (), 0),
    "segments:first segment": (CURL, faults.tiny_first_segment, reset, (5,), 0),
    "segments/mss": (CHROME, faults.reads_once, reset, (), 0),
    "segments/cut": (CURL, faults.reads_once, alert, (100,), 0),
    "segments/tiny": (CURL, faults.reads_once, close, (5,), 0),
    "records": (CURL, faults.one_record_only, alert, (), 64),
    "grease": (CHROME, faults.greased, alert, (), 0),
    "extensions:session_ticket": (CHROME, faults.has_extension(35), reset, (), 0),
    "extensions:encrypted_client_hello": (CHROME, faults.has_extension(0xFE0D), alert, (), 0),
    "extensions:compress_certificate": (CHROME, faults.has_extension(27), close, (), 0),
    "extensions:encrypt_then_mac": (CURL, faults.has_extension(22), alert, (), 0),
    "extensions:extended_master_secret": (CURL, faults.has_extension(23), alert, (), 0),
    "extensions:renegotiation_info": (CURL, faults.lacks_extension(65281), alert, (), 0),
    "extensions:application_layer_protocol_negotiation": (
        *(CHROME, faults.has_extension(16), alert, (), 0),
    ),
    "extension_order:server_name": (CHROME, sni_not_first, alert, (), 0),
    "extension_order/before": (CHROME, faults.before(45, 0), alert, (), 0),
    "supported_groups:X25519MLKEM768": (CHROME, faults.has_group(4588), alert, (), 0),
    "server_name": (CHROME, faults.has_extension(0), reset, (), 0),
    "server_name:www.example.com": (CURL, faults.named(b"www.example.com"), reset, (), 0),
    "cipher_suites:TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA": (
        *(CHROME, faults.has_suite(0xC013), alert, (), 0),
    ),
    "signature_algorithms:rsa_pkcs1_sha512": (CHROME, faults.has_scheme(0x0601), alert, (), 0),
    "supported_versions:TLS 1.3": (CHROME, faults.has_version(0x0304), close, (), 0),
    "supported_versions:TLS 1.3/of four": (CURL, faults.has_version(0x0304), reset, (), 0),
    "session_id": (CHROME, faults.long_session, reset, (), 0),
}


@pytest.mark.parametrize("planted", SINGLE)
def test_a_single_fault_is_named_within_its_budget(server: Endpoint, planted: str) -> None:
    capture, fault, refusal, cuts, records = SINGLE[planted]
    with box(server, (fault, refusal)) as where:
        done = narrow(to(where, capture, *cuts, records=records))
    found = named(done.smallest_change)
    wanted = planted.partition("/")[0]
    assert len(found) == 1, found
    assert next(iter(found)).startswith(wanted)
    assert done.proved
    assert len(done.steps) < FEW
    assert {name.partition(":")[0] for name in found} <= {c.field for c in done.smallest_failing}


@pytest.mark.parametrize("capture", [CURL, GNUTLS, CHROME])
def test_what_others_need_is_named_itself(server: Endpoint, capture: str) -> None:
    """Without its shares no hello of TLS 1.3 passes: all of TLS 1.3 must go, for their sake."""
    with box(server, (faults.has_extension(51), close)) as where:
        done = narrow(to(where, capture))
    assert named(done.smallest_change) == named(done.smallest_failing) == {"extensions:key_share"}
    assert "TLS 1.2 at most" in done.smallest_change[0].text
    assert done.proved
    assert [cause.id for cause in done.verdict.causes] == ["version-intolerance"]


PAIRS: tuple[tuple[str, str, Fault, Fault], ...] = (
    ("session_ticket", "X25519MLKEM768", faults.has_extension(35), faults.has_group(4588)),
    ("grease", "size", faults.greased, faults.larger_than(1400)),
    ("server_name", "negotiation", faults.has_extension(0), faults.has_extension(16)),
    ("segments", "status_request", faults.reads_once, faults.has_extension(5)),
    ("order", "session_id", sni_not_first, faults.long_session),
    ("session_ticket", "compress", faults.has_extension(35), faults.has_extension(27)),
    ("server_name", "x25519", faults.has_extension(0), faults.has_group(29)),
    ("key_share", "compress", faults.has_extension(51), faults.has_extension(27)),
)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: "+".join(pair[:2]))
def test_both_of_two_faults_are_named(
    server: Endpoint, pair: tuple[str, str, Fault, Fault]
) -> None:
    one, other, first, second = pair
    with box(server, (first, alert), (second, reset)) as where:
        done = narrow(to(where, CHROME))
    found = named(done.smallest_change)
    assert done.proved
    assert len(found) == 2, found
    assert any(one in name for name in found)
    assert any(other in name for name in found)


def test_a_key_of_one_curve_is_found_where_a_suite_is_refused() -> None:
    """A good hello for it has another suite of its key's kind, and its key's curve."""
    fault = faults.has_suite(0xC02B)
    with peers.openssl_server(key="ECDSA") as server, box(server, (fault, close)) as where:
        done = narrow(to(where, CHROME))
    assert named(done.smallest_change) == {"cipher_suites:TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"}


def test_two_conditions_of_one_fault_are_both_named_as_what_fails(server: Endpoint) -> None:
    """Either change passes; both together are what fails."""

    def both(heard: Heard) -> bool:
        return 35 in heard.types and 27 in heard.types

    with box(server, (both, alert)) as where:
        done = narrow(to(where, CHROME))
    assert len(done.smallest_change) == 1
    failing = {"extensions:session_ticket", "extensions:compress_certificate"}
    assert named(done.smallest_failing) == failing


def test_silence_costs_no_more_than_it_must(server: Endpoint) -> None:
    """Once a hello has passed, the others are waited for no longer than it could take."""
    with box(server, (faults.has_extension(35), stall)) as where:
        done = narrow(to(where, CHROME), allowed=4)
    first, passed, *later = done.steps
    assert passed.passed
    assert first.attempt.elapsed_ms > 4000
    assert later
    assert all(step.attempt.elapsed_ms < 3000 for step in later)


def test_the_differences_to_a_good_hello_decide(server: Endpoint) -> None:
    good = good_from(planned(CURL).flight, "curl's")
    with box(server, (faults.has_group(4588), alert)) as where:
        done = narrow(to(where, CHROME), good)
    assert done.good == "curl's"
    assert named(done.smallest_change) == {"supported_groups:X25519MLKEM768"}


def test_a_good_hello_that_fails_is_no_end(server: Endpoint) -> None:
    good = good_from(planned(CURL).flight, "curl's")
    with box(server, (lambda heard: True, alert)) as where:
        done = narrow(to(where, CHROME), good)
    assert not done.smallest_change
    assert len(done.steps) == 2
    assert "does not pass either" in done.verdict.summary


def tried(done: Narrowing) -> list[tuple[str, bool]]:
    return [(step.sent, step.passed) for step in done.steps]


def test_two_runs_try_the_same(server: Endpoint) -> None:
    with box(server, (faults.greased, alert)) as where:
        one, other = narrow(to(where, CHROME)), narrow(to(where, CHROME))
    assert tried(one) == tried(other)
    assert one.edits == other.edits


def test_no_more_connections_than_allowed(server: Endpoint) -> None:
    with box(server, (faults.greased, alert)) as where:
        done = narrow(to(where, CHROME), allowed=5)
    assert len(done.steps) == 5
    assert not done.smallest_change
    assert "--connections 10" in (done.verdict.next_step or "")


def test_a_server_that_takes_nothing_is_not_blamed_on_the_hello(server: Endpoint) -> None:
    with box(server, (lambda heard: True, close)) as where:
        done = narrow(to(where, CURL))
    assert not done.smallest_change
    assert not done.verdict.causes
    assert not done.proved


def test_a_server_that_changes_its_mind_proves_nothing(server: Endpoint) -> None:
    heard: list[Heard] = []

    def at_first(now: Heard) -> bool:
        heard.append(now)
        return faults.greased(now) and len(heard) < 10

    with box(server, (at_first, alert)) as where:
        done = narrow(to(where, CHROME))
    assert not done.proved
    assert {cause.confidence for cause in done.verdict.causes} <= {"possible"}


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["narrow", *arguments])
    return result.exit_code, result.stdout


def test_the_command(server: Endpoint) -> None:
    capture = str(ROOT / "captures" / "ok-chromium.pcapng")
    with box(server, (faults.has_extension(35), alert)) as where:
        target = f"{where.address}:{where.port}"
        code, told = run(capture, "--target", target)
        assert code == 1
        assert "leave session_ticket out" in told
        code, told = run(capture, "--target", target, "--json")
        (found,) = json.loads(told)["narrowings"]
        assert code == 1
        assert found["smallest_change"][0]["member"] == "session_ticket"
        assert found["steps"][0]["attempt"]["variant"] == "exact"
        code, told = run(capture, "--target", target, "--dry-run")
        assert code == 0
        assert told.endswith("nothing was sent\n")
    code, told = run(capture, "--target", f"{server.address}:{server.port}")
    assert code == 0
    assert "from here nothing fails" in told


def test_a_target_that_is_not_there() -> None:
    capture = str(ROOT / "captures" / "ok-curl.pcapng")
    assert run(capture, "--target", f"127.0.0.1:{peers.free_port()}")[0] == 4
    assert run(capture, "--target", "no such host.invalid")[0] == 4


def test_the_good_end_may_be_a_client_of_the_library(server: Endpoint) -> None:
    capture = str(ROOT / "captures" / "ok-chromium.pcapng")
    with box(server, (faults.has_group(4588), alert)) as where:
        target = f"{where.address}:{where.port}"
        code, told = run(capture, "--target", target, "--good", "openssl-3.0")
    assert code == 1
    assert "the hello of openssl-3.0, which passes" in told
    assert "leave X25519MLKEM768 out" in told
    assert run(capture, "--target", target, "--good", "no-such-client")[0] == 2


def test_what_is_known_is_told_when_no_more_connections_may_be_made(server: Endpoint) -> None:
    capture = str(ROOT / "captures" / "ok-chromium.pcapng")
    with box(server, (faults.greased, alert)) as where:
        target = f"{where.address}:{where.port}"
        code, told = run(capture, "--target", target, "--max-connections", "4")
    assert code == 3
    assert "broken off" in told
    assert "a plain hello up to TLS 1.3" in told
