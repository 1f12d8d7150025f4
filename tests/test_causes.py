"""The catalogue as a table, its pages, and the engine on conversations fed by hand.

Peers of the hand-fed ones are real: Python's `ssl` through memory BIOs says what the wire holds.
"""

from __future__ import annotations

import ast
import contextlib
import datetime as dt
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
import trustme
from hypothesis import given, settings
from hypothesis import strategies as st

from tlswire import causes
from tlswire.causes import chain, mtls_client_key_mismatch, wording
from tlswire.causes.case import Case, CauseModule
from tlswire.causes.next_step import VARIANTS
from tlswire.codes import ALERTS
from tlswire.ending import judge
from tlswire.errors import SelectionError
from tlswire.flow import OTHER, Endpoint, Flow, Side, Who
from tlswire.offer import read_offer
from tlswire.result import Verdict
from tlswire.session import Session

FOLDER = Path(causes.__file__).parent
#: Modules of the folder that are the engine and not a cause.
ENGINE = {"__init__", "case", "catalogue", "chain", "diagnosis", "next_step", "odds"} | {
    "refusals",
    "story",
    "suspects",
    "traits",
    "unseen_hello",
    "wording",
}
LABELS = ("What it is:", "Mistaken for:", "Proof:", "Sources:")
#: The time at which the conversations by hand take place: June 2025.
BEGIN = 1_750_000_000.0
each = pytest.mark.parametrize("cause", causes.CAUSES, ids=lambda c: c.ID)


# -- the table ---------------------------------------------------------------------------


def test_the_folder_is_the_table() -> None:
    files = {path.stem for path in FOLDER.glob("*.py")} - ENGINE
    assert {cause.ID.replace("-", "_") for cause in causes.CAUSES} == files
    assert len({cause.ID for cause in causes.CAUSES}) == len(causes.CAUSES)


@each
def test_a_cause_is_whole(cause: CauseModule) -> None:
    assert cause.__doc__ is not None
    assert [label for label in LABELS if label not in cause.__doc__] == []
    assert "At the client" in cause.__doc__
    assert cause.REMEDIES
    assert set(cause.SPLIT_BY) <= set(VARIANTS)
    assert not cause.SUMMARY.endswith(".")


@each
def test_a_page_has_the_remedies(cause: CauseModule) -> None:
    page = causes.page(cause.ID)
    assert page.startswith(cause.ID)
    assert all(remedy.text in page for remedy in cause.REMEDIES)


@each
def test_a_cause_file_is_small(cause: CauseModule) -> None:
    path = FOLDER / f"{cause.ID.replace('-', '_')}.py"
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno is not None
            assert node.end_lineno - node.lineno < 28, (path.name, node.name)


def test_a_healthy_capture_never_imports_the_catalogue() -> None:
    program = "import sys, tlswire.causes; print('tlswire.causes.catalogue' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert run.stdout.split() == [b"False"]


def test_an_unknown_cause_is_the_users_error() -> None:
    with pytest.raises(SelectionError, match="cipher-no-overlap"):
        causes.page("cipher")


# -- conversations by hand ---------------------------------------------------------------


CLIENT: Who = "client"
SERVER: Who = "server"
#: Who says what; a word says how the side's stream ends.
Event = tuple[Who, bytes | str]


def flow(*, accepted: bool = True) -> Flow:
    client = Side(Endpoint("192.0.2.1", 40000), packets=5, syn_frames=[1], ttl=64)
    server = Side(Endpoint("192.0.2.2", 443), packets=5 if accepted else 0, ttl=64)
    return Flow(
        number=3,
        client=client,
        server=server,
        client_by="syn",
        started=BEGIN,
        first_frame=1,
        last_at=BEGIN + 1.0,
        last_frame=9,
        accepted_at=BEGIN if accepted else None,
        opened_at=BEGIN if accepted else None,
        saw_syn=True,
    )


