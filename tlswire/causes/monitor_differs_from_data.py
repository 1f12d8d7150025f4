"""A balancer's health check speaks another TLS than its traffic, and marks good members down.

What it is: the monitor has its own TLS stack: without server_name, with other suites, without TLS
1.3. The pool is emptied although the members are well, or kept although they are not.

At the client: nothing answers at the virtual server, or a reset (lb-tcp-accept-no-member). At the
server: the monitor's handshakes fail, from the balancer's own address, at even intervals. In the
middle: on the balancer, the monitor's flow to each member.

Mistaken for: lb-tcp-accept-no-member, its consequence; a server that is down.

Proof: replay the monitor's ClientHello to the member, and then a client's.

Sources: labsmith.net (F5 bigd and TLS 1.3), F5 DevCentral custom-https-external-monitor-22606,
haproxy/haproxy#3096.
"""

from __future__ import annotations

from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage
from tlswire.language import mark

ID = "monitor-differs-from-data"
STAGE: Stage = "tcp"
SUMMARY = mark("the balancer's health check fails where its traffic would pass")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "load_balancer",
        "Give the monitor the name, versions and suites of the traffic: F5 HTTPS monitor with a "
        "server-ssl profile, HAProxy check-sni and check-ssl, NetScaler monitor with SNI.",
    ),
    Cited(
        "server",
        "Accept a hello without server_name, as monitors send it.",
    ),
)
SPLIT_BY: tuple[str, ...] = (
    "sni",
    "version",
    "suites",
)


def look(case: Case) -> Finding | Refuted | None:
    """Nothing: the monitor's flow shows a cause of its own, its purpose is not written there."""
    return None
