"""A captured server's part: what of it can be played again to another client, re-keyed.

What it chose stays: version, suite, group, extensions. What is bound to one session is made anew:
randoms, session ids, key shares, signatures. Reads a transcript; makes messages; sends nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from tlswire.codes import EXTENSIONS, ExtensionType, Version
from tlswire.language import say
from tlswire.offer import read_offer
from tlswire.states import APPLICATION_DATA
from tlswire.transcript import Entry, Transcript

_RANDOM = 32
#: RFC 8446 section 4.1.3: the end of a random that says a newer version was possible.
_SENTINEL = 8
SENTINELS = (b"DOWNGRD\0", b"DOWNGRD\1")
#: Extensions of a ServerHello that announce messages (RFC 5077, RFC 6066), or stand for keys and a
#: session of before: said where we have the same to say.
_OUR_OWN = frozenset(
    {
        ExtensionType.session_ticket,
        ExtensionType.status_request,
        ExtensionType.key_share,
        ExtensionType.pre_shared_key,
        ExtensionType.early_data,
    }
)


class Extension(NamedTuple):
    """One extension as it stands on the wire."""

    type: int
    body: bytes

    @property
    def raw(self) -> bytes:
        """Return type, length and body."""
        return self.type.to_bytes(2, "big") + len(self.body).to_bytes(2, "big") + self.body


class Part(NamedTuple):
    """What a captured server said, as far as it was seen."""

    version: int
    tls13: bool
    suite: int
    random: bytes
    resumes: bool  # it took up a session of before
    session_id: bytes
    extensions: tuple[Extension, ...]  # of its ServerHello
    group: int | None  # of its key share, in TLS 1.3
    retried: int | None  # the group that its HelloRetryRequest asked for
    hidden: tuple[Extension, ...] | None  # its EncryptedExtensions, where keys opened them
    asks: bytes | None  # its CertificateRequest; b"" where only the client's answer tells of it
    params: dict[str, Any]  # of its ServerKeyExchange
    downgraded: bool = False  # its client offered more than it chose
    tickets: int = 0  # that it gave, as far as that is seen
    staples: bool = False  # it vouched for its certificate by an OCSP response


def read_part(transcript: Transcript) -> Part | None:
    """Return a server's part; None where it said no ServerHello that can be read."""
    hello, answer = transcript.client_hello, transcript.server_hello
    if hello is None or answer is None or not answer.fields:
        return None
    offered, offer = hello.fields.get("session_id", b""), read_offer(hello)
    fields = answer.fields
    retry = _said(transcript, "hello_retry_request")
    sent, asked = _said(transcript, "server_key_exchange"), _said(transcript, "certificate_request")
    opened = transcript.encrypted_extensions
    resumes = bool(offered) and fields["session_id"] == offered
    if transcript.tls13:
        resumes = answer.has_extension(ExtensionType.pre_shared_key)
    return Part(
        version=transcript.version or fields["legacy_version"],
        tls13=transcript.tls13,
        suite=fields["cipher_suite"],
        random=fields["random"],
        resumes=resumes,
        session_id=fields["session_id"],
        extensions=tuple(cut(answer.body[_extensions_at(answer) :])),
        group=_group(answer),
        retried=_group(retry) if retry is not None else None,
        hidden=None if opened is None else tuple(cut(opened.body)),
        asks=asked.body if asked is not None else b"" if transcript.client_authenticates else None,
        params=sent.fields.get("params", {}) if sent is not None else {},
        downgraded=offer is not None and offer.highest > (transcript.version or 0),
        tickets=_tickets(transcript, answer, resumes=resumes),
        staples=_staples(transcript, answer),
    )


def _tickets(transcript: Transcript, answer: Entry, *, resumes: bool) -> int:
    """Return how many tickets a server gave; one that took one gives some.

    In TLS 1.3 they are hidden: only its word right behind the client's Finished can be no answer.
    """
    given = [e for e in transcript.entries if e.what == "new_session_ticket" and e.who == "server"]
    if given:
        return len(given)
    if transcript.tls13:
        return int(resumes or _speaks_first(transcript))
    hello = transcript.client_hello
    asked = hello is not None and bool(
        (hello.extension(ExtensionType.session_ticket) or {}).get("data")
    )
    return int(answer.has_extension(ExtensionType.session_ticket) or (resumes and asked))


def _speaks_first(transcript: Transcript) -> bool:
    since = transcript.established_at
    after = [e for e in transcript.entries if e.state == APPLICATION_DATA and e.hidden]
    return since is not None and bool(after) and after[0].who == "server" and not after[0].is_alert


