"""The name that the client asks for is no host name.

What it is: server_name holds an IP address, a trailing dot, a port, an underscore or a space.
Some servers refuse such names, some find no virtual host for them.

At the client, at the server and in the middle: the hello with such a name, then
unrecognized_name(112), unexpected_message(10), illegal_parameter(47), decode_error(50) or
internal_error(80).

Mistaken for: sni-unknown, where the name is well formed.

Proof: replay with the name cleaned passes.

Sources: RFC 6066 section 3; zaphoyd/websocketpp#924, netty/netty-tcnative#400, golang/go#63117,
dotnet/runtime#62540.
"""

from __future__ import annotations

from tlswire.causes import refusals, wording
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert
from tlswire.language import mark, say
from tlswire.offer import is_host_name

ID = "sni-bad-form"
STAGE: Stage = "client_hello"
SUMMARY = mark("the name asked for, {name}, is no host name")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "client",
        "Send a host name alone: no address, no port, no trailing dot.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("sni",)

SAID = (
    Alert.unrecognized_name,
    Alert.unexpected_message,
    Alert.illegal_parameter,
    Alert.decode_error,
    Alert.internal_error,
    Alert.handshake_failure,
)


def look(case: Case) -> Finding | Refuted | None:
    """A server_name that breaks the rules, refused."""
    name = case.server_name
    if name is None or not case.stopped("SERVER_HELLO"):
        return None
    if not (case.alerted("server", *SAID) or refusals.mute(case)) or is_host_name(name):
        return None
    why = say(SUMMARY, name=wording.quote(name))
    return Finding("likely", (cite(case.hello, why), case.closing), why, 72)
