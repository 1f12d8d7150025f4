"""The server asks for a client certificate and the client has none to send.

What it is: a CertificateRequest is answered with an empty Certificate: none is configured, none
fits the request's authorities, types or signature algorithms, or its private key cannot be used.

At the client, at the server and in the middle: up to TLS 1.2 a client Certificate of length 3,
then the server's handshake_failure(40), bad_certificate(42), or GnuTLS's decode_error(50). In
TLS 1.3 a short client record before the Finished (25 bytes with AES-GCM), and only after the
Finished the server's encrypted alert, certificate_required(116) where keys open it: the client
believes that the handshake succeeded.

Mistaken for: mtls-cert-rejected, where a certificate was sent; a server that fails after the
handshake.

Proof: replay with a client certificate that the server accepts.

Sources: RFC 5246 section 7.4.6, RFC 8446 section 4.4.2.4.
"""

from __future__ import annotations

from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert
from tlswire.language import mark, say
from tlswire.result import Evidence
from tlswire.transcript import Entry

ID = "mtls-client-sends-empty"
STAGE: Stage = "client_certificate"
SUMMARY = mark("the client had no certificate to send when the server asked for one")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "client",
        "Configure a certificate, its private key and its chain, issued by one of the "
        "authorities that the server names.",
    ),
    Cited(
        "server",
        "Name the right authorities in the request, or make the client certificate optional.",
    ),
    Cited(
        "load_balancer",
        "A balancer that ends TLS cannot pass the client's certificate on: authenticate there, "
        "or pass TLS through.",
    ),
    Cited(
        "firewall",
        "Exempt this server from TLS inspection: an inspecting box has no client certificate.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("client-certificate",)

HIDDEN = mark("the client's certificate is missing, by the size of its TLS 1.3 record")

#: An empty list alone, in bytes: RFC 5246 section 7.4.2, with a context RFC 8446 section 4.4.2.
SHORTEST = 4
#: A flight with a certificate, its key and its signature has so many bytes.
WITH_ONE = 400
#: Alerts with which servers say that the certificate is missing.
SAID = (
    Alert.handshake_failure,
    Alert.no_certificate,
    Alert.bad_certificate,
    Alert.certificate_required,
)


def look(case: Case) -> Finding | Refuted | None:
    """An empty Certificate of the client, and a server that ends it."""
    if case.unseen == "client":
        return _by_size(case)
    sent = case.client_certificate
    if sent is None or case.ending.side != "server" or case.ending.how == "silence":
        return None
    if sent.hidden:
        return _hidden(case, sent)
    if not names_none(sent):
        return Refuted(say("the client did send a certificate"))
    evidence = (cite(sent, say("the client's Certificate is empty")), case.closing)
    return Finding(
        "proved" if case.alerted("server", *SAID) else "likely", evidence, say(SUMMARY), 80
    )


def names_none(sent: Entry) -> bool:
    """Tell whether a Certificate in the clear, or opened with keys, holds no certificate."""
    shown = sent.fields.get("certificate_list")
    return sent.length <= SHORTEST if shown is None else not shown


def _hidden(case: Case, sent: Entry) -> Finding | Refuted:
    if sent.guess != "certificate":
        return Refuted(say("the client's record is too long for an empty Certificate"))
    text = say("a record of {length} bytes holds exactly an empty Certificate", length=sent.length)
    return Finding("likely", (cite(sent, text), case.closing), say(HIDDEN), 85)


def _by_size(case: Case) -> Finding | None:
    """The capture lacks the client's flight, and its size was acknowledged: none holds so little.

    Beside it stand the key, a change_cipher_spec and Finished: a hundred bytes or two.
    """
    shown, size = answer_by_size(case)
    if shown is None or size >= WITH_ONE:
        return None
    return Finding("likely", (shown, case.closing), say(SUMMARY), 80)


def answer_by_size(case: Case) -> tuple[Evidence | None, int]:
    """Return how much the client answered to a request for its certificate, unseen and refused."""
    request = case.said("certificate_request", "server")
    refused = case.stopped("SERVER_FINISHED", "CLIENT_CERTIFICATE") and case.ended(
        "server", "alert"
    )
    if request is None or not refused:
        return None, 0
    entries = case.transcript.entries
    answer = (e for e in entries[entries.index(request) :] if e.who == "client")
    size = sum(e.length for e in answer if e.what == "lost")
    text = say("the client answered the CertificateRequest with {size} bytes in all", size=size)
    return (cite(request, text), size) if size else (None, 0)
