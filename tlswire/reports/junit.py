"""Findings as JUnit XML: what a build server shows as passed and failed tests.

A gate on what was found: a handshake, a replay, a policy, a rehearsed client is a test case, and
what is wrong with it its failure.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple
from xml.etree import ElementTree

from tlswire.language import say
from tlswire.reports.endings import side, stopped
from tlswire.reports.escape import escape
from tlswire.reports.played import FIRST, OURS
from tlswire.reports.policies import LEVELS
from tlswire.reports.verdicts import team
from tlswire.result import Cause, Connection, Document, Replay
from tlswire.surveyed import SEVERE, Rehearsal, Survey

#: Weaknesses that are severe fail a build, and what a policy says of a server that does.
FORBIDDEN: Final = frozenset({"forbidden"})


class Test(NamedTuple):
    """One test case; `failure` says what is wrong, `skipped` why nothing can be told."""

    name: str
    failure: str | None = None
    kind: str = ""
    told: str = ""
    skipped: str | None = None


def render(document: Document) -> bytes:
    """Return the document as JUnit XML, a suite for what was read and for each server asked."""
    root = ElementTree.Element("testsuites", name="tlswire")
    for name, tests in _suites(document):
        _write(root, name, list(tests))
    ElementTree.indent(root)
    return b"<?xml version='1.0' encoding='utf-8'?>\n" + ElementTree.tostring(root) + b"\n"


def _suites(document: Document) -> Iterator[tuple[str, Iterator[Test]]]:
    if document.replays is not None:
        name = say("replay of {capture}", capture=document.capture)
        yield name, map(_replay, document.replays)
    elif document.capture is not None or document.connections:
        yield str(document.capture), map(_connection, document.connections)
    for survey in document.surveys or ():
        yield say("survey of {target}", target=survey.target), _survey(survey)
    if document.rehearsal is not None:
        name = say("rehearsal of {policy}", policy=document.rehearsal.policy)
        yield name, _rehearsal(document.rehearsal)


def _write(root: ElementTree.Element, name: str, tests: list[Test]) -> None:
    suite = ElementTree.SubElement(root, "testsuite", name=escape(name), tests=str(len(tests)))
    suite.set("failures", str(sum(test.failure is not None for test in tests)))
    suite.set("skipped", str(sum(test.skipped is not None for test in tests)))
    suite.set("errors", "0")
    for test in tests:
        _write_test(suite, escape(name), test)


def _write_test(suite: ElementTree.Element, classname: str, test: Test) -> None:
    case = ElementTree.SubElement(suite, "testcase", classname=classname, name=escape(test.name))
    if test.failure is not None:
        wrong = ElementTree.SubElement(case, "failure", type=test.kind)
        wrong.set("message", escape(test.failure))
        wrong.text = "\n".join(map(escape, test.told.split("\n")))
    elif test.skipped is not None:
        ElementTree.SubElement(case, "skipped", message=escape(test.skipped))


def _connection(found: Connection) -> Test:
    host = f" {found.server_name}" if found.server_name else ""
    name = say(
        "connection {number}: {client} to {server}",
        number=found.id,
        client=found.client,
        server=found.server + host,
    )
    if found.outcome == "established":
        return Test(name)
    if found.outcome == "incomplete":
        return Test(name, skipped=found.verdict.summary)
    best = found.verdict.causes[0] if found.verdict.causes else None
    told = [say("stopped at {where}", where=stopped(found))]
    told += _remedies(best)
    return Test(name, found.verdict.summary, best.id if best else "unknown", "\n".join(told))


def _replay(done: Replay) -> Test:
    numbers = " ".join(f"#{number}" for number in done.connections)
    name = say("{numbers} to {target}", numbers=numbers, target=done.target)
    exact = next((a for a in done.attempts if a.variant in FIRST), None)
    if exact is None:
        return Test(name, skipped=done.verdict.summary)
    went_on = exact.ended_by is None and exact.outcome in ("established", "incomplete")
    if went_on and not (exact.variant == OURS and done.outcome in ("failed", "not_tls")):
        return Test(name)
    best = done.verdict.causes[0] if done.verdict.causes else None
    told = "\n".join(_remedies(best))
    return Test(name, done.verdict.summary, best.id if best else "unknown", told)


def _remedies(best: Cause | None) -> list[str]:
    found = best.remedies if best is not None else ()
    return [say("{who}: {what}", who=team(remedy.who), what=remedy.text) for remedy in found]


def _survey(done: Survey) -> Iterator[Test]:
    taken = done.outcome == "surveyed"
    yield Test(say("takes TLS"), None if taken else done.summary, done.outcome)
    for weakness in done.warnings:
        bad = weakness.severity in SEVERE
        where = f" ({', '.join(weakness.where)})" if weakness.where else ""
        told = f"{weakness.reason}\n{weakness.source}"
        yield Test(weakness.id, f"{weakness.text}{where}" if bad else None, weakness.severity, told)
    for policy in done.policies:
        bad = policy.level in FORBIDDEN or bool(policy.missing)
        judged = [
            say(
                "{what}: {level}, {reference}",
                what=f"{j.kind} {j.name}",
                level=say(LEVELS[j.level]),
                reference=j.reference,
            )
            for j in policy.judged
        ]
        wrong = [
            line for line, j in zip(judged, policy.judged, strict=True) if j.level in FORBIDDEN
        ]
        wrong += [say("missing: {name}", name=name) for name in policy.missing]
        verdict = say("{what}: {level}", what=policy.title, level=say(LEVELS[policy.level]))
        name = say("policy {name}", name=policy.policy)
        yield Test(name, verdict if bad else None, policy.level, "\n".join(wrong))


def _rehearsal(done: Rehearsal) -> Iterator[Test]:
    for group in done.groups:
        name = say(
            "{number} clients {shape} {version} to {names}",
            number=group.count,
            shape=group.ja4 or "",
            version=group.client_version,
            names=" ".join(group.server_names) or say("no server name"),
        )
        wrong = None if group.would_pass else group.why
        told = "\n".join(
            say("{who}: {what}", who=side(a.who), what=a.text) for a in group.additions
        )
        yield Test(name, wrong, "locked out", told)
