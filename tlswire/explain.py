"""What a word means: a suite, an alert, an extension, a number, a cause, a line of a log.

`explain(word)` asks each row of `READERS` in turn and returns all that they know. Finds and says;
never prints, never reads a capture.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from tlswire import codes, meanings, stack_errors
from tlswire.articles import Explanation, Part, explain_code, explain_grease, library_names
from tlswire.codes import REGISTRIES, ExtensionType, Group, Version
from tlswire.errors import SelectionError
from tlswire.result import SCHEMA
from tlswire.suites import SUITES

if TYPE_CHECKING:
    from tlswire.causes.case import CauseModule

LONGEST_WORD = 1000


class Explained(Struct, frozen=True, kw_only=True):
    """All that was asked for; the document of `--json`."""

    schema: str = SCHEMA
    explanations: tuple[Explanation, ...]


class UnknownWordError(SelectionError):
    """Nothing is known by that word; the text names what is spelt alike."""


def explain(word: str) -> tuple[Explanation, ...]:
    """Return all meanings of a word, the likeliest first; `UnknownWordError` when there is none."""
    found = find(word)
    if not found:
        raise UnknownWordError(unknown(word))
    return found


def find(word: str) -> tuple[Explanation, ...]:
    """Return all meanings of a word, none when nobody knows it."""
    asked = word.strip()[:LONGEST_WORD]
    return tuple(e for reader in READERS for e in reader.read(asked))


def unknown(word: str) -> str:
    """Return one line for a word that nobody knows, with what is spelt alike."""
    near = suggest(word)
    shown = word[:60].encode("unicode_escape").decode("ascii")
    return f"nothing is known by '{shown}'" + (f"; near: {', '.join(near)}" if near else "")


def suggest(word: str) -> list[str]:
    """Return at most five names that are spelt like the word."""
    names = {plain(name): name for names in spelled().values() for name in [names[0].spelling]}
    names |= {plain(name): name for name in causes_by_id()}
    return [names[key] for key in difflib.get_close_matches(plain(word), names, n=5, cutoff=0.7)]


# -- names and numbers --------------------------------------------------------------------------


class Spelling(NamedTuple):
    """A name as somebody writes it, and what it stands for."""

    spelling: str
    registry: str
    code: int


#: Words that people use and no registry has.
ALIASES: tuple[Spelling, ...] = (
    Spelling("SNI", "ExtensionType", ExtensionType.server_name),
    Spelling("ALPN", "ExtensionType", ExtensionType.application_layer_protocol_negotiation),
    Spelling("NPN", "ExtensionType", ExtensionType.next_protocol_negotiation),
    Spelling("ALPS", "ExtensionType", ExtensionType.application_settings),
    Spelling("ECH", "ExtensionType", ExtensionType.encrypted_client_hello),
    Spelling("ESNI", "ExtensionType", ExtensionType.encrypted_server_name),
    Spelling("EMS", "ExtensionType", ExtensionType.extended_master_secret),
    Spelling("SCT", "ExtensionType", ExtensionType.signed_certificate_timestamp),
    Spelling("OCSP stapling", "ExtensionType", ExtensionType.status_request),
    Spelling("elliptic_curves", "ExtensionType", ExtensionType.supported_groups),
    Spelling("PSK", "ExtensionType", ExtensionType.pre_shared_key),
    Spelling("0-RTT", "ExtensionType", ExtensionType.early_data),
    Spelling("P-256", "Group", Group.secp256r1),
    Spelling("prime256v1", "Group", Group.secp256r1),
    Spelling("P-384", "Group", Group.secp384r1),
    Spelling("P-521", "Group", Group.secp521r1),
    Spelling("Curve25519", "Group", Group.x25519),
    Spelling("SSLv2", "Version", Version.ssl_2_0),
    Spelling("SSLv3", "Version", Version.ssl_3_0),
    Spelling("TLSv1", "Version", Version.tls_1_0),
    Spelling("TLSv1.0", "Version", Version.tls_1_0),
    Spelling("TLSv1.1", "Version", Version.tls_1_1),
    Spelling("TLSv1.2", "Version", Version.tls_1_2),
    Spelling("TLSv1.3", "Version", Version.tls_1_3),
)

#: Registries in the order of who is likely meant; the rest follows in its own order.
FIRST = ("CipherSuite", "Alert", "ExtensionType", "Group", "SignatureScheme", "Version")
ORDER = (*FIRST, *(name for name in REGISTRIES if name not in FIRST))


def plain(word: str) -> str:
    """Strip what spellings differ in: case, blanks, hyphens, underscores."""
    return re.sub(r"[\s_-]+", "", word.lower())


@cache
def spelled() -> dict[str, list[Spelling]]:
    """Return everything that has a name, by its plain spelling."""
    found: dict[str, list[Spelling]] = {}
    for spelling in _spellings():
        same = found.setdefault(plain(spelling.spelling), [])
        if all((s.registry, s.code) != (spelling.registry, spelling.code) for s in same):
            same.append(spelling)
    return found


def _spellings() -> Iterator[Spelling]:
    """Yield names of registries, of libraries, and aliases."""
    for registry in ORDER:
        for code, name in REGISTRIES[registry].items():
            yield Spelling(name, registry, code)
    for facts in SUITES.values():
        for name in filter(None, library_names(facts).values()):
            yield Spelling(name, "CipherSuite", facts.code)
    yield from ALIASES


def read_name(word: str) -> Iterator[Explanation]:
    """Explain a name, in whoever's spelling."""
    if plain(word) == "grease":
        yield explain_grease(None)
    for spelling in spelled().get(plain(word), ()):
        yield explain_code(spelling.registry, spelling.code)


