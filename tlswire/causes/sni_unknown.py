"""The server has no virtual host for the name that the client asks for.

What it is: server_name carries a name that the server, or the balancer before it, was not
configured for: a new name, a missing certificate, a name that is rewritten on the way.

At the client, at the server and in the middle: the ClientHello with the name, then the server's
unrecognized_name(112). Servers written in Go say internal_error(80); Envoy resets.

Mistaken for: sni-missing, where there was no name at all; cert-default-vhost, where the server
answers an unknown name with its default certificate; a *warning* unrecognized_name, after which
the handshake goes on.

Proof: replay with another name, and with none: the server answers with a ServerHello.

Sources: RFC 6066 section 3; home-assistant/addons#2558, hakasenyang/openssl-patch#12,
h2o/h2o#2404.
"""

from __future__ import annotations

from tlswire.causes import odds, wording
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert
from tlswire.language import mark, say
from tlswire.offer import is_host_name
from tlswire.result import Confidence, Evidence

ID = "sni-unknown"
STAGE: Stage = "client_hello"
SUMMARY = mark("the server does not know the name {name}")
REMEDIES: tuple[Cited, ...] = (
    Cited("server", "Add a virtual host and a certificate for this name."),
    Cited("load_balancer", "Add the name to the certificates or rules of this virtual server."),
    Cited("client", "Ask for a name that the server has; check for a typing error."),
)
SPLIT_BY: tuple[str, ...] = ("sni",)

#: How well each other refusal fits a server that does not know the name.
FITS = {Alert.internal_error: 60, Alert.access_denied: 50, Alert.handshake_failure: 22}


def look(case: Case) -> Finding | Refuted | None:
    """The alert says so; without a word of reason the name stays a suspect."""
    if not case.stopped("SERVER_HELLO"):
        return None
    name, alert = case.server_name, case.alert
    told = case.alerted("server", Alert.unrecognized_name)
    weight = FITS.get(alert.code, 0) if alert is not None else odds.weigh(case, ID)
    if case.ending.side != "server" or not (told or weight):
        return None
    if name is None:
        return Refuted(say("the client asked for no name"))
    asked = cite(case.hello, say("server_name is {name}", name=wording.quote(name)))
    why = say(SUMMARY, name=wording.quote(name))
    if told:
        well_formed = is_host_name(name)
        return Finding("proved" if well_formed else "likely", (asked, case.closing), why, 70)
    return _unsaid(case, asked, why, weight)


def _unsaid(case: Case, asked: Evidence, why: str, weight: int) -> Finding | None:
    """Without a word of reason it tells most that another name was served."""
    other, silent = case.served_other_name, case.ending.how == "silence"
    if other is None:
        return None if silent else Finding("possible", (asked, case.closing), why, weight)
    served = Evidence(
        text=say("the same server served {other} in another connection", other=wording.quote(other))
    )
    if case.alert is not None:
        weight += odds.OTHER_NAME
    sure: Confidence = "possible" if silent or case.alert is not None else "likely"
    return Finding(sure, (asked, served, case.closing), why, weight)
