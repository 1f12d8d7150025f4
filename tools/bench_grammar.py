"""Measure the grammar: fast parsers and layouts against interpreted construct and other programs.

Prints ratios, taken side by side in interleaved rounds, because absolute times say little on a
shared machine. Usage: `python tools/bench_grammar.py [rounds]`.

The yardstick is the grammar as construct's own words would write it (`Prefixed`, `GreedyRange`,
`Switch`, `Enum`): that is what a hot path without generated parsers would cost. Four ways of ours:

- `first sight`: neither the layout nor any extension has been seen before;
- `known extensions`: each extension but key shares has, their order and the length have not;
- `known layout`: lengths and types have, all values are new; nothing is remembered of them;
- `equal bodies`: all of it has, save what every message has fresh.

Other programs (`pip install '.[bench]'`) read the same bytes; not one of them reads all of what
the columns of ours do.
"""

from __future__ import annotations

import random
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
from tlswire.grammar import fast, read  # noqa: E402
from tlswire.grammar.drawing import FRESH, Drawing  # noqa: E402
from tlswire.grammar.interpreted import attempt  # noqa: E402
from tlswire.grammar.layouts import OFTEN, READERS, alone  # noqa: E402
from tlswire.grammar.trees import TREES  # noqa: E402

Reader = Callable[[], Any]

#: What is measured -> kind, vector file, handshake type.
SAMPLES = {
    "ClientHello OpenSSL 512 B": ("client_hello", "handshake-tls13", 1),
    "ClientHello Chrome-like": ("client_hello", "hello-chrome", 1),
    "ServerHello 1.3": ("server_hello", "handshake-tls13", 2),
    "ServerHello 1.2": ("server_hello", "handshake-tls12-ecdhe", 2),
    "Certificate, 3": ("certificate", "handshake-tls12-ecdhe", 11),
}


#: Messages read in turn, whose extensions are together more than are remembered.
MANY = 256


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


def dpkt_reader(kind: str, body: bytes) -> Reader:
    """Return what makes dpkt read the body."""
    from dpkt import ssl

    names = {"client_hello": "TLSClientHello", "server_hello": "TLSServerHello"}
    return partial(getattr(ssl, names.get(kind, "TLSCertificate")), body)


def scapy_reader(kind: str, body: bytes) -> Reader:
    """Return what makes scapy dissect the body."""
    from scapy.layers.tls import handshake

    names = {"client_hello": "TLSClientHello", "server_hello": "TLSServerHello"}
    return partial(getattr(handshake, names.get(kind, "TLSCertificate")), message(kind, body))


def tlslite_reader(kind: str, body: bytes) -> Reader:
    """Return what makes tlslite-ng parse the body; it parses certificates too."""
    from tlslite import messages
    from tlslite.constants import CertificateType
    from tlslite.utils.codec import Parser

    makers: dict[str, Reader] = {
        "client_hello": messages.ClientHello,
        "server_hello": messages.ServerHello,
        "certificate": partial(messages.Certificate, CertificateType.x509, (3, 3)),
    }
    make, data = makers[kind], bytearray(message(kind, body)[1:])
    return lambda: make().parse(Parser(data))


def cryptoparser_reader(kind: str, body: bytes) -> Reader:
    """Return what makes cryptoparser parse the body."""
    from cryptoparser.tls import subprotocol

    names = {
        "client_hello": "TlsHandshakeClientHello",
        "server_hello": "TlsHandshakeServerHello",
        "certificate": "TlsHandshakeServerCertificate",
    }
    return partial(getattr(subprotocol, names[kind]).parse_exact_size, message(kind, body))


PEERS: dict[str, Callable[[str, bytes], Reader]] = {
    "dpkt": dpkt_reader,
    "scapy": scapy_reader,
    "tlslite-ng": tlslite_reader,
    "cryptoparser": cryptoparser_reader,
}


def message(kind: str, body: bytes) -> bytes:
    """Return a body with its handshake header."""
    numbers = {"client_hello": 1, "server_hello": 2, "certificate": 11}
    return bytes([numbers[kind]]) + len(body).to_bytes(3, "big") + body


# -- our own -----------------------------------------------------------------------------------


