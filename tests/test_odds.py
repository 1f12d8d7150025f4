"""The table of odds, and what the company of other connections tells of a ClientHello's traits."""

from __future__ import annotations

import pytest
from test_causes import BEGIN, alert
from test_causes_by_flow import RESET, neighbour, opened
from test_causes_by_hand import client_hello, extension, groups, record, shares, sni, versions

from tlswire import causes
from tlswire.causes import odds, traits
from tlswire.causes.case import Case, Neighbour
from tlswire.causes.catalogue import ORDER
from tlswire.ending import Ending, judge
from tlswire.flow import Flow
from tlswire.offer import Offer, read_offer
from tlswire.result import Verdict
from tlswire.session import Session

USUAL = (0xC02B, 0xC02F, 0xC02C, 0xC030, 0x002F, 0x0035)
SCHEMES = extension(13, bytes.fromhex("0008040308040401 0201".replace(" ", "")))
CURVES = groups(0x001D, 0x0017, 0x0018)
MASTER_SECRET = extension(23)
LAST = extension(0xFF01, b"\0")
BASE = (sni("a.test"), MASTER_SECRET, CURVES, SCHEMES)
PLAIN = client_hello(*BASE, extension(21, bytes(560)), suites=USUAL)
#: A hello with one trait that `PLAIN` lacks, and the cause that it may be.
BORNE: dict[str, tuple[bytes, str]] = {
    "tls13": (
        client_hello(*BASE, versions(0x0304, 0x0303), shares(0x001D), LAST, suites=USUAL),
        "version-intolerance",
    ),
    "large": (
        client_hello(*BASE, extension(21, bytes(1500)), LAST, suites=USUAL),
        "pq-client-hello-too-big",
    ),
    "hybrid": (
        client_hello(
            sni("a.test"), MASTER_SECRET, groups(0x11EC, 0x001D), SCHEMES, LAST, suites=USUAL
        ),
        "pq-group-refused",
    ),
    "grease": (
        client_hello(*BASE, extension(0x3A3A), LAST, suites=(0x1A1A, *USUAL)),
        "grease-intolerance",
    ),
    "ech": (
        client_hello(*BASE, extension(0xFE0D, bytes(200)), LAST, suites=USUAL),
        "ech-blocked",
    ),
    "dangerous length": (
        client_hello(*BASE, extension(21, bytes(200)), suites=USUAL),
        "ch-length-256-511",
    ),
    "empty end": (
        client_hello(*BASE, extension(18), suites=USUAL),
        "ch-last-extension-empty",
    ),
    "no master secret": (
        client_hello(sni("a.test"), CURVES, SCHEMES, LAST, suites=USUAL),
        "ems-required",
    ),
    "no disguise": (
        client_hello(*BASE, versions(0x0304, 0x0303), shares(0x001D), LAST, suites=USUAL),
        "tls13-compat-ccs-missing",
    ),
    "many suites": (
        client_hello(*BASE, LAST, suites=(*USUAL, *range(0xC001, 0xC041))),
        "suite-list-intolerance",
    ),
    "fallback": (client_hello(*BASE, LAST, suites=(*USUAL, 0x5600)), "fallback-scsv"),
    "h2": (client_hello(*BASE, extension(16, b"\0\3\2h2"), LAST, suites=USUAL), "alpn-no-overlap"),
    "resumes": (
        client_hello(*BASE, extension(35, b"ticket"), LAST, suites=USUAL),
        "ticket-not-shared",
    ),
}
each = pytest.mark.parametrize("trait", sorted(BORNE))


def offer_of(hello: bytes) -> Offer:
    session = Session()
    session.receive("client", record(hello), BEGIN, 1)
    message = session.end(BEGIN + 1).client_hello
    assert message is not None
    offer = read_offer(message)
    assert offer is not None
    return offer


def cut(talk: Flow, size: int) -> None:
    """Let a large hello fill more than one segment."""
    if size > 1200:
        first = talk.client.segments[0]
        rest = first._replace(offset=1200, length=size - 1200)
        talk.client.segments = [first._replace(length=1200), rest]


def verdict(hello: bytes, *company: Neighbour, end: str | bytes = "fin") -> Verdict:
    """Return the verdict on a hello to which the server said nothing of why, in some company."""
    talk, session = opened(record(hello))
    cut(talk, len(hello) + 5)
    if end == "rst":
        talk.server.resets = [RESET]
    if isinstance(end, bytes):
        session.receive("server", end, BEGIN + 0.2, 5)
        talk.server.sent = len(end)
    else:
        session.closed("server", "rst" if end == "rst" else "fin", BEGIN + 0.2, 5)
    transcript = session.end(BEGIN + 9)
    ending = judge(transcript, talk, BEGIN + 9)
    assert transcript.client_hello is not None
    offer = read_offer(transcript.client_hello)
    others = tuple(n.ending for n in company)
    return causes.diagnose(Case(transcript, talk, ending, offer, BEGIN + 9, others, company))


def with_traits(hello: bytes) -> Neighbour:
    return neighbour(hello)._replace(traits=traits.of(offer_of(hello)))


def test_every_row_names_what_there_is() -> None:
    assert set(odds.ODDS) <= set(ORDER)
    assert {row.trait for row in odds.ODDS.values()} - {""} == set(traits.TRAITS) == set(BORNE)
    assert {cause for fact in odds.FACTS for cause in fact.points} <= set(odds.ODDS)


@each
def test_a_hello_has_its_trait_alone(trait: str) -> None:
    assert traits.of(offer_of(PLAIN)) == frozenset()
    assert traits.of(offer_of(BORNE[trait][0])) >= {trait}