def _staples(transcript: Transcript, answer: Entry) -> bool:
    if answer.has_extension(ExtensionType.status_request):
        return True
    shown = _said(transcript, "certificate")
    listed = shown.fields.get("certificate_list", ()) if shown is not None else ()
    return any(
        extension["type"] == ExtensionType.status_request
        for each in listed
        if isinstance(each, dict)
        for extension in each.get("extensions", ())
    )


def _said(transcript: Transcript, what: str) -> Entry | None:
    return next((e for e in transcript.entries if e.what == what and e.who == "server"), None)


def _group(answer: Entry) -> int | None:
    body = answer.extension(ExtensionType.key_share) or {}
    share = body.get("server_share")
    found = share["group"] if share else body.get("selected_group")
    return None if found is None else int(found)


def _extensions_at(answer: Entry) -> int:
    """Return where the extensions' length stands in a ServerHello (RFC 8446 section 4.1.3)."""
    return 2 + _RANDOM + 1 + len(answer.fields["session_id"]) + 2 + 1


def cut(block: bytes) -> Iterator[Extension]:
    """Yield the extensions of a block, its length in front."""
    at, end = 2, min(len(block), 2 + int.from_bytes(block[:2], "big"))
    while at + 4 <= end:
        length = int.from_bytes(block[at + 2 : at + 4], "big")
        yield Extension(int.from_bytes(block[at : at + 2], "big"), block[at + 4 : at + 4 + length])
        at += 4 + length


def join(extensions: Iterable[Extension]) -> bytes:
    """Return extensions as a block, its length in front."""
    raw = b"".join(extension.raw for extension in extensions)
    return len(raw).to_bytes(2, "big") + raw


def server_hello(
    part: Part,
    hello: Entry,
    notes: list[str],
    own: tuple[Extension, ...] = (),
    *,
    resumes: bool = False,
) -> bytes:
    """Return the body of the ServerHello for another client, with extensions of our `own`.

    One that `resumes` a session of before repeats the client's session id.
    """
    random = os.urandom(_RANDOM)
    if part.downgraded and part.random[-_SENTINEL:] in SENTINELS:
        random = random[:-_SENTINEL] + part.random[-_SENTINEL:]
    repeats = part.tls13 or resumes
    session: bytes = hello.fields.get("session_id", b"") if repeats else os.urandom(_RANDOM)
    if not repeats and not part.session_id:
        session = b""
    legacy = Version.tls_1_2 if part.tls13 else part.version
    head = legacy.to_bytes(2, "big") + random + bytes((len(session),)) + session
    chosen = part.suite.to_bytes(2, "big") + b"\0"
    kept = list(_answered(part, hello, notes, own))
    return head + chosen + (join(kept) if kept or part.extensions else b"")


def _answered(
    part: Part, hello: Entry, notes: list[str], own: tuple[Extension, ...]
) -> Iterator[Extension]:
    """Yield the captured extensions that this client can be answered with, ours in their places."""
    left = {extension.type: extension for extension in own}
    for extension in part.extensions:
        if extension.type in left:
            yield left.pop(extension.type)
        elif extension.type == ExtensionType.renegotiation_info:
            yield extension  # the suite 00FF asks for it as well (RFC 5746 section 3.6)
        elif extension.type not in _OUR_OWN and hello.has_extension(extension.type):
            yield extension
        elif extension.type not in _OUR_OWN:
            name = EXTENSIONS.get(extension.type, str(extension.type))
            notes.append(
                say(
                    "the captured ServerHello's {name} is left out: this client has none", name=name
                )
            )
    yield from left.values()


def retry_request(part: Part, hello: Entry, group: int, random: bytes) -> bytes:
    """Return the body of a HelloRetryRequest that asks for a share of `group`."""
    session: bytes = hello.fields.get("session_id", b"")
    head = Version.tls_1_2.to_bytes(2, "big") + random + bytes((len(session),)) + session
    asked = (
        Extension(ExtensionType.supported_versions, part.version.to_bytes(2, "big")),
        Extension(ExtensionType.key_share, group.to_bytes(2, "big")),
    )
    return head + part.suite.to_bytes(2, "big") + b"\0" + join(asked)


def encrypted_extensions(part: Part, hello: Entry) -> bytes:
    """Return the body of EncryptedExtensions: the captured ones, else the least that serves."""
    if part.hidden is not None:
        kept = [e for e in part.hidden if hello.has_extension(e.type)]
        return join(e for e in kept if e.type not in _OUR_OWN)
    body = hello.extension(ExtensionType.application_layer_protocol_negotiation) or {}
    names = list(body.get("protocol_name_list", ()))
    if not names:
        return join(())
    name = bytes(b"http/1.1" if b"http/1.1" in names else names[0])
    listed = bytes((len(name),)) + name
    chosen = len(listed).to_bytes(2, "big") + listed
    return join((Extension(ExtensionType.application_layer_protocol_negotiation, chosen),))