def alike(form: str, body: bytes, seed: int) -> bytes:
    """Return a message of the same layout with random values.

    A number below 256 stays below: Python need not make an object for it.
    """
    drawing, changed = Drawing(body), bytearray(body)
    TREES[form].walk(drawing, len(body), {}, "")
    chance = random.Random(seed)
    for start, size, letter, _, depends in drawing.places:
        if (letter, depends) == ("H", FRESH):  # a type that the grammar does not know
            continue
        for at in range(start, start + size):
            high_byte_of_a_small_number = letter in ("H", "") and not (at - start) % 2
            if body[at] or not high_byte_of_a_small_number:
                changed[at] = chance.randrange(1, 256)
    return bytes(changed)


def read_all(kind: str, bodies: list[bytes]) -> None:
    """Read messages one after the other."""
    for body in bodies:
        read(kind, body)


def read_without_layouts(kind: str, form: str, bodies: list[bytes]) -> None:
    """Read messages one after the other, all by the parser."""
    reader, READERS[form] = READERS[form], alone(fast.PARSERS[form])
    read_all(kind, bodies)
    READERS[form] = reader


def ours(kind: str, form: str, body: bytes) -> dict[str, tuple[Reader, int]]:
    """Return our own ways to read the body, and how many messages each reads in one call."""
    others, same = [alike(form, body, seed) for seed in range(MANY)], [body] * MANY
    for other in [body, *others] * (1 + OFTEN // MANY):
        assert read(kind, other) == (fast.PARSERS[form](other, len(other)), ())
    return {
        "first sight": (partial(read_without_layouts, kind, form, others), MANY),
        "known extensions": (partial(read_without_layouts, kind, form, same), MANY),
        "known layout": (partial(read_all, kind, others), MANY),
        "equal bodies": (partial(read_all, kind, same), MANY),
        "own interpreted": (partial(attempt, form, kind, body), 1),
    }


# -- measuring ---------------------------------------------------------------------------------


def cost(reader: Reader, number: int) -> float:
    """Return the CPU seconds of one call."""
    return max(timeit.timeit(reader, number=number, timer=time.process_time) / number, 1e-9)


def measure(readers: Mapping[str, tuple[Reader, int]], rounds: int) -> dict[str, float]:
    """Return the best CPU time for one message, in microseconds, rounds interleaved."""
    best = dict.fromkeys(readers, float("inf"))
    counts = {name: max(1, int(0.02 / cost(reader, 1))) for name, (reader, _) in readers.items()}
    for _ in range(rounds):
        for name, (reader, messages) in readers.items():
            best[name] = min(best[name], cost(reader, counts[name]) / messages * 1e6)
    return best


def peers(kind: str, body: bytes) -> tuple[dict[str, tuple[Reader, int]], dict[str, str]]:
    """Return what the installed peers read with, and why others do not."""
    readers: dict[str, tuple[Reader, int]] = {}
    failed: dict[str, str] = {}
    for name, peer in PEERS.items():
        try:
            reader = peer(kind, body)
            reader()
        except ImportError:
            failed[name] = "not installed"
        except Exception as error:  # whatever a peer makes of the bytes
            failed[name] = f"fails: {type(error).__name__}"[:16]
        else:
            readers[name] = (reader, 1)
    return readers, failed


def main(rounds: int) -> None:
    """Print the table."""
    plain = yardstick()
    print("times as fast as construct interpreted, which takes so many microseconds")
    for number, (title, (kind, source, type_)) in enumerate(SAMPLES.items()):
        body = vector_body(source, type_)
        form = "certificate_12" if kind == "certificate" else kind
        own, (others, failed) = ours(kind, form, body), peers(kind, body)
        if not number:
            head = [*own, *PEERS]
            print(f"{'':26}{'us':>6}" + "".join(f"{name:>18}" for name in head))
        times = measure(
            {"construct": (partial(plain[kind].parse, body), 1), **own, **others}, rounds
        )
        one = times["construct"]
        cells = [failed.get(name) or f"{one / times[name]:.3g}x" for name in head]
        print(f"{title:26}{one:>6.0f}" + "".join(f"{cell:>18}" for cell in cells))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
