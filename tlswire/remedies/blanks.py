"""The words that fill the blanks of settings, by what a topic is about, for one client's offer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from tlswire import codes
from tlswire.codes import Version
from tlswire.language import mark, say
from tlswire.offer import Offer, is_host_name
from tlswire.remedies import needs, spelling
from tlswire.suites import SuiteFacts


class Filled(NamedTuple):
    """Words by blank, None where a product has none; whether to set anything at all; a warning."""

    words: dict[str, str | None]
    admits: bool = True
    warning: str | None = None


def fill(about: str, offer: Offer | None) -> Filled:
    """Return the words for a topic; placeholders in capitals where there is no offer."""
    if offer is None:
        return Filled(PLACEHOLDERS)
    return FILLERS[about](offer)


def _nothing(offer: Offer) -> Filled:
    return Filled({})


# -- suites -----------------------------------------------------------------------------------


def _suites(offer: Offer) -> Filled:
    """Suites up to TLS 1.2; a client that offers none of them is not told so twice."""
    if needs.only_tls13(offer):
        return Filled({}, False)
    return _of(offer)


def _suites13(offer: Offer) -> Filled:
    return _of(offer) if needs.only_tls13(offer) else Filled({}, False)


def _of(offer: Offer) -> Filled:
    need = needs.suites(offer)
    if not need.suites:
        return Filled({}, False, say(ONLY_BROKEN if offer.suites else NO_SUITE))
    chosen = need.suites
    # lists that cannot be added to hold the usual suites too, so that no other client is shut out
    listed = tuple(dict.fromkeys((*chosen, *needs.usual_suites(chosen))))
    words = {
        "suites_openssl": _joined(":", (f.openssl or _tls13(f) for f in chosen)),
        "suites_whole": _joined(":", (f.openssl or _tls13(f) for f in listed)),
        "suites_f5": _joined(":", (spelling.f5(f) or _tls13(f) for f in chosen)),
        "suite_netscaler": next(filter(None, map(spelling.netscaler, chosen)), None),
        "suites_envoy": _having(chosen, ", ", map(spelling.boringssl, listed)),
        "suites_go": _having(chosen, ", ", map(spelling.go, listed)),
        "suites_iana": _joined(",", (facts.name for facts in listed)),
        "suite_iana": chosen[0].name,
    }
    return Filled(words, True, _priced(need.price, say(needs.MODERN)))


def _tls13(facts: SuiteFacts) -> str | None:
    return facts.name if facts.key_exchange == "any" else None


def _joined(separator: str, names: Iterable[str | None]) -> str | None:
    return separator.join(filter(None, names)) or None


def _having(
    chosen: tuple[SuiteFacts, ...], separator: str, names: Iterable[str | None]
) -> str | None:
    """Return the names of a product's list; None where it has none of those that are needed."""
    known = tuple(names)
    return separator.join(filter(None, known)) if any(known[: len(chosen)]) else None


def _priced(price: str | None, wanted: str) -> str | None:
    if price is None:
        return None
    return say(
        "{better} The settings below lower the server's security for all clients: {price}.",
        better=say(needs.BETTER, wanted=wanted),
        price=price,
    )


ONLY_BROKEN: Final = mark(
    "The client offers only suites that are broken: accept none of them, update the client, or put "
    "a proxy with a modern library before it."
)
NO_SUITE: Final = mark(
    "The client offers no suite: accept none of them, update the client, or put a proxy with a "
    "modern library before it."
)
TOO_OLD: Final = mark(
    "The client is too old for any setting: enable nothing, update the client, or put a proxy with "
    "a modern library before it."
)


# -- versions ---------------------------------------------------------------------------------


def _highest(offer: Offer) -> Filled:
    version = needs.highest_version(offer)
    if version is None:
        return Filled({}, False, say(TOO_OLD))
    price = needs.VERSION_PRICES[version]
    priced = _priced(say(price), say("TLS 1.2 or 1.3")) if price is not None else None
    return Filled(_version(version), True, priced)


