"""When an experiment is worth its connection: how the exact hello ended, and what it offers.

Predicates over one replayed conversation; they ask no cause and send nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

from tlswire.causes import refusals, suspects
from tlswire.codes import Alert, ExtensionType, Suite, Version
from tlswire.seen import Seen
from tlswire.states import (
    AWAITED,
    CERTIFICATE,
    CLIENT_HELLO,
    ENCRYPTED_EXTENSIONS,
    SERVER_HELLO,
    SERVER_KEY_EXCHANGE,
)
from tlswire.transcript import alert_of, is_tls13

Situation = Callable[[Seen], bool]

#: How a server may refuse an offer without saying which part of it (RFC 5246 section 7.2.2).
WORDLESS: Final = refusals.BARE
#: The same of a parser that stumbled before it came to the offer.
STUMBLED: Final = (*WORDLESS, Alert.decode_error, Alert.record_overflow)
#: What servers say to a name that they do not know, or miss.
NAMELESS: Final = (
    Alert.unrecognized_name,
    Alert.handshake_failure,
    Alert.internal_error,
    Alert.access_denied,
)
#: How an unanswered hello may end without a word of TLS.
MUTE: Final = ("fin", "rst", "silence")
#: Alerts that name what they refuse (RFC 8446 section 6.2, RFC 7507).
TELLING: Final = (
    Alert.protocol_version,
    Alert.inappropriate_fallback,
    Alert.unrecognized_name,
    Alert.no_application_protocol,
)
#: RFC 8446 section 6.2: what a stale ticket may come to.
TICKETLESS: Final = (
    Alert.bad_record_mac,
    Alert.illegal_parameter,
    Alert.decrypt_error,
    Alert.internal_error,
)


def went_on(seen: Seen) -> bool:
    """Tell whether the server took the hello and answered up to the client's next message."""
    stopped_at = seen.ending.stopped_at
    ours = stopped_at is not None and AWAITED[stopped_at] == "client"
    return ours and answered(seen) and not _unoffered(seen)


def _unoffered(seen: Seen) -> bool:
    """Tell whether the version chosen is not listed: no client takes that (RFC 8446 4.2.1)."""
    offer, version = seen.offer, seen.transcript.version
    if offer is None or version is None or not offer.has(ExtensionType.supported_versions):
        return False
    return not is_tls13(version) and version not in offer.versions


def answered(seen: Seen) -> bool:
    """Tell whether the server answered with a hello, be it HelloRetryRequest."""
    return any(entry.is_hello and entry.who == "server" for entry in seen.transcript.entries)


def went_on_in_tls12(seen: Seen) -> bool:
    """Tell whether the server went on in TLS 1.2, not in an older version that it prefers."""
    return went_on(seen) and (seen.transcript.version or 0) >= Version.tls_1_2


def spoke(seen: Seen) -> bool:
    """Tell whether the server said anything at all."""
    return seen.flow.server.sent > 0


def spoke_tls(seen: Seen) -> bool:
    """Tell whether the server answered in TLS, be it with an alert: TLS was what it awaited."""
    return "server" in seen.transcript.spoke


def served_in_clear(seen: Seen) -> bool:
    """Tell whether the server took a request of HTTP.

    400 is how TLS servers refuse one, and some lead whoever speaks in clear to https.
    """
    said = _said(seen)
    served = said.startswith(b"HTTP/") and said[9:12].isdigit() and said[9:12] != b"400"
    return served and b"\nlocation: https:" not in said.lower()


def spoke_http(seen: Seen) -> bool:
    """Tell whether a request of HTTP was answered in HTTP, be it with a no, and not sent to TLS."""
    said = _said(seen).lower()
    return said.startswith(b"http/") and not any(
        word in said for word in (b"https", b"tls", b"ssl")
    )


def answered_otherwise(seen: Seen) -> bool:
    """Tell whether a request of HTTP was answered in clear, and not in HTTP: who speaks so is none.

    Redis and Memcached are silent to a hello, which has no end of line, and answer a line.
    """
    said = _said(seen)
    return bool(said) and not spoke_tls(seen) and not said.startswith(b"HTTP/")


