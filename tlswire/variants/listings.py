"""The extensions that are lists: their bodies cut into members, and members joined to a body.

Bytes in, bytes out: a member keeps its own bytes, known or not. A body that is no such list is
None, never an exception.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from tlswire.codes import (
    GROUPS,
    SIGNATURE_SCHEMES,
    VERSIONS,
    ExtensionType,
    is_grease,
)


class Listing(NamedTuple):
    """How a list stands in an extension: bytes of its length, of a member, of a member's tail."""

    prefix: int
    fixed: int  # bytes of a member before its tail
    tail: int = 0  # bytes of the length of a member's own opaque tail
    names: dict[int, str] = {}  # noqa: RUF012 (a table, never written)

    def split(self, body: bytes) -> tuple[bytes, ...] | None:
        """Return the members of a body; None when it is no list of this form."""
        at, found = self.prefix, []
        if len(body) < at or int.from_bytes(body[:at], "big") != len(body) - at:
            return None
        while at < len(body):
            head = at + self.fixed + self.tail
            length = int.from_bytes(body[at + self.fixed : head], "big")
            if head + length > len(body):
                return None
            found.append(body[at : head + length])
            at = head + length
        return tuple(found)

    def join(self, members: Sequence[bytes]) -> bytes:
        """Return the body with these members; raises OverflowError when they are too many."""
        listed = b"".join(members)
        return len(listed).to_bytes(self.prefix, "big") + listed

    def name(self, member: bytes) -> str:
        """Return what a member is called; bytes that are text as text."""
        if not self.fixed:
            return member[self.tail :].decode("utf-8", "backslashreplace")
        number = self.number(member)
        if self.fixed == 2 and is_grease(number):
            return "GREASE"
        return self.names.get(number, f"0x{number:0{2 * self.fixed}x}")

    def number(self, member: bytes) -> int:
        """Return the registry number that a member begins with."""
        return int.from_bytes(member[: self.fixed], "big")


#: RFC 8446 section 4.2, RFC 7301, RFC 8422 section 5.1.2, RFC 8879, RFC 9345.
LISTINGS: Final[dict[int, Listing]] = {
    ExtensionType.supported_groups: Listing(2, 2, names=GROUPS),
    ExtensionType.ec_point_formats: Listing(1, 1),
    ExtensionType.signature_algorithms: Listing(2, 2, names=SIGNATURE_SCHEMES),
    ExtensionType.signature_algorithms_cert: Listing(2, 2, names=SIGNATURE_SCHEMES),
    ExtensionType.delegated_credential: Listing(2, 2, names=SIGNATURE_SCHEMES),
    ExtensionType.supported_versions: Listing(1, 2, names=VERSIONS),
    ExtensionType.key_share: Listing(2, 2, 2, names=GROUPS),
    ExtensionType.psk_key_exchange_modes: Listing(1, 1),
    ExtensionType.compress_certificate: Listing(1, 2),
    ExtensionType.application_layer_protocol_negotiation: Listing(2, 0, 1),
}


def numbers(extension: int, body: bytes | None) -> tuple[int, ...]:
    """Return the registry numbers of a list, () when it is absent or broken."""
    members = LISTINGS[extension].split(body) if body is not None else None
    return tuple(LISTINGS[extension].number(member) for member in members or ())
