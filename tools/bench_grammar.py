"""Measure the grammar: fast parsers against interpreted construct, dpkt and scapy.

Prints ratios, taken side by side in interleaved rounds, because absolute times say little on a
shared machine. Usage: `python tools/bench_grammar.py [rounds]`.

The yardstick is the grammar as construct's own words would write it (`Prefixed`, `GreedyRange`,
`Switch`, `Enum`): that is what a hot path without generated parsers would cost.
"""

from __future__ import annotations

import sys
import time
import timeit
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import construct as c  # noqa: E402
from vectors.reading import body as vector_body  # noqa: E402

from tlswire import codes  # noqa: E402
from tlswire.grammar import fast, fast_words, read  # noqa: E402
from tlswire.grammar.interpreted import attempt  # noqa: E402

#: What is measured -> kind, vector file, handshake type.
SAMPLES = {
    "ClientHello OpenSSL 512 B": ("client_hello", "handshake-tls13", 1),
    "ClientHello Chrome-like": ("client_hello", "hello-chrome", 1),
    "ServerHello 1.3": ("server_hello", "handshake-tls13", 2),
    "ServerHello 1.2": ("server_hello", "handshake-tls12-ecdhe", 2),
    "Certificate, 3": ("certificate", "handshake-tls12-ecdhe", 11),
}


# -- the yardstick -----------------------------------------------------------------------------


def enum(number: Any, names: Mapping[int, str]) -> Any:
    """Return a number with the names of a registry, as construct's Enum."""
    return c.Enum(number, **{name: code for code, name in names.items()})


def greedy(length: Any, item: Any) -> Any:
    """Return a list behind its length, in construct's own words."""
    return c.Prefixed(length, c.GreedyRange(item))


def blob(length: Any) -> Any:
    """Return opaque bytes behind their length."""
    return c.Prefixed(length, c.GreedyBytes)


def yardstick() -> dict[str, Any]:
    """Return the hellos and the certificate list in construct's own words."""
    u8, u16, u24 = c.Int8ub, c.Int16ub, c.Int24ub
    e = codes.ExtensionType
    group, scheme = enum(u16, codes.GROUPS), enum(u16, codes.SIGNATURE_SCHEMES)
    version, suite = enum(u16, codes.VERSIONS), enum(u16, codes.CIPHER_SUITES)
    share = c.Struct("group" / group, "key_exchange" / blob(u16))
    client = {
        e.server_name: greedy(u16, c.Struct("name_type" / u8, "host_name" / blob(u16))),
        e.status_request: c.Struct(
            "status_type" / u8, "ids" / greedy(u16, blob(u16)), "extensions" / blob(u16)
        ),
        e.supported_groups: greedy(u16, group),
        e.ec_point_formats: greedy(u8, u8),
        e.signature_algorithms: greedy(u16, scheme),
        e.application_layer_protocol_negotiation: greedy(u16, blob(u8)),
        e.compress_certificate: greedy(u8, u16),
        e.supported_versions: greedy(u8, version),
        e.psk_key_exchange_modes: greedy(u8, u8),
        e.key_share: greedy(u16, share),
        e.application_settings: greedy(u16, blob(u8)),
        e.renegotiation_info: blob(u8),
    }
    server = {
        e.ec_point_formats: greedy(u8, u8),
        e.application_layer_protocol_negotiation: greedy(u16, blob(u8)),
        e.supported_versions: version,
        e.key_share: share,
        e.renegotiation_info: blob(u8),
    }

    def listed(bodies: dict[int, Any]) -> Any:
        one = c.Struct(
            "type" / u16,
            "body" / c.Prefixed(u16, c.Switch(c.this.type, bodies, default=c.GreedyBytes)),
        )
        return c.Optional(greedy(u16, one))

    return {
        "client_hello": c.Struct(
            "legacy_version" / version,
            "random" / c.Bytes(32),
            "session_id" / blob(u8),
            "cipher_suites" / greedy(u16, suite),
            "compression_methods" / greedy(u8, u8),
            "extensions" / listed(client),
        ),
        "server_hello": c.Struct(
            "legacy_version" / version,
            "random" / c.Bytes(32),
            "session_id" / blob(u8),
            "cipher_suite" / suite,
            "compression_method" / u8,
            "extensions" / listed(server),
        ),
        "certificate": c.Struct("certificate_list" / greedy(u24, blob(u24))),
    }


# -- the peers ---------------------------------------------------------------------------------


def dpkt_reader(kind: str, body: bytes) -> Callable[[], Any]:
    """Return what makes dpkt read the body."""
    from dpkt import ssl

    names = {"client_hello": "TLSClientHello", "server_hello": "TLSServerHello"}
    return partial(getattr(ssl, names.get(kind, "TLSCertificate")), body)


def scapy_reader(kind: str, body: bytes) -> Callable[[], Any]:
    """Return what makes scapy dissect the body."""
    from scapy.layers.tls import handshake as scapy_tls

    names = {"client_hello": (1, "TLSClientHello"), "server_hello": (2, "TLSServerHello")}
    number, name = names.get(kind, (11, "TLSCertificate"))
    message = bytes([number]) + len(body).to_bytes(3, "big") + body
    return partial(getattr(scapy_tls, name), message)


def forgetful(kind: str, body: bytes) -> Any:
    """Read as if no equal extension had been seen before."""
    forget()
    return read(kind, body)


MEMORIES = [memory for memory in vars(fast).values() if isinstance(memory, fast_words.Memory)]


def forget() -> None:
    """Empty the memory of equal extensions; "new bodies" pays for it on top."""
    for memory in MEMORIES[:2]:  # those of ClientHello and ServerHello
        memory.forget()


# -- measuring ---------------------------------------------------------------------------------


def measure(readers: Mapping[str, Callable[[], Any]], rounds: int) -> dict[str, float]:
    """Return the best CPU time of one call of each, in microseconds, rounds interleaved."""
    best = dict.fromkeys(readers, float("inf"))
    counts = {name: max(1, int(0.02 / timeit.timeit(r, number=1))) for name, r in readers.items()}
    for _ in range(rounds):
        for name, reader in readers.items():
            forget()
            count = counts[name]
            took = timeit.timeit(reader, number=count, timer=time.process_time) / count * 1e6
            best[name] = min(best[name], took)
    return best


def main(rounds: int) -> None:
    """Print the table."""
    plain = yardstick()
    head = ["fast, new bodies", "fast, equal bodies", "own interpreted", "dpkt", "scapy"]
    print(f"{'x construct interpreted':28}{'us':>8}" + "".join(f"{name:>20}" for name in head))
    for title, (kind, source, number) in SAMPLES.items():
        body = vector_body(source, number)
        form = "certificate_12" if kind == "certificate" else kind
        readers: dict[str, Callable[[], Any]] = {
            "construct": partial(plain[kind].parse, body),
            head[0]: partial(forgetful, kind, body),
            head[1]: partial(read, kind, body),
            head[2]: partial(attempt, form, kind, body),
            head[3]: dpkt_reader(kind, body),
            head[4]: scapy_reader(kind, body),
        }
        times = measure(readers, rounds)
        one = times["construct"]
        row = "".join(f"{one / times[name]:>19.1f}x" for name in head)
        print(f"{title:28}{one:>8.0f}{row}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
