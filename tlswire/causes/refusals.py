"""Kinds of refusal that several causes share: how little a server or a client may have said."""

from __future__ import annotations

from typing import Final

from tlswire.causes.case import Case
from tlswire.codes import Alert, Version
from tlswire.ending import PATIENCE
from tlswire.flow import Side
from tlswire.language import say
from tlswire.transcript import is_tls13

#: Alerts with which servers refuse a ClientHello without saying which part of it. Java says
#: unexpected_message where no group fits, and internal_error is what stacks say for the rest.
BARE: Final = (
    Alert.handshake_failure,
    Alert.insufficient_security,
    Alert.illegal_parameter,
    Alert.missing_extension,
    Alert.unexpected_message,
    Alert.internal_error,
    Alert.close_notify,
)
#: What a parser says that did not get to the offer: it stumbled over an extension or a size.
PUZZLED: Final = (Alert.decode_error, Alert.record_overflow)
#: Alerts by which a client judges the server's certificate.
OF_CERTIFICATE: Final = (
    Alert.bad_certificate,
    Alert.unsupported_certificate,
    Alert.certificate_revoked,
    Alert.certificate_expired,
    Alert.certificate_unknown,
    Alert.unknown_ca,
    Alert.access_denied,
)
#: What may be awaited while the client weighs the server's certificate.
WEIGHING: Final = (
    "SERVER_KEY_EXCHANGE",
    "SERVER_HELLO_DONE",
    "CLIENT_CERTIFICATE",
    "CLIENT_KEY_EXCHANGE",
    "CERTIFICATE_VERIFY",
    "CLIENT_FINISHED",
)


def bare(case: Case) -> bool:
    """Tell whether the server refused the ClientHello with an alert that says nothing of why."""
    return case.stopped("SERVER_HELLO") and case.alerted("server", *BARE)


def puzzled(case: Case) -> bool:
    """Tell whether the server said of the ClientHello that it cannot be read."""
    return case.stopped("SERVER_HELLO") and case.alerted("server", *PUZZLED)


def mute(case: Case) -> bool:
    """Tell whether the server left after the ClientHello without a byte of TLS."""
    return (
        case.stopped("SERVER_HELLO")
        and case.ended("server", "fin", "rst")
        and not case.opening("server")
        and case.said("hello_retry_request") is None
    )


def reset_on_the_way(case: Case) -> bool:
    """Tell whether somebody between reset the connection in place of the ServerHello."""
    return case.stopped("SERVER_HELLO") and case.ended("network", "rst")


#: A lost piece of so many bytes was a full segment.
FULL = 1000


def headless(case: Case) -> bool:
    """Tell whether the client's first full segment never came here, and what follows it did.

    Nor was it acknowledged: it is not the capture that lacks it.
    """
    return case.hello is None and case.flow.client.lost_head >= FULL


def swallowed(case: Case) -> bool:
    """Tell whether the server had nothing of the hello, not even a small segment of it.

    It acknowledges at once what comes after a gap (RFC 5681 section 4.2): where a large segment is
    lost for its size and a small one follows, a second packet of the server's shows it.
    """
    server, client = case.flow.server, case.flow.client
    lost = [s.length for s in client.segments if s.offset + s.length > client.acked]
    silent = server.packets <= len(server.syn_frames)
    return silent and case.flow.accepted_at is not None and len(lost) > 1 and min(lost) < max(lost)


def unanswered(case: Case) -> bool:
    """Tell whether nothing came back after the ClientHello, which may have arrived all the same.

    An acknowledgment often travels with the ServerHello, and is lost with it (measured: HAProxy).
    """
    silent = case.ending.how == "silence" and case.ending.side in ("network", "server")
    if not silent or not case.stopped("SERVER_HELLO"):
        return False
    return not _sent(case.flow.server) and not sent_nothing(case)


def sent_nothing(case: Case) -> bool:
    """Tell whether a later packet of the server's shows that it had not sent a byte.

    It bears the number of the next byte (RFC 9293 section 3.4); that of a reset is the client's.
    """
    server, hello = case.flow.server, case.hello
    if hello is None or _sent(server) or server.resets or server.last_at is None:
        return False
    return server.last_at - hello.at >= PATIENCE


def _sent(side: Side) -> bool:
    return bool(side.sent or side.holes)


def wordless(case: Case) -> bool:
    """Tell whether the server refused the ClientHello, by alert or not, without a reason."""
    return bare(case) or mute(case)


def of_certificate(case: Case) -> bool:
    """Tell whether the client ended it where it weighs the server's certificate."""
    if case.ending.outcome == "established":
        return True  # and dropped at once, else nobody asks
    if not case.stopped(*WEIGHING) or case.ending.side != "client" or unheard(case):
        return False
    if case.unread:
        return True
    return case.alerted("client", *OF_CERTIFICATE) or case.ended(
        "client", "fin", "rst", "encrypted_alert"
    )


def vaguely_of_certificate(case: Case) -> bool:
    """Tell whether the client said internal_error where it weighs the server's certificate.

    So says a proxy whose own check of it failed (stunnel, measured): a flaw must be in plain sight.
    """
    return case.stopped(*WEIGHING) and case.alerted("client", Alert.internal_error)


def unheard(case: Case) -> bool:
    """Tell whether the client reset without having acknowledged a byte that the server sent.

    So answers a host whose connection was reset before, by somebody in the server's name.
    """
    server = case.flow.server
    return case.ended("client", "rst") and server.sent > 0 and server.acked == 0


def hidden(case: Case) -> bool:
    """Tell whether the certificate was sent where it cannot be read.

    TLS 1.3 protects it, or the capture holds the client's packets only.
    """
    return not case.chain and (case.transcript.tls13 or case.unseen == "server")


def hides(case: Case) -> str:
    """Return why the certificate cannot be read, in a clause."""
    return say("the capture does not hold it") if case.unseen else say("TLS 1.3 hides it")


def tops_out_at(case: Case) -> int | None:
    """Return the client's highest version where it is below TLS 1.3, else None."""
    highest = case.offer.highest if case.offer is not None else None
    if highest is None or is_tls13(highest) or highest >> 8 not in (0, Version.ssl_3_0 >> 8):
        return None
    return highest


def old(case: Case) -> bool:
    """Tell whether the hello tops out below TLS 1.2: then the version is the first suspect."""
    highest = tops_out_at(case)
    return highest is not None and highest < Version.tls_1_2
