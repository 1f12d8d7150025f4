"""Lists each TLS connection of a capture, one line each: the job that is measured.

Names offered and chosen, messages and alerts; no verdict and no decoded fields, which no other
program of the race gives either.
"""

from __future__ import annotations

import sys

import msgspec

from tlswire import findings
from tlswire.decode import Scan, follow, listed
from tlswire.seen import Seen
from tlswire.transcript import version_name


def line(seen: Seen) -> dict[str, object]:
    """Return what is listed of a connection."""
    transcript, offer = seen.transcript, seen.offer
    return {
        "id": seen.flow.number,
        "client": str(seen.flow.client.endpoint),
        "server": str(seen.flow.server.endpoint),
        "server_name": offer.server_name if offer else None,
        "offered": offer.suites if offer else None,
        "version": version_name(transcript.version),
        "suite": findings.suite_name(transcript.suite) if transcript.suite else None,
        "outcome": seen.ending.outcome,
        "stopped_at": seen.ending.stopped_at,
        "history": findings.history(transcript, seen.ending),
        "messages": [(entry.what, entry.frame) for entry in transcript.messages],
        "alerts": findings.alerts(transcript),
    }


def main(path: str) -> None:
    """Write the list to the standard output."""
    encode, write = msgspec.json.Encoder().encode, sys.stdout.buffer.write
    source = sys.stdin.buffer if path == "-" else path
    for seen in listed(follow(source, Scan(path))):
        write(encode(line(seen)) + b"\n")


if __name__ == "__main__":
    main(sys.argv[1])