def _lowest(offer: Offer) -> Filled:
    version = needs.lowest_version(offer)
    return Filled({}, False) if version is None else Filled(_version(version))


def _with_sha1(offer: Offer) -> Filled:
    version = needs.highest_version(offer)
    return Filled({}, version is not None and version < Version.tls_1_2)


def _version(version: int) -> dict[str, str | None]:
    above = [name for number, name in spelling.VERSIONS.items() if number >= version]
    words: dict[str, str | None] = {
        f"version_{product}": table.get(version) for product, table in spelling.VERSIONS_OF.items()
    }
    return {**words, "version": spelling.VERSIONS[version], "versions": " ".join(above)}


# -- groups, schemes and keys -----------------------------------------------------------------


def _groups(offer: Offer) -> Filled:
    """The groups that fit this client first, then the usual ones, so that no other is shut out."""
    offered = [group for group in spelling.GROUPS if group in (offer.groups or ())]
    if not offered:
        text = say("The client offers no group that servers have: let it offer X25519 or P-256.")
        return Filled({}, False, text)
    listed = tuple(dict.fromkeys((*offered, *spelling.USUAL_GROUPS)))
    names = [spelling.GROUPS[group] for group in listed]
    words: dict[str, str | None] = {"groups": ":".join(names), "groups_envoy": ", ".join(names)}
    words["groups_f5"] = ":".join(name for name in names if name != "X25519MLKEM768")
    for product, table in spelling.GROUPS_OF.items():
        separator = ", " if product == "go" else ","
        words[f"groups_{product}"] = separator.join(table[g] for g in listed if g in table)
        words[f"group_{product}"] = next((table[g] for g in offered if g in table), None)
    return Filled(words)


def _schemes(offer: Offer) -> Filled:
    """The client's schemes first, then the usual ones, so that no other client is shut out."""
    names = [codes.SIGNATURE_SCHEMES.get(s, "") for s in offer.signature_algorithms or ()]
    sound = [n for n in names if n and not any(old in n for old in needs.OLD_HASHES)]
    if not sound:
        return Filled({}, False, say(needs.SHA1_ONLY))
    listed = tuple(dict.fromkeys((*sound, *spelling.USUAL_SCHEMES)))
    return Filled({"schemes": ":".join(listed), "schemes_iana": ",".join(listed)})


def _keys(offer: Offer) -> Filled:
    """The kind of certificate that this client can use, for a server that has the other one."""
    kinds = {facts.authentication for facts in needs.suites(offer).suites}
    names = (codes.SIGNATURE_SCHEMES.get(s, "") for s in offer.signature_algorithms or ())
    schemes = {name.partition("_")[0] for name in names if name}
    ecdsa = "ECDSA" in kinds if kinds and "any" not in kinds else "ecdsa" in schemes
    rsa = "RSA" in kinds if kinds and "any" not in kinds else not schemes or "rsa" in schemes
    return Filled({"missing_key": "ecdsa" if ecdsa and not rsa else "rsa"})


def _name(offer: Offer) -> Filled:
    """Only a proper host name is put into a setting: it comes from the wire."""
    name = offer.server_name
    return Filled({"name": name if name and is_host_name(name) else PLACEHOLDERS["name"]})


#: What each topic is filled with.
FILLERS: Final[dict[str, Callable[[Offer], Filled]]] = {
    "nothing": _nothing,
    "suites": _suites,
    "suites of TLS 1.3": _suites13,
    "highest version": _highest,
    "lowest version": _lowest,
    "sha1 version": _with_sha1,
    "groups": _groups,
    "schemes": _schemes,
    "keys": _keys,
    "name": _name,
}


class _Placeholders(dict[str, str | None]):
    """Every blank as a word in capitals."""

    def __missing__(self, blank: str) -> str:
        return blank.partition("_")[0].upper()


PLACEHOLDERS: Final = _Placeholders({"name": "HOST", "missing_key": "KEY"})
