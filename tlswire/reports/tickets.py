"""What goes to a team: a letter with what to change and why, as plain text and as Markdown."""

from __future__ import annotations

from tlswire.language import say
from tlswire.reports.endings import stopped
from tlswire.reports.escape import escape
from tlswire.reports.measured import Measured
from tlswire.reports.text import called
from tlswire.reports.verdicts import confidence
from tlswire.result import Connection, Evidence, Remedy, Verdict


def teams(verdict: Verdict) -> dict[str, list[Remedy]]:
    """Return the remedies of the best cause by whom they are for."""
    found: dict[str, list[Remedy]] = {}
    for remedy in verdict.causes[0].remedies if verdict.causes else ():
        found.setdefault(remedy.who, []).append(remedy)
    return found


def letter(connection: Connection, verdict: Verdict, who: str, measured: Measured) -> str:
    """Return a letter to one team, ready to be sent, each line safe to show anywhere."""
    name = f" ({connection.server_name})" if connection.server_name else ""
    lines = [
        say(
            "TLS from {client} to {server} fails.",
            client=connection.client,
            server=f"{connection.server}{name}",
        ),
        say("Stopped at {where}.", where=stopped(connection)),
        "",
        verdict.summary,
        "",
        say("What to change:"),
        *(f"- {remedy.text}" for remedy in teams(verdict).get(who, ())),
    ]
    if verdict.causes:
        best = verdict.causes[0]
        lines += [
            "",
            say("Why ({sure}, {cause}):", sure=confidence(best.confidence), cause=best.id),
        ]
        lines += [f"- {framed(evidence)}" for evidence in best.evidence]
    lines += ["", _source(measured)]
    return "\n".join(map(escape, lines))


def framed(evidence: Evidence) -> str:
    """Return a piece of evidence with the frame where it is to be seen."""
    if evidence.frame is None:
        return evidence.text
    return say("frame {frame}: ", frame=evidence.frame) + evidence.text


def _source(measured: Measured) -> str:
    digest = f", SHA-256 {measured.sha256}" if measured.sha256 else ""
    return f"tlswire {measured.version}, {called(measured.capture or None)}{digest}"