def diagnose(*events: tuple[Who, bytes | str], until: float = 0.5) -> Verdict:
    """Feed bytes, or the name of how a side's stream ends, a tenth of a second apart."""
    session, talk = Session(), flow()
    for number, (who, what) in enumerate(events):
        at = BEGIN + number / 10
        if isinstance(what, bytes):
            session.receive(who, what, at, number + 4)
            side = talk.side(who)
            side.sent = side.acked = side.sent + len(what)
        else:
            session.closed(who, what, at, number + 4)  # type: ignore[arg-type]
    until += BEGIN
    transcript = session.end(until)
    hello = transcript.client_hello
    offer = read_offer(hello) if hello is not None else None
    return causes.diagnose(Case(transcript, talk, judge(transcript, talk, until), offer, until))


def hello(**options: object) -> bytes:
    """Return the ClientHello that OpenSSL writes."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    for name, value in options.items():
        if name == "ciphers":
            context.set_ciphers(str(value))
        elif name == "alpn":
            context.set_alpn_protocols([str(value)])
        elif name != "server_name":
            setattr(context, name, value)
    outgoing = ssl.MemoryBIO()
    server_name = str(options["server_name"]) if "server_name" in options else None
    peer = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=server_name)
    with pytest.raises(ssl.SSLWantReadError):
        peer.do_handshake()
    return outgoing.read()


def alert(code: int, level: int = 2) -> bytes:
    return bytes((21, 3, 3, 0, 2, level, code))


def named(verdict: Verdict) -> dict[str, str]:
    return {cause.id: cause.confidence for cause in verdict.causes}


OLD = {"maximum_version": ssl.TLSVersion.TLSv1_2, "minimum_version": ssl.TLSVersion.TLSv1_2}


def test_plain_http_is_proved_by_the_request_alone() -> None:
    verdict = diagnose(("client", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"), ("server", "fin"))
    assert named(verdict) == {"http-to-tls-port": "proved"}
    assert "GET / HTTP" in verdict.causes[0].evidence[0].text


def test_plain_http_that_is_served_is_no_fault() -> None:
    verdict = diagnose(
        ("client", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"), ("server", b"HTTP/1.1 200 OK\r\n\r\n")
    )
    assert named(verdict) == {}
    assert "http-to-tls-port" in {out.id for out in verdict.ruled_out}


def test_tls_to_an_http_port() -> None:
    verdict = diagnose(("client", hello()), ("server", b"HTTP/1.1 400 Bad Request\r\n\r\n"))
    assert verdict.causes[0].id == "tls-to-http-port"
    assert verdict.causes[0].confidence == "likely"  # nginx says so of a PROXY header too


def test_a_greeting_is_no_tls() -> None:
    verdict = diagnose(
        ("server", b"SSH-2.0-OpenSSH_9.2\r\n"), ("client", hello()), ("server", "fin")
    )
    assert named(verdict)["server-speaks-first"] == "proved"


def test_version_of_an_old_client() -> None:
    verdict = diagnose(("client", hello(**OLD)), ("server", alert(70)))
    assert named(verdict) == {"version-client-too-old": "proved"}
    assert "TLS 1.2" in verdict.summary


def test_version_of_a_new_client() -> None:
    new = hello(minimum_version=ssl.TLSVersion.TLSv1_3)
    verdict = diagnose(("client", new), ("server", alert(70)))
    assert named(verdict) == {"version-server-too-old": "proved"}
    assert "version-client-too-old" in {out.id for out in verdict.ruled_out}


def test_a_bare_alert_40_is_never_one_cause() -> None:
    verdict = diagnose(("client", hello(server_name="a.test")), ("server", alert(40)))
    assert len(verdict.causes) > 1
    assert "proved" not in named(verdict).values()
    assert verdict.next_step is not None
    assert "--connection 3" in verdict.next_step


def test_a_single_suite_is_the_first_suspect() -> None:
    one = hello(ciphers="ECDHE-RSA-AES128-GCM-SHA256", **OLD)
    verdict = diagnose(("client", one), ("server", alert(40)))
    assert verdict.causes[0].id == "cipher-no-overlap"
    assert verdict.causes[0].confidence == "likely"
    assert "ECDHE-RSA-AES128-GCM-SHA256" in verdict.summary


def test_an_unknown_name_is_proved_and_escaped() -> None:
    verdict = diagnose(("client", hello(server_name="a.test")), ("server", alert(112)))
    assert named(verdict) == {"sni-unknown": "proved"}
    assert "'a.test'" in verdict.summary


def test_alpn() -> None:
    verdict = diagnose(("client", hello(alpn="weird")), ("server", alert(120)))
    assert named(verdict) == {"alpn-no-overlap": "proved"}


def test_a_syn_ack_that_nobody_heard() -> None:
    session, talk = Session(), flow()
    talk.client.packets, talk.opened_at, talk.server.syn_frames = 1, None, [2, 3, 4]
    until = BEGIN + 7.0
    transcript = session.end(until)
    verdict = causes.diagnose(Case(transcript, talk, judge(transcript, talk, until), None, until))
    assert named(verdict)["tcp-synack-lost"] == "likely"
    assert "tcp-syn-filtered" in {each.id for each in verdict.ruled_out}


@pytest.mark.parametrize("answer", [b"220 go ahead\r\n", b"454 no TLS today\r\n"])
def test_who_asked_for_tls_in_clear_found_the_right_service(answer: bytes) -> None:
    verdict = diagnose(
        ("server", b"220 mx.example ESMTP\r\n"),
        ("client", b"STARTTLS\r\n"),
        ("server", answer),
        ("client", hello()),
        ("server", "fin"),
    )
    assert "server-speaks-first" not in named(verdict)


def test_an_unanswered_syn() -> None:
    session, talk = Session(), flow(accepted=False)
    talk.client.syn_frames, talk.client.packets = [1, 2, 3], 3
    until = BEGIN + 7.0
    transcript = session.end(until)
    verdict = causes.diagnose(Case(transcript, talk, judge(transcript, talk, until), None, until))
    assert named(verdict)["tcp-syn-filtered"] == "likely"
    assert "3 SYNs" in verdict.causes[0].evidence[0].text


def test_a_cut_capture_has_no_cause_and_says_what_to_capture() -> None:
    verdict = diagnose(("client", hello()), until=0.1)
    assert verdict.causes == ()
    assert verdict.next_step is not None
    assert "Capture for longer" in verdict.next_step


@pytest.mark.parametrize(
    ("until", "told"), [(5.0, "within 5.0 s"), (8e7, "to the end of the capture")]
)
def test_a_wait_that_a_merged_capture_makes_is_not_measured(until: float, told: str) -> None:
    assert told in diagnose(("client", hello()), until=until).summary


def test_evidence_stands_in_the_capture() -> None:
    verdict = diagnose(("client", hello()), ("server", alert(40)))
    evidence = [e for cause in verdict.causes for e in cause.evidence if e.frame is not None]
    assert {(e.sender, e.frame) for e in evidence} == {("client", 4), ("server", 5)}
    assert all(e.offset is not None and e.length for e in evidence)


@pytest.mark.parametrize("text", ["a\x1b[2Jb", "a\nb", "\u202egnp", "x" * 5000])
def test_wire_text_is_escaped(text: str) -> None:
    assert wording.escape(text).isprintable()
    assert len(wording.escape(text)) < 1000


# -- real handshakes ---------------------------------------------------------------------


def handshake(server: ssl.SSLContext, client: ssl.SSLContext, name: str = "a.test") -> list[Event]:
    """Return what two real peers say to each other until neither says more."""
    heard: dict[Who, ssl.MemoryBIO] = {"client": ssl.MemoryBIO(), "server": ssl.MemoryBIO()}
    spoken: dict[Who, ssl.MemoryBIO] = {"client": ssl.MemoryBIO(), "server": ssl.MemoryBIO()}
    peers: dict[Who, ssl.SSLObject] = {
        "client": client.wrap_bio(heard["client"], spoken["client"], server_hostname=name),
        "server": server.wrap_bio(heard["server"], spoken["server"], server_side=True),
    }
    said: list[Event] = []
    for who in (CLIENT, SERVER) * 4:
        with contextlib.suppress(ssl.SSLError):
            peers[who].do_handshake()
        data = spoken[who].read()
        if data:
            said.append((who, data))
            heard[OTHER[who]].write(data)
    return said


def contexts(
    authority: trustme.CA, *, version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2, **issued: object
) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return a server with a certificate of the authority, and a client that trusts it."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("a.test", **issued).configure_cert(server)  # type: ignore[arg-type]
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority.configure_trust(client)
    client.maximum_version = client.minimum_version = version
    return server, client


def test_a_good_handshake_is_not_blamed() -> None:
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        verdict = diagnose(*handshake(*contexts(trustme.CA(), version=version)))
        assert verdict.causes == ()
        assert verdict.summary.startswith("The handshake completed")


def test_a_client_that_leaves_a_good_handshake_is_not_blamed() -> None:
    verdict = diagnose(*handshake(*contexts(trustme.CA())), ("client", "fin"))
    assert (verdict.causes, verdict.ruled_out, verdict.next_step) == ((), (), None)


def test_only_a_client_that_resets_over_an_expired_certificate_is_likely_to_have_seen_it() -> None:
    past = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    server, client = contexts(trustme.CA(), not_after=past)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    said = handshake(server, client)
    assert diagnose(*said).causes == ()
    assert named(diagnose(*said, ("client", "rst"))) == {"cert-expired": "likely"}
    orderly = diagnose(*said, ("client", "fin"))
    assert orderly.causes == ()
    assert "tlswire explain cert-expired" in (orderly.next_step or "")


def test_an_expired_certificate_is_proved() -> None:
    past = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    verdict = diagnose(*handshake(*contexts(trustme.CA(), not_after=past)))
    assert named(verdict) == {"cert-expired": "proved"}
    assert "2024-01-01" in verdict.summary


def test_an_unknown_authority_is_likely_and_expiry_is_ruled_out() -> None:
    server, client = contexts(trustme.CA())
    trustme.CA().configure_trust(server)
    stranger = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trustme.CA().configure_trust(stranger)
    stranger.maximum_version = ssl.TLSVersion.TLSv1_2
    verdict = diagnose(*handshake(server, stranger))
    assert verdict.causes[0].id in ("cert-untrusted-root", "cert-missing-intermediate")
    assert "proved" not in named(verdict).values()
    assert "cert-expired" in {out.id for out in verdict.ruled_out}
    assert client.verify_mode == ssl.CERT_REQUIRED


def test_a_wrong_name_is_likely() -> None:
    verdict = diagnose(*handshake(*contexts(trustme.CA()), name="b.test"))
    assert verdict.causes[0].id == "cert-name-mismatch"
    assert "'a.test'" in verdict.summary
    assert "'b.test'" in verdict.summary


def test_what_tls13_hides_is_never_proved() -> None:
    past = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    new = contexts(trustme.CA(), version=ssl.TLSVersion.TLSv1_3, not_after=past)
    verdict = diagnose(*handshake(*new))
    assert named(verdict)["cert-expired"] == "likely"


def test_a_missing_client_certificate() -> None:
    server, client = contexts(trustme.CA())
    server.verify_mode = ssl.CERT_REQUIRED
    trustme.CA().configure_trust(server)
    verdict = diagnose(*handshake(server, client))
    assert named(verdict) == {"mtls-client-sends-empty": "proved"}


@pytest.mark.parametrize("intact", [True, False])
def test_the_signature_of_a_client_is_verified(intact: bool) -> None:
    authority = trustme.CA()
    server, client = contexts(authority)
    server.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(server)
    authority.issue_cert("me@a.test").configure_cert(client)
    session = Session()
    for number, (who, data) in enumerate(handshake(server, client)):
        assert isinstance(data, bytes)
        if not intact:
            data = spoil_signature(data)
        session.receive(who, data, BEGIN + number / 10, number + 4)
    session.receive("server", alert(51), BEGIN + 1, 20)
    transcript, talk = session.end(BEGIN + 2), flow()
    signed = next(e for e in transcript.entries if e.what == "certificate_verify")
    ending = judge(transcript, talk, BEGIN + 2)
    case = Case(transcript, talk, ending, None, BEGIN + 2)
    assert mtls_client_key_mismatch.signature_verifies(case, signed) == intact


@pytest.mark.parametrize(("replayed_in", "early"), [(1995, True), (2026, False)])
def test_what_a_replay_saw_is_not_early_for_the_capture(replayed_in: int, early: bool) -> None:
    """A certificate may have been renewed since: those of the test are valid from 2000 on."""
    year = 365.25 * 86400
    began, again = (1990 - 1970) * year, (replayed_in - 1970) * year
    session = Session()
    for number, (who, data) in enumerate(handshake(*contexts(trustme.CA()))):
        assert isinstance(data, bytes)
        session.receive(who, data, again + number)
    seen = session.end(again + 20)
    assert seen.certificates("server")
    captured, talk = Session().end(began), flow()
    case = Case(captured, talk, judge(captured, talk, began), None, began, revealed=seen)
    assert (chain.early(case) is not None) == early


def spoil_signature(flight: bytes) -> bytes:
    """Change the last byte of the CertificateVerify of a client's flight, if there is one."""
    at, spoilt = 0, bytearray(flight)
    while at + 5 <= len(flight):
        length = int.from_bytes(flight[at + 3 : at + 5], "big")
        if flight[at] == 22 and flight[at + 5] == 15:
            spoilt[at + 5 + length - 1] ^= 1
        at += 5 + length
    return bytes(spoilt)