def _said(seen: Seen) -> bytes:
    transcript = seen.transcript
    return transcript.cleartext.get("server", b"") or transcript.foreign.get("server", b"")


def answered_in_http(seen: Seen) -> bool:
    """Tell whether a hello was answered in HTTP: by a port of HTTP, or after other bytes."""
    return _unanswered(seen, ("non_tls",)) and _said(seen).startswith(b"HTTP/")


def alerted(*codes: int) -> Situation:
    """Return whether the server refused the hello with one of these alerts."""

    def applies(seen: Seen) -> bool:
        alert = alert_of(seen.ending.entry) if seen.ending.entry is not None else None
        return _unanswered(seen, ("alert",)) and alert is not None and alert.code in codes

    return applies


def mute(*hows: str) -> Situation:
    """Return whether the hello got no word of TLS, and ended in one of these ways."""
    return lambda seen: _unanswered(seen, hows or MUTE) and not answered(seen)


def _unanswered(seen: Seen, hows: Collection[str]) -> bool:
    ending = seen.ending
    early = ending.stopped_at == CLIENT_HELLO and ending.how in ("fin", "rst")  # it overtook ours
    return (
        (ending.stopped_at == SERVER_HELLO or early)
        and ending.side in ("server", "network")
        and ending.how in hows
    )


def either(*situations: Situation) -> Situation:
    """Return whether one of them is so."""
    return lambda seen: any(situation(seen) for situation in situations)


def both(*situations: Situation) -> Situation:
    """Return whether all of them are so."""
    return lambda seen: all(situation(seen) for situation in situations)


# -- the offer ---------------------------------------------------------------------------


def offers_older(seen: Seen) -> bool:
    """Tell whether the hello would also do with TLS 1.2 or older."""
    return seen.offer is not None and min(seen.offer.versions) <= Version.tls_1_2


def lists_no_older(seen: Seen) -> bool:
    """Tell whether the hello lists its versions, and none before TLS 1.2."""
    return (
        seen.offer is not None
        and seen.offer.has(ExtensionType.supported_versions)
        and min(seen.offer.versions) >= Version.tls_1_2
    )


def lists_older(seen: Seen) -> bool:
    """Tell whether the hello allows versions before TLS 1.2, or lists none."""
    return not lists_no_older(seen)


def only_old(seen: Seen) -> bool:
    """Tell whether nothing newer than TLS 1.1 is offered."""
    return seen.offer is not None and seen.offer.highest < Version.tls_1_2


def only_tls13(seen: Seen) -> bool:
    """Tell whether nothing older than TLS 1.3 is offered."""
    offer = seen.offer
    return offer is not None and bool(offer.versions) and all(map(is_tls13, offer.versions))


def names_no_scheme(seen: Seen) -> bool:
    """Tell whether TLS 1.3 is offered without the signatures that it requires (RFC 8446 9.2)."""
    offer = seen.offer
    return (
        offer is not None
        and suspects.offers_tls13(offer)
        and not offer.has(ExtensionType.signature_algorithms)
    )


def no_tls13(seen: Seen) -> bool:
    """Tell whether nothing newer than TLS 1.2 is offered."""
    return seen.offer is not None and seen.offer.highest <= Version.tls_1_2


def without_disguise(seen: Seen) -> bool:
    """Tell whether TLS 1.3 is offered and no session named, as it is to look like TLS 1.2."""
    offer = seen.offer
    return offer is not None and suspects.offers_tls13(offer) and not offer.session_id


def contradicts_itself(seen: Seen) -> bool:
    """Tell whether no suite offered belongs to a version offered."""
    return seen.offer is not None and suspects.contradicts_itself(seen.offer)


def in_ssl2_format(seen: Seen) -> bool:
    """Tell whether the hello has the format of SSL 2.0."""
    return seen.offer is not None and seen.offer.ssl2