#: The words that names of suites are made of, and what such a word is.
TOKENS: dict[str, dict[str, str]] = {
    "key exchange": meanings.KEY_EXCHANGES,
    "authentication": meanings.AUTHENTICATIONS,
    "cipher": meanings.CIPHERS,
    "mode of encryption": meanings.MODES,
}


def read_token(word: str) -> Iterator[Explanation]:
    """Explain one word of a suite's name, such as ECDHE or GCM."""
    for kind, table in TOKENS.items():
        for token, text in table.items():
            if plain(token) == plain(word):
                yield Explanation(kind=kind, name=token, summary=text)


_NUMBER = re.compile(r"\d{1,10}|0x[0-9a-f]{1,8}", re.IGNORECASE)
_BYTES = re.compile(r"\{?\s*0x([0-9a-f]{2}),\s*0x([0-9a-f]{2})\s*\}?", re.IGNORECASE)


def number_of(word: str) -> int | None:
    """Read `40`, `0x28`, `0xC02F` or `0xC0,0x2F`; None for anything else."""
    if pair := _BYTES.fullmatch(word):
        return int(pair[1] + pair[2], 16)
    if not _NUMBER.fullmatch(word):
        return None
    return int(word, 16) if word[:2].lower() == "0x" else int(word)


def read_number(word: str) -> Iterator[Explanation]:
    """Explain a number in every registry that has it."""
    number = number_of(word)
    if number is None:
        return
    if number <= 0xFFFF and codes.is_grease(number):
        yield explain_grease(number)
    order = ORDER if word[:1] == "{" or "x" in word.lower() else ("Alert", *ORDER)
    for registry in dict.fromkeys(order):  # a decimal number is an alert in most logs
        if number in REGISTRIES[registry]:
            yield explain_code(registry, number)


# -- causes and lines of logs -------------------------------------------------------------------


def causes_by_id() -> dict[str, CauseModule]:
    """Return the catalogue of causes; imported here because it is long."""
    from tlswire.causes import CAUSES

    return {cause.ID: cause for cause in CAUSES}


_CAUSE_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")


def read_cause(word: str) -> Iterator[Explanation]:
    """Show the page of a cause, which is the docstring of its module, and its remedies."""
    cause = causes_by_id().get(word) if _CAUSE_ID.fullmatch(word) else None
    if cause is None:
        return
    first, _, rest = (cause.__doc__ or "").strip().partition("\n")
    page = Part(label="", text=rest.strip("\n"))
    remedies = (Part(label=r.who.replace("_", " "), text=r.text) for r in cause.REMEDIES)
    yield Explanation(kind="cause", name=cause.ID, summary=first, parts=(page, *remedies))


def read_error_code(word: str) -> Iterator[Explanation]:
    """Unpack the error code of an OpenSSL, LibreSSL or BoringSSL log line."""
    error = stack_errors.unpack_text(word)
    if error is None:
        return
    parts = tuple(error_parts(error))
    if error.alert is None:
        yield Explanation(
            kind="library error",
            name=error.text or f"reason {error.reason}",
            code=error.code,
            summary=f"{error.library} itself objected, on the side that printed this",
            parts=parts,
            causes=error.causes,
        )
        return
    name = codes.ALERTS.get(error.alert, f"alert {error.alert}")
    summary = f"the peer sent alert {error.alert} {name}; {error.library} only reports it"
    yield Explanation(
        kind="library error", name=name, code=error.code, summary=summary, parts=parts
    )
    if error.alert in codes.ALERTS:
        yield explain_code("Alert", error.alert)


def error_parts(error: stack_errors.StackError) -> Iterator[Part]:
    """Yield the fields of an error code."""
    yield Part(label="printed by", text=error.library)
    yield Part(label="reason", value=str(error.reason), text=error.text or reason_text(error))
    if error.where is not None:
        yield Part(label="function", text=error.where)


def reason_text(error: stack_errors.StackError) -> str:
    """Say what a reason without a text of its own is."""
    if error.alert is None:
        return "not in the table"
    return f"{stack_errors.ALERT_BASE} + {error.alert}: an alert that was received"


#: How programs report a received alert by its name.
SAID_ALERT: tuple[re.Pattern[str], ...] = (
    re.compile(r"fatal alert: (\w+)", re.IGNORECASE),  # Java
    re.compile(r"remote error: tls: ([\w ]+)", re.IGNORECASE),  # Go
    re.compile(r"(?:sslv3|tlsv1|tlsv13) alert ([\w ]+)", re.IGNORECASE),  # OpenSSL
    re.compile(r"alert code is (\d+)|code is (\d+)", re.IGNORECASE),  # Schannel 36887
)


def read_said_alert(word: str) -> Iterator[Explanation]:
    """Find the alert that a log line names in words."""
    if stack_errors.unpack_text(word) is not None:
        return
    for match in filter(None, (pattern.search(word) for pattern in SAID_ALERT)):
        said = next(group for group in match.groups() if group)
        for spelling in spelled().get(plain(said), ()):
            if spelling.registry == "Alert":
                yield explain_code("Alert", spelling.code)
        if said.isdigit() and int(said) in codes.ALERTS:
            yield explain_code("Alert", int(said))


# -- the tables ---------------------------------------------------------------------------------


class Reader(NamedTuple):
    """One way to understand a word."""

    what: str
    read: Callable[[str], Iterator[Explanation]]


READERS: tuple[Reader, ...] = (
    Reader("cause id", read_cause),
    Reader("name", read_name),
    Reader("word of a suite's name", read_token),
    Reader("number", read_number),
    Reader("error code of a library", read_error_code),
    Reader("alert as a log words it", read_said_alert),
)