def test_a_client_certificate_of_a_stranger() -> None:
    server, client = contexts(trustme.CA())
    server.verify_mode = ssl.CERT_REQUIRED
    trustme.CA().configure_trust(server)
    trustme.CA().issue_cert("me@a.test").configure_cert(client)
    verdict = diagnose(*handshake(server, client))
    assert named(verdict) == {"mtls-cert-rejected": "proved"}
    assert "mtls-client-sends-empty" in {out.id for out in verdict.ruled_out}


@pytest.mark.parametrize(("past", "sure"), [(True, "likely"), (False, "possible")])
def test_a_server_that_falls_silent_on_a_client_certificate(past: bool, sure: str) -> None:
    """So does Puma (measured): it drops the handshake and leaves the connection as it is."""
    authority = trustme.CA()
    server, client = contexts(authority)
    server.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(server)
    expiry = dt.datetime(2025, 1, 1, tzinfo=dt.UTC) if past else None
    authority.issue_cert("me@a.test", not_after=expiry).configure_cert(client)
    said = [event for event in handshake(server, client) if isinstance(event[1], bytes)]
    verdict = diagnose(*said[:3], *[("client", b"")] * 40, ("client", "fin"), until=9)
    assert named(verdict)["mtls-cert-rejected"] == sure
    told = next(c for c in verdict.causes if c.id == "mtls-cert-rejected").evidence[0].text
    assert ("expired, on 2025-01-01" in told) == ("expired" in verdict.summary) == past


