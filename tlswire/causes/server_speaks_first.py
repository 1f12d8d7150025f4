"""The server speaks a protocol of its own on this port, not TLS.

What it is: SSH, SMTP, FTP, IMAP, MySQL and others greet before the client has said a word. TLS
servers never do. Redis and Memcached wait for a line, which a hello never ends, and are silent. The
port, the address or a translation of either leads to another service.

At the client and in the middle: bytes of the server that are no record, before or in answer to
the ClientHello: `SSH-2.0`, `220 `, `* OK`, a MySQL greeting.
At the server: a protocol error about garbage from the client.

Mistaken for: starttls-expected, where the greeting is right and the client should ask for TLS in
that protocol first; tls-to-http-port, where the server speaks only when spoken to.

Proof: replay a silent wait: the greeting comes without a ClientHello. Or a line of text in the
hello's place: it is answered in clear, and a plain hello of today is not.

Sources: RFC 4253 section 4.2, RFC 5321 section 4.3.1.
"""

from __future__ import annotations

from tlswire.causes import story
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage
from tlswire.language import mark, say

ID = "server-speaks-first"
STAGE: Stage = "preamble"
SUMMARY = mark("this port belongs to a service that is not TLS ({what})")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "client", "Use the port of the TLS service, or begin TLS inside the protocol (STARTTLS)."
    ),
    Cited("server", "Enable TLS on this listener."),
    Cited("load_balancer", "Check which pool and which member port the address leads to."),
    Cited("firewall", "Check the address and port that translation leads to."),
)
SPLIT_BY: tuple[str, ...] = ("wait", "cleartext")


#: Servers of these speak only when spoken to: what they say in answer is starttls-expected.
SPOKEN_TO = ("XMPP", "LDAP", "PostgreSQL", "TDS", "RDP")


def look(case: Case) -> Finding | Refuted | None:
    """Bytes of the server that are neither TLS nor an answer in HTTP."""
    if case.hello is None or not case.stopped("SERVER_HELLO", "PREAMBLE"):
        return None
    reply, name = case.opening("server"), case.named("server")
    if not reply or (name or "").startswith(("HTTP", "HTML")):
        return None
    if case.asked_in_clear:
        return None
    before = bool(case.transcript.cleartext.get("server"))
    if not before and (name or "").startswith(SPOKEN_TO):
        return None
    told = story.cleartext(reply, "server")
    when = say("before the ClientHello") if before else say("in answer to the ClientHello")
    evidence = case.spoken("server", say("{when} the server sent {told}", when=when, told=told))
    sure = name is not None and name not in ("plain text", "XML", "JSON")
    return Finding(
        "proved" if sure else "likely",
        (evidence,),
        say(SUMMARY, what=story.kind(name)),
    )
