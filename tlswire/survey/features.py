"""What a server can do besides suites: resumption, renegotiation, extensions, client certificates.

A finding is True or False where the server showed it, and None where it was not asked, or where
nothing was shown either way. Most is in the server's first flight; the rest needs keys.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from typing import Any, Final

from tlswire.codes import COMPRESSION_METHODS, Alert, ExtensionType, Suite, Version
from tlswire.distinguished import distinguished
from tlswire.keys.agreement import hash_name, supported
from tlswire.suites import SUITES
from tlswire.survey.answer import Hearing
from tlswire.survey.caller import Caller, Piece
from tlswire.survey.elimination import eliminate
from tlswire.survey.handshakes import Handshake, resuming, shake, takes
from tlswire.survey.question import Question, ordinary, protocols
from tlswire.survey.versions import Accepted
from tlswire.surveyed import ClientCertificate, Features

_E = ExtensionType
#: Application protocols that are asked for (the registry of RFC 7301, those in use).
PROTOCOLS: Final[tuple[bytes, ...]] = (
    *(b"h2", b"http/1.1", b"http/1.0", b"h2c", b"spdy/3.1", b"spdy/3", b"grpc-exp"),
    *(b"acme-tls/1", b"dot", b"imap", b"pop3", b"managesieve", b"ftp", b"nntp", b"nnsp", b"irc"),
    *(b"xmpp-client", b"xmpp-server", b"mqtt", b"amqp", b"postgresql", b"tds/8.0", b"ntske/1"),
    *(b"webrtc", b"c-webrtc", b"stun.turn", b"stun.nat-discovery", b"coap", b"co", b"sunrpc"),
    *(b"smb", b"radius/1.0", b"radius/1.1", b"sip/2", b"h3"),
)
#: DEFLATE (RFC 3749) and LZS (RFC 3943), before null.
COMPRESSIONS: Final = (1, 64, 0)
#: The limit that is offered; what comes back is the server's own (RFC 8449 section 4).
LIMIT: Final = 1 << 14
#: max_fragment_length 2^12, the largest there is (RFC 6066 section 4).
FRAGMENT: Final = 4
#: A GREASE ECH (RFC 9849 section 6.2): HKDF-SHA256, AES-128-GCM, made of random bytes.
_GREASE_ECH: Final = b"\x00\x00\x01\x00\x01"


def playable(found: Accepted) -> tuple[int, ...]:
    """Return the suites of a version that our side can play to the end."""
    tls13 = found.version >= Version.tls_1_3
    kinds = ("any",) if tls13 else ("RSA", "ECDHE", "DHE")
    return tuple(
        suite
        for suite in found.suites
        if SUITES[suite].key_exchange in kinds
        and supported(SUITES[suite], found.version, tls13=tls13)
    )


def question_for(found: Accepted) -> Question:
    """Return an ordinary hello for a version: what the server takes and we can play."""
    suites = playable(found) or found.suites
    question = ordinary(found.version, suites[:24])
    if found.groups and found.version >= Version.tls_1_3:  # one is shared: let it be taken
        return question._replace(groups=found.groups[:8])
    return question


class Explorer:
    """Asks for features; `old` is the newest version up to TLS 1.2, `new` TLS 1.3."""

    def __init__(self, caller: Caller, found: Sequence[Accepted]) -> None:
        self._caller = caller
        self._found = [each for each in found if each.version > Version.ssl_3_0]
        self._new = next((f for f in self._found if f.version >= Version.tls_1_3), None)
        self._old = next((f for f in self._found if f.version < Version.tls_1_3), None)
        self.known: dict[str, Any] = {}

    async def explore(self) -> Features:
        """Ask for everything."""
        jobs = [self._fallback(), self._protocols()]
        if self._old is not None:
            old = self._old
            jobs += [self._extensions(old), self._compression(old), self._limits(old)]
            jobs += [self._session(old, b""), self._session(old, None), self._cbc(old)]
            jobs += [self._renegotiation(old)]
        if self._new is not None:
            jobs += [self._tls13(self._new)]
        await asyncio.gather(*jobs)
        return Features(**self.known)

    # -- the first flight up to TLS 1.2 ------------------------------------------------

    async def _extensions(self, old: Accepted) -> None:
        heartbeat = (_E.heartbeat, b"\x01")
        answer = await self._caller.ask(question_for(old)._replace(added=(heartbeat,)), whole=True)
        if not answer.accepted:  # some mind the heartbeat
            answer = await self._caller.ask(question_for(old), whole=True)
        if not answer.accepted:
            return
        self.known["secure_renegotiation"] = _E.renegotiation_info in answer.extensions
        self.known["extended_master_secret"] = _E.extended_master_secret in answer.extensions
        self.known["heartbeat"] = _E.heartbeat in answer.extensions
        if answer.complete:
            self.known["ocsp_staple"] = answer.staple or self.known.get("ocsp_staple", False)
            if answer.requested is not None or "client_certificate" not in self.known:
                self.known["client_certificate"] = _asked(answer.requested)

    async def _cbc(self, old: Accepted) -> None:
        """Encrypt-then-MAC is for block ciphers only (RFC 7366 section 3); a short MAC, for all."""
        suites = tuple(s for s in old.suites if SUITES[s].encryption.endswith("CBC"))
        if not suites:
            return
        question = question_for(old)._replace(suites=suites)
        short = question._replace(added=((_E.truncated_hmac, b""),))
        answer, cut = await asyncio.gather(self._caller.ask(question), self._caller.ask(short))
        if answer.accepted:
            self.known["encrypt_then_mac"] = _E.encrypt_then_mac in answer.extensions
        if cut.accepted:
            self.known["truncated_hmac"] = _E.truncated_hmac in cut.extensions

    async def _compression(self, old: Accepted) -> None:
        question = question_for(old)._replace(compressions=COMPRESSIONS)
        answer = await self._caller.ask(question)
        if answer.accepted:
            method = answer.compression
            name = COMPRESSION_METHODS.get(method, str(method))
            self.known["compression"] = (name,) if method else ()

    async def _limits(self, old: Accepted) -> None:
        limit = (_E.record_size_limit, LIMIT.to_bytes(2, "big"))
        fragment = (_E.max_fragment_length, bytes((FRAGMENT,)))
        one, other = await asyncio.gather(
            self._caller.ask(question_for(old)._replace(added=(limit,))),
            self._caller.ask(question_for(old)._replace(added=(fragment,))),
        )
        if one.accepted:
            self.known.setdefault("record_size_limit", _limit(one.extensions))
        if other.accepted:
            self.known["max_fragment_length"] = _E.max_fragment_length in other.extensions

    async def _fallback(self) -> None:
        """A second try with an older version must be refused where a newer is taken (RFC 7507)."""
        if len(self._found) < 2:
            return
        older = self._found[1]
        question = question_for(older)
        suites = (*question.suites, Suite.TLS_FALLBACK_SCSV)
        if older.version >= Version.tls_1_3:
            return
        answer = await self._caller.ask(question._replace(suites=suites))
        if answer.accepted:
            self.known["fallback_scsv"] = False
        elif answer.alert == Alert.inappropriate_fallback:
            self.known["fallback_scsv"] = True

    async def _protocols(self) -> None:
        """A server shows one protocol a connection, as it does with suites."""
        found = self._old or self._new
        if found is None:
            return
        numbers = list(range(len(PROTOCOLS)))

        async def pick(offered: Sequence[int]) -> int | None:
            names = [PROTOCOLS[n] for n in offered]
            return await self._pick_protocol(found, names)

        shown = await eliminate(numbers, pick)
        self.known["alpn"] = tuple(PROTOCOLS[n].decode() for n in shown)

    async def _pick_protocol(self, found: Accepted, names: Sequence[bytes]) -> int | None:
        alpn = _E.application_layer_protocol_negotiation
        question = question_for(found)._replace(added=((alpn, protocols(names)),))
        if found.version < Version.tls_1_3:
            extensions = (await self._caller.ask(question)).extensions
        else:
            extensions = (await shake(self._caller, question)).answer.extensions
        body = extensions.get(alpn) or {}
        chosen = next((bytes(name) for name in body.get("protocol_name_list", ())), None)
        return PROTOCOLS.index(chosen) if chosen in PROTOCOLS else None

    # -- whole handshakes up to TLS 1.2 ------------------------------------------------

    async def _session(self, old: Accepted, ticket: bytes | None) -> None:
        """Play a handshake, and ask for its session again, by its id or by a ticket."""
        if not playable(old):
            return
        by_ticket = ticket is not None
        question = question_for(old)
        if not by_ticket:
            question = question._replace(dropped=frozenset((_E.session_ticket,)))
        first = await shake(self._caller, question, finish=True)
        self._note_refusal(first)
        if not first.established:
            return
        key = "session_ticket" if by_ticket else "session_id"
        self.known[key] = await self._resumes(question, first, by_ticket=by_ticket)

    async def _resumes(self, question: Question, first: Handshake, *, by_ticket: bool) -> bool:
        if by_ticket:
            issued = next((bytes(t["ticket"]) for t in first.tickets if t.get("ticket")), b"")
            session = os.urandom(32)  # what comes back tells that the ticket was taken (RFC 5077)
            question = question._replace(added=((_E.session_ticket, issued),))
        else:
            issued = session = first.answer.session_id
        if not issued:
            return False
        answer = await self._caller.ask(question._replace(session_id=session))
        return answer.accepted and answer.session_id == session

    def _note_refusal(self, first: Handshake) -> None:
        """A server that refuses an empty Certificate requires one."""
        asked = first.answer.requested
        if asked is None:
            return
        refused = not first.established or first.refused_after is not None
        self.known["client_certificate"] = _asked(asked, required=refused)

    async def _renegotiation(self, old: Accepted) -> None:
        if not playable(old):
            return
        played = await shake(self._caller, question_for(old), finish=True, renegotiate=True)
        if played.established:
            self.known["client_renegotiation"] = bool(played.renegotiated)

    # -- TLS 1.3 -----------------------------------------------------------------------

    async def _tls13(self, new: Accepted) -> None:
        limit = (_E.record_size_limit, LIMIT.to_bytes(2, "big"))
        ech = _GREASE_ECH + os.urandom(1) + b"\0\x20" + os.urandom(32) + b"\0\x90" + os.urandom(144)
        question = question_for(new)._replace(
            added=(limit, (_E.encrypted_client_hello, ech)),
        )
        played = await shake(self._caller, question, finish=True)
        answer = played.answer
        if not answer.accepted:
            played = await shake(self._caller, question_for(new), finish=True)
            answer = played.answer
        if not answer.chain:
            return
        self.known["record_size_limit"] = _limit(answer.extensions)
        self.known["ech"] = _E.encrypted_client_hello in answer.extensions
        self.known["ocsp_staple"] = answer.staple or self.known.get("ocsp_staple", False)
        if answer.requested is not None:
            required = played.refused_after is not None
            self.known["client_certificate"] = _asked(answer.requested, required=required)
        else:
            self.known.setdefault("client_certificate", _asked(None))
        await self._tickets(new, played)

    async def _tickets(self, new: Accepted, played: Handshake) -> None:
        if not played.established or played.refused_after is not None:
            return
        early = [_early(ticket) for ticket in played.tickets]
        self.known["early_data"] = max(early, default=0)
        kept = played.ticket
        if kept is None:
            self.known["psk_resumption"] = False
            return
        ticket, key = kept
        question = question_for(new)._replace(suites=(played.answer.suite or 0,))
        name = hash_name(SUITES[played.answer.suite or 0])
        data = resuming(question, self._caller.shape, ticket, key, name)
        answer = await self._caller.send([Piece(data)], Hearing())
        self.known["psk_resumption"] = takes(answer)


def _limit(extensions: dict[int, Any]) -> int | None:
    body = extensions.get(_E.record_size_limit)
    return int(body["record_size_limit"]) if body else None


def _early(ticket: dict[str, Any]) -> int:
    for extension in ticket.get("extensions", ()):
        if extension["type"] == _E.early_data and extension["body"]:
            return int(extension["body"].get("max_early_data_size", 0))
    return 0


def _asked(requested: dict[str, Any] | None, required: bool | None = None) -> ClientCertificate:
    if requested is None:
        return ClientCertificate(asked=False, required=False)
    return ClientCertificate(
        asked=True, required=required, authorities=tuple(_authorities(requested))[:64]
    )


def _authorities(requested: dict[str, Any]) -> Sequence[str]:
    names = list(requested.get("certificate_authorities", ()))
    for extension in requested.get("extensions", ()):
        if extension["type"] == _E.certificate_authorities and extension["body"]:
            names += next(iter(extension["body"].values()))
    return [distinguished(bytes(name)) for name in names]