def test_a_signature_changed_on_the_way() -> None:
    said = handshake(*contexts(trustme.CA()))
    flight = bytearray(said[1][1])
    signature = flight.rindex(b"\x16\x03\x03\x00\x04\x0e") - 8
    flight[signature] ^= 0x01
    verdict = diagnose(said[0], ("server", bytes(flight)), ("client", alert(51)))
    assert verdict.causes[0].id == "server-key-mismatch"
    assert "does not verify" in verdict.causes[0].evidence[0].text
    sound = diagnose(*said[:2], ("client", alert(51)))
    assert "server-key-mismatch" in {out.id for out in sound.ruled_out}


@settings(max_examples=150)
@given(st.data())
def test_changed_conversations_never_raise(data: st.DataObject) -> None:
    said = list(WHOLE)
    for _ in range(data.draw(st.integers(1, 4))):
        turn = data.draw(st.integers(0, len(said) - 1))
        who, what = said[turn]
        position = data.draw(st.integers(0, len(what) - 1))
        changed = bytearray(what)
        changed[position] = data.draw(st.integers(0, 255))
        said[turn] = (who, bytes(changed))
    said = said[: data.draw(st.integers(1, len(said)))]
    code = data.draw(st.sampled_from(sorted(ALERTS)))
    verdict = diagnose(*said, (data.draw(st.sampled_from((CLIENT, SERVER))), alert(code)))
    assert verdict.summary.isprintable()
    assert len(verdict.causes) <= 5


WHOLE: list[tuple[Who, bytes]] = [
    (who, what) for who, what in handshake(*contexts(trustme.CA())) if isinstance(what, bytes)
]
