"""Bytes that are no preamble, no TLS and nothing that has a name, as one look tells.

A flood of random bytes is recognised by it for a hundredth of what it takes to hold each against
every dialect. Must never say so of what `recognise`, `name_bytes` or `find_client_hello` know;
what it does not say it of may be nameless all the same.
"""

from __future__ import annotations

import re
from typing import Final

from tlswire.preambles.client_hello import find_client_hello

#: Fewer bytes may be the beginning of anything.
_LEAST: Final = 16
#: What a client may begin with: text, or what is like text at first; a binary opener; records.
_MAY_HAVE_A_NAME: Final = re.compile(
    rb"[\t\r\n -~]{4}|\s*(?:<|\{\s*\")|\r\n\r\n|[ ]\x00\x00"
    rb"|\x00(?:\x00|.\x00\x00|[\x0e-\x80][\x38\x40\x50])|\x03\x00|\x04[\x01\x02]|\x05|\x12[\x00\x01]"
    rb"|\x10.{1,4}?\x00[\x04\x06]M|\x13B|[\x14-\x18][\x01\x03]|\xff[\xfb-\xff]"
    rb"|\x30(?:[\x00-\x7f]|\x81.|\x82..|\x83...|\x84....)\x02",
    re.S,
)
#: What an IMAP client says after a tag, which may be anything; what an LDAP client asks for.
_SAID_IN_IMAP: Final = re.compile(rb"[ ](?i:CAPABILITY|STARTTLS|LOGIN|NOOP|ID)")
_ASKED_IN_LDAP: Final = b"1.3.6.1.4.1.1466.20037"
#: What is text with letters that are not ASCII.
_TEXT: Final = re.compile(rb"(?>(?:[\t\r\n -~]|[\xc3-\xdf][\x80-\xbf])*)")


def is_nameless(data: bytes) -> bool:
    """Tell whether a client's first bytes are certainly none of the known."""
    return (
        len(data) >= _LEAST
        and _MAY_HAVE_A_NAME.match(data) is None
        and _ASKED_IN_LDAP not in data
        and _SAID_IN_IMAP.search(data) is None
        and _TEXT.match(data, 0, _LEAST + 1).end() < _LEAST  # type: ignore[union-attr]
        and find_client_hello(data) is None
    )
