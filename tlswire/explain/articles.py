"""The article on each thing that the registries number: a suite taken apart, an alert, a group.

One function a kind, in the table `WRITERS`. Knows numbers only; what a user's word stands for is
found by spellings.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from msgspec import Struct

from tlswire import codes
from tlswire.codes import CIPHER_SUITES, REGISTRIES, Version
from tlswire.explain import alert_causes, alert_meanings, meanings
from tlswire.language import mark, say
from tlswire.suites import SUITES, SuiteFacts

#: What `explain --json` prints is a contract of its own.
SCHEMA: Final = "tlswire-explain/1"


class Part(Struct, frozen=True, kw_only=True):
    """One aspect: `label` names it, `value` is its token if it has one, `text` says it."""

    label: str
    value: str | None = None
    text: str


class Explanation(Struct, frozen=True, kw_only=True):
    """One thing that a word can mean. `recommended` is IANA's column: Y, N, D or null."""

    kind: str
    name: str
    code: int | None = None
    summary: str
    parts: tuple[Part, ...] = ()
    spellings: dict[str, str] = {}
    recommended: str | None = None
    causes: tuple[str, ...] = ()


def explain_suite(_registry: str, code: int) -> Explanation:
    """Take a cipher suite apart."""
    facts = SUITES.get(code)
    name = CIPHER_SUITES[code]
    if facts is None:
        text = meanings.SIGNALS.get(name, mark("a signalling value, not a suite"))
        return Explanation(kind="signalling suite value", name=name, code=code, summary=say(text))
    return Explanation(
        kind="cipher suite",
        name=name,
        code=code,
        summary=summarise_suite(facts),
        parts=tuple(suite_parts(facts)),
        spellings={k: v for k, v in library_names(facts).items() if v is not None},
        recommended=facts.recommended,
    )


def library_names(facts: SuiteFacts) -> dict[str, str | None]:
    """Return how each library spells a suite."""
    return {
        "IANA" if facts.recommended else "usual": facts.name,
        "OpenSSL": facts.openssl,
        "GnuTLS": facts.gnutls,
        "NSS": facts.nss,
        "Java": java_name(facts),
    }


def java_name(facts: SuiteFacts) -> str | None:
    """Return Java's name where it is not IANA's: suites as old as SSL 3.0 begin with SSL_."""
    old = facts.recommended is not None and facts.minimum_version == Version.ssl_3_0
    return facts.name.replace("TLS_", "SSL_", 1) if old else None


def summarise_suite(facts: SuiteFacts) -> str:
    """Say in one line how a suite protects."""
    secret = facts.forward_secrecy
    told = [
        version_range(facts),
        say("{bits}-bit encryption", bits=facts.bits) if facts.bits else say("no encryption"),
        say("with forward secrecy") if secret else say("without forward secrecy"),
    ]
    weak = facts.recommended == "D" or facts.bits < 112
    return ", ".join([*told, say("weak")] if weak else told)


def version_range(facts: SuiteFacts) -> str:
    """Say which versions may use a suite."""
    low, high = (codes.VERSIONS[v] for v in (facts.minimum_version, facts.maximum_version))
    return say("{first} only" if low == high else "{first} to {last}", first=low, last=high)


def suite_parts(facts: SuiteFacts) -> Iterator[Part]:
    """Yield what each word of a suite's name stands for."""
    exchange, authentication = facts.key_exchange, facts.authentication
    yield Part(
        label=mark("key exchange"), value=exchange, text=say(meanings.KEY_EXCHANGES[exchange])
    )
    yield Part(
        label=mark("authentication"),
        value=authentication,
        text=say(meanings.AUTHENTICATIONS[authentication]),
    )
    yield Part(label=mark("encryption"), value=facts.encryption, text=describe_cipher(facts))
    yield Part(label=mark("integrity"), value=facts.mac, text=describe_mac(facts))
    if facts.minimum_version > Version.ssl_3_0 and facts.maximum_version >= Version.tls_1_2:
        newest = facts.minimum_version == Version.tls_1_3
        use = say("hash of HKDF") if newest else say("hash of the PRF from TLS 1.2 on")
        yield Part(label=mark("key derivation"), value=facts.hash, text=use)
    yield Part(label=mark("forward secrecy"), text=describe_secrecy(facts))


