"""What a survey finds, against the union of what its peers find; each difference with its reason.

A difference that was looked into has a row in `EXPLAINED`; one that has none counts.
"""

from __future__ import annotations

import subprocess
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping, Sequence

from benchmarks.survey_servers import Configuration, MissingError, serving
from benchmarks.survey_tools import BY_NAME, Finding, Tool

#: Seconds that a tool may take on one server; testssl needs half a minute and more.
LONGEST = 600

#: Differences that were looked into: configurations or stacks, words of the line, and why.
EXPLAINED: tuple[tuple[str, str, str], ...] = (
    (
        "openssl-chacha haproxy go node",
        "order, we mixed",
        "ChaCha20 goes first for a client that puts it first: no hello of nmap's or testssl's does",
    ),
    (
        "wolfssl",
        "another order than nmap's",
        "DHE is told last: wolfSSL takes it only of a client that names a group of RFC 7919",
    ),
)


def compare(configurations: Sequence[Configuration], peers: Sequence[Tool]) -> int:
    """Compare what is found on every configuration; return how many differ unexplained."""
    differing = 0
    for configuration in configurations:
        try:
            with serving(configuration) as port:
                own = find(BY_NAME["tlswire-suites"], port)
                told = {peer.name: find(peer, port) for peer in peers}
        except (MissingError, subprocess.SubprocessError) as error:
            print(f"{configuration.name:18} passed over: {str(error)[:150]}", flush=True)
            continue
        differing += not _told(configuration.name, own, told)
    return differing


def _told(name: str, own: Finding, told: Mapping[str, Finding]) -> bool:
    """Print what each found and what differs, with the reasons; tell whether all have one."""
    lines = list(differences(own, told))
    theirs = ", ".join(f"{peer} {pairs(found)}" for peer, found in told.items())
    same = "" if lines else "same"
    print(f"{name:18} {pairs(own):4} pairs  {same:5} ({theirs})", flush=True)
    reasons = [explained(name, line) for line in lines]
    for line, reason in zip(lines, reasons, strict=True):
        print(f"{'':18} {line}")
        if reason:
            print(f"{'':18}   explained: {reason}")
    return all(reasons)


def pairs(found: Finding) -> int:
    """Return how many pairs of version and suite were found."""
    return sum(map(len, found.suites.values()))


def differences(own: Finding, told: Mapping[str, Finding]) -> Iterator[str]:
    """Yield what differs, a line each: suites first, then whose order it is, then the order."""
    taken = union(told)
    for version in sorted({*own.suites, *taken}):
        mine, theirs = set(own.suites.get(version, ())), taken.get(version, {})
        for suite in sorted(set(theirs) - mine):
            yield f"{version}: only {' and '.join(theirs[suite])} found {suite}"
        for suite in sorted(mine - set(theirs)):
            yield f"{version}: only we found {suite}"
        for name, finding in told.items():
            yield from _order(version, own, name, finding)


def _order(version: str, own: Finding, name: str, told: Finding) -> Iterator[str]:
    mine, whose = own.preference.get(version, "none"), told.preference.get(version)
    if whose in ("server", "client") and mine not in (whose, "none"):
        yield f"{version}: {name} says {whose} order, we {mine}"
    if name == "nmap" and whose == mine == "server":
        shared = [s for s in own.suites[version] if s in told.suites[version]]
        if shared != [s for s in told.suites[version] if s in shared]:
            yield f"{version}: another order than nmap's"


def union(told: Mapping[str, Finding]) -> dict[str, dict[str, list[str]]]:
    """Return who found which suite, by version."""
    found: dict[str, dict[str, list[str]]] = {}
    for name, finding in told.items():
        for version, suites in finding.suites.items():
            for suite in suites:
                found.setdefault(version, {}).setdefault(suite, []).append(name)
    return found


def explained(name: str, line: str) -> str | None:
    """Return why a line differs; None where nobody has looked."""
    stack = name.partition("-")[0]
    for names, words, why in EXPLAINED:
        if words in line and (name in names.split() or stack in names.split()):
            return why
    return None


def find(tool: Tool, port: int) -> Finding:
    """Run a tool once, and read what it found."""
    done = subprocess.run(
        tool.command(port), capture_output=True, text=True, timeout=LONGEST, check=False
    )
    assert tool.read is not None
    try:
        return tool.read(done.stdout)
    except (ElementTree.ParseError, ValueError, KeyError) as error:
        print(f"  {tool.name}: {error}: {done.stderr[-200:]}")
        return Finding({}, {})
