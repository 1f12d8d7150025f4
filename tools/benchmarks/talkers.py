"""The two ends that the measured captures record: real clients and servers of many kinds.

Run as a program inside a namespace: `serve`, `bulk N` or `many N`, in the folder that holds the
certificates. Must never be run outside one: some of its servers reset, stay silent or answer in
the clear.
"""

from __future__ import annotations

import contextlib
import os
import random
import socket
import ssl
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from ssl import TLSVersion
from typing import NamedTuple

SERVER = "198.51.100.20"
NAME = "partner.example.com"
#: Nothing listens on the port of a refusal.
ECDSA, RSA, ONLY_13, ONE_SUITE, RETRY, REFUSED = 443, 8443, 9443, 10443, 6443, 990
ASKS_CERTIFICATE, RESETS, SILENT, CLEAR = 993, 994, 995, 636

#: Sizes of what is downloaded, bytes.
DOWNLOADS = tuple(500_000 * n for n in range(1, 17))
PAGE = 1_500
BULK_THREADS, MANY_THREADS = 6, 24
PATIENCE = 0.4

NGINX = """
daemon off; user root; worker_processes 2; pid nginx.pid; error_log error.log crit;
events {{ worker_connections 512; }}
http {{
  access_log off; root files; sendfile off; client_body_temp_path t; proxy_temp_path t;
  fastcgi_temp_path t; uwsgi_temp_path t; scgi_temp_path t;
  ssl_session_cache shared:all:4m; ssl_certificate ecdsa.pem; ssl_certificate_key ecdsa.key;
  ssl_protocols TLSv1.2 TLSv1.3;
  {servers}
}}
"""
_RSA = "ssl_certificate rsa.pem; ssl_certificate_key rsa.key;"
VIRTUAL_SERVERS = {
    ECDSA: "",
    RSA: _RSA,
    ONLY_13: "ssl_protocols TLSv1.3;",
    ONE_SUITE: f"{_RSA} ssl_protocols TLSv1.2; ssl_ciphers ECDHE-RSA-CHACHA20-POLY1305;",
    RETRY: "ssl_ecdh_curve secp384r1;",
}


class Ask(NamedTuple):
    """One kind of connection; `share` is how many of a hundred are of this kind."""

    share: int
    port: int
    highest: TLSVersion = TLSVersion.TLSv1_3
    root: str = "known-root.pem"
    name: str = NAME
    suites: str = ""
    certificate: str = ""
    clear: bool = False
    resumes: bool = False
    program: str = ""


_12 = TLSVersion.TLSv1_2
#: 60 of a hundred succeed.
ASKS = (
    Ask(16, ECDSA),
    Ask(10, RSA),
    Ask(4, ECDSA, name="www.example.com"),
    Ask(9, RSA, _12),
    Ask(6, ECDSA, _12),
    Ask(4, ECDSA, _12, resumes=True),
    Ask(4, RETRY),
    Ask(2, ASKS_CERTIFICATE, certificate="rsa"),
    Ask(2, ASKS_CERTIFICATE, _12, certificate="ecdsa"),
    Ask(1, RSA, program="curl -s -o /dev/null --cacert known-root.pem https://{name}:{port}/page"),
    Ask(1, ECDSA, program="openssl s_client -connect {name}:{port} -CAfile known-root.pem"),
    Ask(1, RSA, program="gnutls-cli --x509cafile known-root.pem -p {port} {name}"),
    # -- and these fail
    Ask(5, ECDSA, root="unknown-root.pem"),
    Ask(4, RSA, _12, root="unknown-root.pem"),
    Ask(5, ECDSA, name="another.example.com"),
    Ask(6, ONE_SUITE, suites="ECDHE+AESGCM"),
    Ask(5, ONLY_13, _12),
    Ask(3, ASKS_CERTIFICATE),
    Ask(3, ASKS_CERTIFICATE, _12),
    Ask(4, RESETS),
    Ask(1, SILENT),
    Ask(2, REFUSED),
    Ask(1, CLEAR),
    Ask(1, RSA, clear=True),
)


# -- servers ---------------------------------------------------------------------------


def serve() -> None:
    """Run every server until the end of the process."""
    write_files()
    servers = "\n".join(
        f"server {{ listen {port} ssl backlog=512; server_name _; {options} }}"
        for port, options in VIRTUAL_SERVERS.items()
    )
    Path("nginx.conf").write_text(NGINX.format(servers=servers))
    nginx = subprocess.Popen(["nginx", "-p", ".", "-c", f"{os.getcwd()}/nginx.conf"])
    for port, behave in BEHAVIOURS.items():
        threading.Thread(target=listen, args=(port, behave), daemon=True).start()
    nginx.wait()


