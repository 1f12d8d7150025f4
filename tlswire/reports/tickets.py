"""What goes to a team: a letter with what to change and why, as plain text and as Markdown."""

from __future__ import annotations

import shlex

from tlswire.reports.endings import stopped
from tlswire.reports.escape import escape
from tlswire.reports.measured import Measured
from tlswire.reports.verdicts import COMMAND
from tlswire.result import Connection, Remedy, Verdict


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
        f"TLS from {connection.client} to {connection.server}{name} fails.",
        f"Stopped at {stopped(connection)}.",
        "",
        verdict.summary,
        "",
        "What to change:",
        *(f"- {remedy.text}" for remedy in teams(verdict).get(who, ())),
    ]
    if verdict.causes:
        best = verdict.causes[0]
        lines += ["", f"Why ({best.confidence}, {best.id}):"]
        lines += [
            f"- {'' if e.frame is None else f'frame {e.frame}: '}{e.text}" for e in best.evidence
        ]
    lines += ["", _source(measured)]
    return "\n".join(map(escape, lines))


def _source(measured: Measured) -> str:
    digest = f", SHA-256 {measured.sha256}" if measured.sha256 else ""
    return f"tlswire {measured.version}, {measured.capture or 'standard input'}{digest}"


def next_command(verdict: Verdict, capture: str) -> tuple[str, str] | None:
    """Return the command that the next step runs, ready to be copied, and what it is for."""
    found = COMMAND.match(verdict.next_step or "")
    if found is None or not capture:
        return None
    rest = found["rest"]
    return found["command"].replace("CAPTURE", shlex.quote(capture)), rest[:1].upper() + rest[1:]
