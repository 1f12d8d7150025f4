"""The counts for Prometheus, at an address of the user's choice; needs prometheus-client.

Names that come from the wire are bounded: after so many servers or suites the rest are one label.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tlswire.errors import SelectionError
from tlswire.language import say
from tlswire.live.tally import OTHERS
from tlswire.result import Connection
from tlswire.seen import Seen
from tlswire.transcript import Transcript

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

#: Values of one label that are told apart.
MOST_VALUES = 500
#: Seconds; a ServerHello after more than these is late whatever the network.
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """What Prometheus asks for; `add` counts a connection in."""

    def __init__(self) -> None:
        """Make the metrics. Raises SelectionError where the library is missing."""
        try:
            import prometheus_client as prometheus
        except ImportError:
            raise SelectionError(
                say("--metrics needs prometheus-client: pip install 'tlswire[metrics]'")
            ) from None
        self.registry: CollectorRegistry = prometheus.CollectorRegistry()
        self._handshakes = prometheus.Counter(
            "tlswire_handshakes",
            "Handshakes that ended, by outcome, chosen version and cipher suite.",
            ("outcome", "version", "cipher_suite"),
            registry=self.registry,
        )
        self._servers = prometheus.Counter(
            "tlswire_server_handshakes",
            "Handshakes that ended, by server and outcome.",
            ("server", "outcome"),
            registry=self.registry,
        )
        self._failures = prometheus.Counter(
            "tlswire_failures",
            "Handshakes that failed, by server, awaited message, who ended it, and first cause.",
            ("server", "stopped_at", "side", "how", "cause"),
            registry=self.registry,
        )
        self._answers = prometheus.Histogram(
            "tlswire_server_hello_seconds",
            "Time from the ClientHello to the server's answer to it.",
            buckets=BUCKETS,
            registry=self.registry,
        )
        self._gauge = prometheus.Gauge
        self._known: dict[str, set[str]] = {}

    def watch(self, name: str, text: str, value: Callable[[], float]) -> None:
        """Let a number that somebody else keeps be asked for."""
        self._gauge(name, text, registry=self.registry).set_function(value)

    def add(self, seen: Seen, connection: Connection) -> None:
        """Count one connection in."""
        server = self._bounded("server", connection.server)
        self._servers.labels(server, connection.outcome).inc()
        suite = self._bounded("suite", connection.cipher_suite or "")
        version = self._bounded("version", connection.version or "")
        self._handshakes.labels(connection.outcome, version, suite).inc()
        waited = time_to_answer(seen.transcript)
        if waited is not None:
            self._answers.observe(waited)
        if seen.failed:
            self._fail(connection, server)

    def _fail(self, connection: Connection, server: str) -> None:
        causes, ended = connection.verdict.causes, connection.ended_by
        self._failures.labels(
            server,
            connection.stopped_at or "",
            ended.side if ended else "",
            ended.how if ended else "",
            causes[0].id if causes else "",
        ).inc()

    def _bounded(self, label: str, value: str) -> str:
        known = self._known.setdefault(label, set())
        if value in known or len(known) < MOST_VALUES:
            known.add(value)
            return value
        return OTHERS

    def serve(self, address: str, port: int) -> None:
        """Answer at an address from now on, in a thread. Raises SelectionError."""
        from prometheus_client import start_http_server

        try:
            start_http_server(port, address or "0.0.0.0", self.registry)
        except OSError as error:
            where = f"{address}:{port}"
            raise SelectionError(
                say(
                    "cannot serve metrics at {where}: {strerror}",
                    where=where,
                    strerror=error.strerror,
                )
            ) from None


def time_to_answer(transcript: Transcript) -> float | None:
    """Return the seconds from the first ClientHello to the server's hello, None without one."""
    hello = transcript.client_hello
    answers = (e for e in transcript.entries if e.what in ("server_hello", "hello_retry_request"))
    answer = next(answers, None)
    if hello is None or answer is None:
        return None
    return max(0.0, answer.at - hello.at)