def sends_stray_shares(seen: Seen) -> bool:
    """Tell whether a key share is sent of a group that is not listed (RFC 8446 section 4.2.8)."""
    offer = seen.offer
    return offer is not None and not set(offer.key_shares or ()) <= set(offer.groups or ())


def leaves_shares_out(seen: Seen) -> bool:
    """Tell whether groups are listed of which no share is sent: a server may ask for another."""
    offer = seen.offer
    shares = offer.key_shares if offer is not None else None
    return offer is not None and shares is not None and bool(set(offer.groups or ()) - set(shares))


def asks_for_a_session(seen: Seen) -> bool:
    """Tell whether the hello asks for a session of before: an empty ticket asks for none."""
    hello, offer = seen.transcript.client_hello, seen.offer
    if hello is None or offer is None:
        return False
    listed = hello.fields.get("extensions", ())
    ticket = any(e["type"] == ExtensionType.session_ticket and e["length"] for e in listed)
    modern = Version.tls_1_3 in offer.versions  # then the id is for show (RFC 8446 D.4)
    return (
        ticket or offer.has(ExtensionType.pre_shared_key) or bool(offer.session_id and not modern)
    )


def sends_early_data(seen: Seen) -> bool:
    """Tell whether the hello announces data before the handshake (RFC 8446 section 4.2.10)."""
    return seen.offer is not None and seen.offer.has(ExtensionType.early_data)


def gave_up_signing(seen: Seen) -> bool:
    """Tell whether the server showed its certificate and then could not sign (RFC 5246 7.4.3)."""
    ending = seen.ending
    left = ending.stopped_at == SERVER_KEY_EXCHANGE and ending.how in ("alert", "fin", "rst")
    return ending.side == "server" and (left or chose_no_certificate(seen))


def chose_no_certificate(seen: Seen) -> bool:
    """Tell whether a server of TLS 1.3 refused between its ServerHello and its certificate.

    There it looks for one that the client's signature algorithms fit (RFC 8446 section 4.4.2.2).
    """
    ending = seen.ending
    where = ending.stopped_at in (ENCRYPTED_EXTENSIONS, CERTIFICATE) and seen.transcript.tls13
    return where and ending.side == "server" and ending.how in ("encrypted_alert", "alert")


def unacknowledged(seen: Seen) -> bool:
    """Tell whether the target's TCP never had all of the hello."""
    return seen.flow.client.acked < seen.flow.client.sent


def names_a_server(seen: Seen) -> bool:
    """Tell whether the hello asks for a name."""
    return seen.offer is not None and seen.offer.has(ExtensionType.server_name)


def falls_back(seen: Seen) -> bool:
    """Tell whether the hello says that it is a second try (RFC 7507)."""
    return seen.offer is not None and Suite.TLS_FALLBACK_SCSV in seen.offer.suites


def by_a_box(seen: Seen) -> bool:
    """Tell whether the refusal came from elsewhere than the server's SYN-ACK, by its TTL."""
    refused_so = seen.ending.how in ("alert", "rst", "fin")
    return refused_so and (seen.ending.side == "network" or seen.flow.server.odd_ttl is not None)


def told_why(seen: Seen) -> bool:
    """Tell whether the alert names what was refused: then it is no matter of size."""
    return alerted(*TELLING)(seen)


def told_behind(exact: Seen, opened: Seen) -> bool:
    """Tell whether what the server said hidden names what it refused, to who had the keys."""
    alert = alert_of(opened.ending.entry) if opened.ending.entry is not None else None
    hidden = exact.ending.how == "encrypted_alert"
    return hidden and alert is not None and alert.code in TELLING


#: The offer was refused, and not why.
refused: Final = either(alerted(*WORDLESS), mute("fin", "rst"))
#: The same for what need not be an extension (RFC 8446 section 9.2): adding suites adds those too.
refused_suites: Final = either(
    alerted(*(code for code in WORDLESS if code != Alert.missing_extension)), mute("fin", "rst")
)
#: Answered by nothing, or by the alert of a parser: something should have been passed over.
stumbled: Final = either(mute(), alerted(*STUMBLED))