@each
def test_what_the_served_lack_is_suspect_first(trait: str) -> None:
    hello, cause = BORNE[trait]
    found = verdict(hello, with_traits(PLAIN)).causes
    assert cause in [c.id for c in found if c.confidence == "likely"]
    assert all(c.confidence != "proved" for c in found)
    told = next(c for c in found if c.id == cause)
    assert any("passed without it" in e.text for e in told.evidence)


@each
def test_what_the_served_have_as_well_is_ruled_out(trait: str) -> None:
    hello, cause = BORNE[trait]
    other = with_traits(client_hello(*BASE, LAST, suites=USUAL))
    company = other._replace(traits=other.traits | {trait})
    found = verdict(hello, with_traits(PLAIN), company)
    assert cause not in [c.id for c in found.causes]


@each
def test_what_is_refused_without_it_too_is_less_suspect(trait: str) -> None:
    hello, cause = BORNE[trait]
    alone = {c.id: n for n, c in enumerate(verdict(hello).causes)}
    refused = with_traits(PLAIN)._replace(ending=Ending("failed", "SERVER_HELLO", "server", "fin"))
    beside = [c.id for c in verdict(hello, refused).causes]
    assert cause not in beside or beside.index(cause) > alone.get(cause, 0)


@pytest.mark.parametrize("trait", ["grease", "dangerous length", "empty end", "large"])
def test_a_parser_that_stumbled_says_so_of_what_it_should_pass_over(trait: str) -> None:
    """RFC 8446 section 6.2: decode_error is of a message that could not be decoded."""
    hello, cause = BORNE[trait]
    found = verdict(hello, end=alert(50))
    assert found.causes[0].id == cause
    assert found.causes[0].confidence == "possible"
    assert cause not in [c.id for c in verdict(PLAIN, end=alert(50)).causes]


def test_a_hello_made_large_by_its_hybrid_share_is_the_first_suspect() -> None:
    """The usual reason by far for a hello of two segments that gets no word."""
    share = extension(51, b"\x04\xc4\x11\xec\x04\xc0" + bytes(1216))
    hello = client_hello(*BASE[:2], groups(0x11EC, 0x1D), SCHEMES, share, LAST, suites=USUAL)
    talk, session = opened(record(hello))
    cut(talk, len(hello) + 5)
    session.closed("server", "fin", BEGIN + 0.2, 5)
    transcript = session.end(BEGIN + 9)
    ending = judge(transcript, talk, BEGIN + 9)
    case = Case(transcript, talk, ending, offer_of(hello), BEGIN + 9)
    assert causes.diagnose(case).causes[0].id == "pq-client-hello-too-big"


def test_a_reset_with_the_hops_of_the_server_is_the_servers_own() -> None:
    talk, session = opened(record(PLAIN))
    session.closed("server", "rst", BEGIN + 0.2, 5)
    transcript = session.end(BEGIN + 9)
    ending = judge(transcript, talk, BEGIN + 9)
    case = Case(transcript, talk, ending, offer_of(PLAIN), BEGIN + 9)
    unseen = odds.weigh(case, "sni-filter-rst-injected")
    talk.server.ttl, talk.server.resets = 64, [RESET]
    assert 0 < odds.weigh(case, "sni-filter-rst-injected") < unseen


def test_a_port_of_plain_http_tells_where_the_server_does_not() -> None:
    talk, session = opened(record(PLAIN))
    talk.server.endpoint = talk.server.endpoint._replace(port=8080)
    session.closed("server", "fin", BEGIN + 0.2, 5)
    transcript = session.end(BEGIN + 9)
    case = Case(transcript, talk, judge(transcript, talk, BEGIN + 9), offer_of(PLAIN), BEGIN + 9)
    found = causes.diagnose(case).causes
    assert (found[0].id, found[0].confidence) == ("tls-to-http-port", "possible")


@pytest.mark.parametrize(("later", "told"), [(0.1, True), (4.0, False)])
def test_a_later_packet_of_the_server_shows_that_it_had_sent_nothing(
    later: float, told: bool
) -> None:
    """It bears the number of the next byte: no flight of its can be lost (RFC 9293 section 3.4)."""
    talk, session = opened(record(PLAIN))
    talk.server.last_at = BEGIN + 0.1 + later
    session.closed("client", "fin", BEGIN + 4.1, 6)
    transcript = session.end(BEGIN + 9)
    ending = judge(transcript, talk, BEGIN + 9)
    case = Case(transcript, talk, ending, offer_of(PLAIN), BEGIN + 9)
    found = [c.id for c in causes.diagnose(case).causes]
    assert found[0] == "server-stall"
    assert ("mtu-blackhole-server-flight" in found) == told


def test_another_name_that_was_served_makes_this_one_likely() -> None:
    other = with_traits(client_hello(sni("b.test"), *BASE[1:], LAST, suites=USUAL))
    assert verdict(PLAIN, other, end="rst").causes[0].id == "sni-unknown"
    same = with_traits(client_hello(*BASE, LAST, suites=USUAL))
    assert verdict(PLAIN, same, end="rst").causes[0].id != "sni-unknown"


def test_who_comes_without_the_proxy_header_that_all_others_had() -> None:
    served = with_traits(PLAIN)._replace(preamble="proxy-v1")
    found = verdict(PLAIN, served, end="rst").causes
    assert (found[0].id, found[0].confidence) == ("proxy-protocol-missing", "likely")
    mixed = [c.id for c in verdict(PLAIN, served, with_traits(PLAIN), end="rst").causes]
    assert "proxy-protocol-missing" not in mixed