def write_files() -> None:
    """Write what is downloaded: bytes that no compression shortens."""
    folder = Path("files")
    folder.mkdir(exist_ok=True)
    for size in DOWNLOADS:
        (folder / f"{size}").write_bytes(os.urandom(size))
    (folder / "page").write_bytes(os.urandom(PAGE))


def listen(port: int, behave: Callable[[socket.socket], None]) -> None:
    """Accept for ever, each connection in a thread of its own."""
    with socket.create_server((SERVER, port), backlog=512) as server:
        while True:
            accepted, _ = server.accept()
            threading.Thread(target=answer, args=(accepted, behave), daemon=True).start()


def answer(accepted: socket.socket, behave: Callable[[socket.socket], None]) -> None:
    """Behave, whatever the client does."""
    with accepted, contextlib.suppress(OSError):
        behave(accepted)


def ask_certificate(accepted: socket.socket) -> None:
    """Shake hands with who has a certificate."""
    with demanding_context().wrap_socket(accepted, server_side=True) as secure:
        secure.recv(4096)
        secure.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + bytes(PAGE))
        secure.unwrap()


@cache
def demanding_context() -> ssl.SSLContext:
    """Return a server's settings that want a client certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain("ecdsa.pem", "ecdsa.key")
    context.load_verify_locations("known-root.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def reset(accepted: socket.socket) -> None:
    """Read the hello and reset."""
    accepted.recv(4096)
    accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def stay_silent(accepted: socket.socket) -> None:
    """Read until the client gives up."""
    while accepted.recv(4096):
        pass


def answer_in_the_clear(accepted: socket.socket) -> None:
    """Speak HTTP where TLS is due."""
    accepted.recv(4096)
    accepted.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\nnot so\n")


BEHAVIOURS: dict[int, Callable[[socket.socket], None]] = {
    ASKS_CERTIFICATE: ask_certificate,
    RESETS: reset,
    SILENT: stay_silent,
    CLEAR: answer_in_the_clear,
}


# -- clients ---------------------------------------------------------------------------


def ask_in_bulk(count: int) -> None:
    """Download half a megabyte to eight, `count` times, some at once."""
    dice = random.Random(count)

    def download(number: int) -> None:
        version = _12 if number % 3 == 0 else TLSVersion.TLSv1_3
        asked = Ask(0, RSA if number % 2 else ECDSA, version)
        talk(asked, f"/{dice.choice(DOWNLOADS)}")

    with ThreadPoolExecutor(BULK_THREADS) as threads:
        list(threads.map(download, range(count)))


def ask_often(count: int) -> None:
    """Connect `count` times, in every way of `ASKS`."""
    asked = [each for each in ASKS for _ in range(max(1, each.share * count // 100))]
    random.Random(count).shuffle(asked)
    with ThreadPoolExecutor(MANY_THREADS) as threads:
        list(threads.map(talk, asked))


def talk(asked: Ask, path: str = "/page") -> None:
    """Make one connection, and take no notice of how it goes."""
    if asked.program:
        command = asked.program.format(name=asked.name, port=asked.port).split()
        quiet = subprocess.DEVNULL
        subprocess.run(command, stdin=quiet, stdout=quiet, stderr=quiet, timeout=20, check=False)
        return
    with contextlib.suppress(OSError):
        session = fetch(asked, path, None)
        if asked.resumes:
            fetch(asked, path, session)


def fetch(asked: Ask, path: str, session: ssl.SSLSession | None) -> ssl.SSLSession | None:
    """Ask for a page and read it to its end; return the session."""
    request = f"GET {path} HTTP/1.0\r\nHost: {asked.name}\r\n\r\n".encode()
    with socket.create_connection((SERVER, asked.port), timeout=20) as plain:
        if asked.port in (SILENT, RESETS):
            plain.settimeout(PATIENCE)
        if asked.clear:
            plain.sendall(request)
            plain.recv(4096)
            return None
        settings = context(asked._replace(share=0, port=0))
        with settings.wrap_socket(plain, server_hostname=asked.name, session=session) as secure:
            secure.sendall(request)
            while secure.recv(1 << 16):
                pass
            return secure.session


@cache
def context(asked: Ask) -> ssl.SSLContext:
    """Return a client's settings."""
    settings = ssl.create_default_context(cafile=asked.root)
    settings.maximum_version = asked.highest
    if asked.suites:
        settings.maximum_version = _12
        settings.set_ciphers(asked.suites)
    if asked.certificate:
        settings.load_cert_chain(f"{asked.certificate}.pem", f"{asked.certificate}.key")
    settings.set_alpn_protocols(["http/1.1"])
    return settings


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve"]:
            serve()
        case ["bulk", number]:
            ask_in_bulk(int(number))
        case ["many", number]:
            ask_often(int(number))
