"""A connection without who it was: other addresses, other names, no payload after the handshake.

What the verdict rests on stays: times, ports, sequence numbers, flags, TTLs, sizes, every byte of
the handshake that is no name. Lengths never change, so nothing has to be built anew but checksums.

    names.py      one pseudonym for each label of a name, and for each address
    der.py        where a certificate holds text
    texts.py      cleartext before TLS, or in its place
    edits.py      which bytes of a connection's streams are replaced, and where they end
    packets.py    the packets written anew
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import BinaryIO

from tlswire.anonymous.edits import Redaction, redact
from tlswire.anonymous.names import Pseudonyms
from tlswire.anonymous.packets import write
from tlswire.language import mark
from tlswire.seen import Seen
from tlswire.sources.excerpt import Excerpt
from tlswire.sources.pcap import PacketTuple

__all__ = ["LEFT", "Pseudonyms", "anonymise"]

#: What is not replaced, to be told to whoever hands it on.
LEFT = (
    mark("times, ports, sizes, TTLs, IP identifications and TCP timestamps"),
    mark("random values, key shares, session ids, session tickets and what is encrypted"),
    mark("serial numbers, keys and dates of certificates"),
    mark("usual ALPN names, and text of less than three characters in certificates"),
    mark("software versions that a server tells in its banner"),
)


def anonymise(
    packets: Iterable[PacketTuple],
    every: Sequence[Seen],
    chosen: Sequence[Seen],
    out: BinaryIO,
    pseudonyms: Pseudonyms,
    *,
    keep_names: bool = False,
) -> int:
    """Write the packets of the chosen connections without who they were; return how many.

    `packets` are those of the capture, `every` all of its connections.
    """
    excerpt = Excerpt()
    for seen in every:
        excerpt.saw(seen.flow)
    redactions: dict[int, tuple[Seen, Redaction]] = {}
    for seen in chosen:
        excerpt.take(seen.flow, "", None)
        redactions[seen.flow.number] = seen, redact(seen, None if keep_names else pseudonyms)
    until = max((seen.until for seen in chosen), default=0.0)
    return write(excerpt.select(packets), redactions, pseudonyms, out, until)
