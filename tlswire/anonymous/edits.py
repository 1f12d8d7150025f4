"""What is replaced in the two streams of a connection, and where each of them ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tlswire import grammar
from tlswire.anonymous import der, texts
from tlswire.anonymous.names import Pseudonyms
from tlswire.codes import CIPHER_SUITES
from tlswire.findings import shown
from tlswire.flow import Who
from tlswire.hidden import MACS
from tlswire.messages import MESSAGE_HEADER
from tlswire.records import HEADER
from tlswire.seen import Seen
from tlswire.transcript import NOT_MESSAGES, Entry

#: Fields that hold a name, by the end of their path.
NAMES = ("host_name", "psk_identity", "identity_hint")
#: Application protocols that say nothing of whose they are (IANA; a name of one's own may).
PROTOCOLS = frozenset(
    b"h2 h2c h3 http/0.9 http/1.0 http/1.1 spdy/1 spdy/2 spdy/3 spdy/3.1 webrtc c-webrtc ftp imap "
    b"pop3 managesieve coap co xmpp-client xmpp-server acme-tls/1 mqtt dot ntske/1 sunrpc irc smb "
    b"nntp doq sip/2 tds/8.0 dicom postgresql radius/1.0 radius/1.1 stun.turn amqp grpc-exp "
    b"stun.nat-discovery apns-pack-v1 apns-security-v3".split()
)
SIDES: tuple[Who, Who] = ("client", "server")
#: A name that a hello lists, and the messages in which names stand.
PROTOCOL = ".protocol_name_list["
WITH_NAMES = frozenset(
    {"client_hello", "server_hello", "server_key_exchange", "client_key_exchange"}
)
#: Messages in which DER holds names.
WITH_DER = frozenset({"certificate", "certificate_request"})
#: Fields whose elements are DER.
HOLDERS = frozenset({"certificate_list", "cert_data", "certificate_authorities", "authorities"})

#: Between two messages stands the header of a record (RFC 8446 section 5.1); behind the last one
#: that was read, the headers of a record and of a message tell what is missing.
HEADERS = HEADER + MESSAGE_HEADER

Range = tuple[int, int]


@dataclass(slots=True)
class Redaction:
    """For each side the bytes to put at stream offsets, what is kept, and where it ends.

    What was not understood is not kept: it is written as zeros, so that no name slips through.
    """

    edits: dict[Who, list[tuple[int, bytes]]] = field(
        default_factory=lambda: {"client": [], "server": []}
    )
    kept: dict[Who, list[Range]] = field(default_factory=lambda: {"client": [], "server": []})
    ends: dict[Who, int | None] = field(default_factory=dict)

    def apply(self, who: Who, offset: int, data: bytes) -> bytes:
        """Return the bytes of a segment that stands at `offset`, replaced and cut."""
        end = self.ends.get(who)
        old = data if end is None else data[: max(0, end - offset)]
        made = bytearray(len(old))
        for start, stop in self.kept[who]:
            first, last = max(start - offset, 0), min(stop - offset, len(old))
            if first < last:
                made[first:last] = old[first:last]
        for at, new in self.edits[who]:
            first, last = max(at, offset), min(at + len(new), offset + len(made))
            if first < last:
                made[first - offset : last - offset] = new[first - at : last - at]
        return bytes(made)


def redact(seen: Seen, names: Pseudonyms | None) -> Redaction:
    """Return what to replace in a connection; nothing but its end is cut without `names`."""
    made = Redaction()
    transcript = seen.transcript
    for who in SIDES:
        if names is not None:
            made.edits[who] += _cleartext(seen, who, names)
        made.kept[who] = _kept(seen, who)
        if transcript.established_at is not None:
            made.ends[who] = _end(seen, who)
    if names is not None:
        for entry in transcript.messages:
            made.edits[entry.who] += _message(entry, names)
    return made


def _end(seen: Seen, who: Who) -> int:
    """Return where the handshake of a side ends in its stream."""
    own = [entry for entry in shown(seen.transcript, seen.ending) if entry.who == who]
    code = _code_length(seen)
    ends = [at + size + code * entry.protected for entry in own for at, size in entry.spans]
    return max(ends, default=len(seen.transcript.cleartext.get(who, b"")))


def _kept(seen: Seen, who: Who) -> list[Range]:
    """Return what was read of a side: cleartext, messages, and the headers around them."""
    transcript = seen.transcript
    code = _code_length(seen)
    last = len(transcript.cleartext.get(who, b""))
    kept: list[Range] = [(0, last)]
    for entry in transcript.entries:
        if entry.who != who:
            continue
        if entry.what == "not_tls":
            kept.append((entry.offset, entry.offset + len(transcript.foreign.get(who, b""))))
        elif entry.what not in NOT_MESSAGES:
            for start, size in entry.spans:
                end = start + size + code * entry.protected
                kept.append((max(last, start - HEADER), end))
                last = end
    if who in transcript.spoke or transcript.unfinished.get(who):
        kept.append((last, last + HEADERS))
    return kept


def _code_length(seen: Seen) -> int:
    """Return how long the code is that follows a message which a NULL suite leaves in the clear."""
    name = CIPHER_SUITES.get(seen.transcript.suite or 0, "")
    return MACS.get(name.rpartition("_")[2], 0) if "_NULL_" in name else 0


def _cleartext(seen: Seen, who: Who, names: Pseudonyms) -> Iterator[tuple[int, bytes]]:
    transcript = seen.transcript
    if transcript.cleartext.get(who):
        yield 0, texts.mask(transcript.cleartext[who], names)
    for entry in transcript.entries:
        if entry.what == "not_tls" and entry.who == who and transcript.foreign.get(who):
            yield entry.offset, texts.mask(transcript.foreign[who], names)
            return


def _message(entry: Entry, names: Pseudonyms) -> Iterator[tuple[int, bytes]]:
    if entry.hidden or entry.protected or not entry.body:
        return
    for at, new in _in_body(entry, names):
        yield from _placed(entry, at, new)


def _in_body(entry: Entry, names: Pseudonyms) -> Iterator[tuple[int, bytes]]:
    """Yield (offset in the body, new bytes)."""
    body = entry.body
    if entry.what in WITH_DER:
        yield from _in_der(entry, names)
        return
    if entry.what not in WITH_NAMES:
        return
    for path, (at, size) in grammar.locate(entry.kind, body, entry.situation).items():
        if path.endswith(NAMES) and size:
            yield at, names.text(body[at : at + size])
        elif PROTOCOL in path and path.endswith("]"):  # a length stands before the name
            name = body[at + 1 : at + size]
            if name not in PROTOCOLS:
                yield at + 1, names.text(name)


def _in_der(entry: Entry, names: Pseudonyms) -> Iterator[tuple[int, bytes]]:
    body = entry.body
    for start in _ders(entry):
        signed = der.signature(body, start)
        if signed is not None:  # other names were signed
            yield signed[0], bytes(signed[1])
        for at, size, width in der.texts(body, start):
            old = body[at : at + size]
            if width == 0:
                yield at, names.host(old, 2)
            elif width == 1:
                yield at, names.text(old)
            else:
                letters = names.text(old[width - 1 :: width])
                new = bytearray(old)
                new[width - 1 :: width] = letters
                yield at, bytes(new)


def _ders(entry: Entry) -> Iterator[int]:
    """Yield where a certificate or a distinguished name begins in a message."""
    spans = grammar.locate(entry.kind, entry.body, entry.situation)
    for path, (at, size) in spans.items():
        before = spans.get(f"{path}.length", (0, 0))
        begin = at + (before[1] if before[0] == at else 0)
        last = path.rpartition(".")[2].partition("[")[0]
        if last in HOLDERS and begin < at + size and entry.body[begin] == der.SEQUENCE:
            yield begin


def _placed(entry: Entry, at: int, new: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield bytes of the body at their places in the stream; records may stand between."""
    skip = sum(size for _, size in entry.spans) - len(entry.body)
    position = -skip
    for start, size in entry.spans:
        first, last = max(at, position), min(at + len(new), position + size)
        if first < last:
            yield start + first - position, new[first - at : last - at]
        position += size