def describe_cipher(facts: SuiteFacts) -> str:
    """Say what the encryption of a suite is."""
    cipher, _, rest = facts.encryption.partition("-")
    mode = next((text for word, text in sorted_modes() if rest.endswith(word)), "")
    key = say("{bits}-bit key", bits=facts.bits) if facts.bits else ""
    return ", ".join(filter(None, (say(meanings.CIPHERS[cipher]), key, say(mode))))


def sorted_modes() -> list[tuple[str, str]]:
    """Return the modes, the longest word first."""
    return sorted(meanings.MODES.items(), key=lambda row: -len(row[0]))


def describe_mac(facts: SuiteFacts) -> str:
    """Say what protects the integrity of records."""
    if facts.mac == "AEAD":
        return say("the encryption itself shows changes")
    return say("none") if facts.mac == "NULL" else say("a code over every record shows changes")


def describe_secrecy(facts: SuiteFacts) -> str:
    """Say what a stolen long-term key opens."""
    if facts.forward_secrecy:
        return say("yes: a key that is stolen later does not open recorded connections")
    return say("no: who gets the long-term key can read recorded connections")


def explain_alert(_registry: str, code: int) -> Explanation:
    """Say what an alert means and who sends it."""
    name = codes.ALERTS[code]
    known = alert_meanings.ALERT_MEANINGS[code]
    parts = (Part(label=mark("usual sender"), text=say(known.sender)),)
    return Explanation(
        kind="alert",
        name=name,
        code=code,
        summary=say(known.meaning),
        parts=parts,
        causes=alert_causes.CAUSES.get(code, ()),
    )


def explain_extension(registry: str, code: int) -> Explanation:
    """Say what an extension is for."""
    text = meanings.EXTENSION_MEANINGS.get(code, mark("an extension of the hello messages"))
    return _explain_row("extension", registry, code, text)


def explain_group(registry: str, code: int) -> Explanation:
    """Say what a named group is."""
    name = codes.GROUPS[code]
    if code in meanings.GROUP_MEANINGS:
        return _explain_row("named group", registry, code, meanings.GROUP_MEANINGS[code])
    hybrid = re.search(r".(kyber|mlkem)", name.lower())
    family = None if hybrid else _family(name, meanings.GROUP_FAMILIES)
    return _explain_row("named group", registry, code, family or meanings.HYBRID)


def explain_scheme(registry: str, code: int) -> Explanation:
    """Say what a signature scheme is."""
    text = _family(codes.SIGNATURE_SCHEMES[code], meanings.SCHEME_FAMILIES)
    return _explain_row("signature scheme", registry, code, text or mark("a signature scheme"))


def _family(name: str, families: dict[str, str]) -> str | None:
    """Return the text of the longest beginning of a name that a table has."""
    words = [word for word in families if name.lower().startswith(word)]
    return families[max(words, key=len)] if words else None


def explain_version(registry: str, code: int) -> Explanation:
    """Say what became of a version."""
    text = meanings.VERSION_MEANINGS.get(code, mark("a draft, or a version of experiments"))
    return _explain_row("version", registry, code, text)


def explain_grease(code: int | None) -> Explanation:
    """Say what GREASE is; the value itself says nothing."""
    return Explanation(
        kind="reserved value", name="GREASE", code=code, summary=say(meanings.GREASE)
    )


def explain_other(registry: str, code: int) -> Explanation:
    """Name a row of a registry of which there is no more to say."""
    kind = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", registry)
    return _explain_row(kind, registry, code, getattr(codes, registry).__doc__ or "")


def _explain_row(kind: str, registry: str, code: int, text: str) -> Explanation:
    """Explain a row with IANA's opinion of it."""
    name = REGISTRIES[registry][code]
    rating = codes.RECOMMENDED.get(registry, {}).get(code)
    return Explanation(kind=kind, name=name, code=code, summary=say(text), recommended=rating)


WRITERS: dict[str, Callable[[str, int], Explanation]] = {
    "CipherSuite": explain_suite,
    "Alert": explain_alert,
    "ExtensionType": explain_extension,
    "Group": explain_group,
    "SignatureScheme": explain_scheme,
    "Version": explain_version,
}


def explain_code(registry: str, code: int) -> Explanation:
    """Explain one row of a registry; `KeyError` when the registry does not have the number."""
    return WRITERS.get(registry, explain_other)(registry, code)
