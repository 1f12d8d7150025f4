"""More real TLS servers on loopback, and hellos of many clients: what the player is tried against.

As in `peers`: a context manager gives the `Endpoint`, and what is not installed skips its tests.
"""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import peers
import pytest
from peers import LOOPBACK, NAME, PATIENCE, Client, folder, free_port, identity, need, running

from tlswire.flow import Endpoint

# -- hellos ------------------------------------------------------------------------------


def hello_of(client: Client, *, whole: float = 0.15) -> bytes:
    """Let a real client say its hello to nobody, and return the bytes."""
    heard: list[bytes] = []

    def listen(accepted: socket.socket) -> None:
        said = accepted.recv(1 << 16)
        accepted.settimeout(whole)
        with contextlib.suppress(OSError):
            while len(said) < 5 or len(said) < 5 + int.from_bytes(said[3:5], "big"):
                more = accepted.recv(1 << 16)
                if not more:
                    break
                said += more
        heard.append(said)

    with peers.scripted(listen) as where:
        client(where)
    if not heard or not heard[0]:
        pytest.skip("the client said nothing: is it whole?")
    return heard[0]


def python_hello(
    ciphers: str = "",
    version: ssl.TLSVersion | None = None,
    shape: Callable[[ssl.SSLContext], None] = lambda context: None,
) -> bytes:
    """Return what Python's ssl says, of one version or of those it has."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if ciphers:
        context.set_ciphers(ciphers + ":@SECLEVEL=0")
    if version is not None:
        context.minimum_version = context.maximum_version = version
    shape(context)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(incoming, outgoing, server_hostname=NAME)
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


def gnutls_hello(priority: str) -> bytes:
    return hello_of(peers.gnutls_client("--priority", priority))


def openssl_hello(*options: str) -> bytes:
    return hello_of(peers.openssl_client(*options))


def curl_hello(*options: str) -> bytes:
    return hello_of(peers.curl(*options))


def nss_hello(*options: str) -> bytes:
    program, base = need("tstclnt"), nss_database()
    command = [program, "-d", f"sql:{base}", "-o", "-h", LOOPBACK, "-a", NAME, *options]

    def call(at: Endpoint) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            subprocess.run(
                [*command, "-p", str(at.port)],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=5,
                check=False,
            )

    return hello_of(call)


def java_hello(*protocol: str) -> bytes:
    return hello_of(peers.java_client(*protocol))


def node_hello() -> bytes:
    program = need("node")
    script = (
        "require('tls').connect({host:process.argv[1],port:+process.argv[2],"
        f"servername:'{NAME}',rejectUnauthorized:false}}).on('error',()=>0)"
    )
    return hello_of(lambda at: peers._run(program, "-e", script, at.address, str(at.port)))


def go_hello() -> bytes:
    program = go_program("client", GO_CLIENT)
    return hello_of(lambda at: peers._run(program, str(at)))


def tlslite_hello(version: tuple[int, int], ciphers: list[str]) -> bytes:
    """Return the hello of tlslite-ng, which alone still speaks SSL 3.0."""
    from tlslite import HandshakeSettings, TLSConnection

    def call(at: Endpoint) -> None:
        settings = HandshakeSettings()
        settings.minVersion = settings.maxVersion = version
        settings.cipherNames = ciphers
        settings.macNames = ["sha", "md5", "sha256", "sha384", "aead"]
        with socket.create_connection(at, PATIENCE) as dialled, contextlib.suppress(Exception):
            dialled.settimeout(2)
            TLSConnection(dialled).handshakeClientCert(settings=settings)

    return hello_of(call)


# -- certificates ------------------------------------------------------------------------


@cache
def own_identity(kind: str) -> tuple[Path, Path]:
    """Return a self-signed certificate and its key of a kind that trustme does not make."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

    make: dict[str, Callable[[], Any]] = {
        "Ed25519": ed25519.Ed25519PrivateKey.generate,
        "Ed448": ed448.Ed448PrivateKey.generate,
        "P-256": lambda: ec.generate_private_key(ec.SECP256R1()),
        "RSA-1024": lambda: rsa.generate_private_key(65537, 1024),
    }
    key = make[kind]()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, None if kind.startswith("Ed") else hashes.SHA256())
    )
    home = folder("own")
    pem, secret = home / "own.pem", home / "own.key"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return pem, secret


@cache
def pkcs8_key() -> Path:
    """Return the server's key in PKCS#8, for those who read nothing else."""
    made = folder("pkcs8") / "server.key"
    command = [need("openssl"), "pkey", "-in", str(identity().key), "-out", str(made)]
    subprocess.run(command, capture_output=True, check=True)
    return made


# -- servers -----------------------------------------------------------------------------


@contextlib.contextmanager
def openssl_with(kind: str, *options: str) -> Iterator[Endpoint]:
    pem, key = own_identity(kind)
    with peers.openssl_server(*options, "-cert", str(pem), "-key", str(key)) as where:
        yield where


@cache
def nss_database() -> Path:
    """Return a database with the server's certificate, as NSS wants it."""
    certutil, pk12util, openssl = need("certutil"), need("pk12util"), need("openssl")
    home, own = folder("nss"), identity()
    bundle = home / "server.p12"
    commands = [
        [certutil, "-N", "-d", f"sql:{home}", "--empty-password"],
        [openssl, "pkcs12", "-export", "-name", "server", "-passout", "pass:x"],
        [pk12util, "-i", str(bundle), "-d", f"sql:{home}", "-W", "x", "-K", ""],
    ]
    commands[1] += ["-in", str(own.certificate), "-inkey", str(own.key), "-out", str(bundle)]
    for command in commands:
        done = subprocess.run(command, capture_output=True, check=False)
        if done.returncode:
            pytest.skip(f"{command[0]} fails: {done.stderr.decode(errors='replace')[:200]}")
    return home


@contextlib.contextmanager
def nss_server(*options: str) -> Iterator[Endpoint]:
    port, base = free_port(), nss_database()
    command = [need("selfserv"), "-d", f"sql:{base}", "-n", "server", "-p", str(port), *options]
    with running(command, port) as where:
        yield where


@contextlib.contextmanager
def python_server(key: str = "RSA") -> Iterator[Endpoint]:
    """Serve with Python's ssl, and answer."""
    context, own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), identity(key)
    context.load_cert_chain(own.certificate, own.key)

    def serve(accepted: socket.socket) -> None:
        with context.wrap_socket(accepted, server_side=True) as secured:
            secured.recv(4096)
            secured.sendall(b"HTTP/1.0 200 OK\r\n\r\n")

    with peers.scripted(serve) as where:
        yield where


HAPROXY = """
defaults
  mode http
  timeout connect 2s
  timeout client 5s
  timeout server 5s
frontend f
  bind {address} ssl crt {pem} {options}
  http-request return status 200 content-type text/plain lf-string "hello %[src]"
"""


@contextlib.contextmanager
def haproxy_server(options: str = "") -> Iterator[Endpoint]:
    port, own, home = free_port(), identity(), folder("haproxy")
    pem = home / "server.pem"
    pem.write_bytes(own.certificate.read_bytes() + own.key.read_bytes())
    config = home / "haproxy.cfg"
    config.write_text(HAPROXY.format(address=f"{LOOPBACK}:{port}", pem=pem, options=options))
    with running([need("haproxy"), "-f", str(config), "-db"], port) as where:
        yield where


LIGHTTPD = """
server.document-root = "{home}"
server.bind = "{address}"
server.port = {port}
server.modules = ("mod_{module}")
ssl.engine = "enable"
ssl.pemfile = "{certificate}"
ssl.privkey = "{key}"
index-file.names = ("index.html")
"""


@contextlib.contextmanager
def lighttpd_server(module: str) -> Iterator[Endpoint]:
    """Serve with one of the five TLS libraries that lighttpd has a module for."""
    program, port, own, home = need("lighttpd"), free_port(), identity(), folder("lighttpd")
    (home / "index.html").write_text("hello")
    config = home / "lighttpd.conf"
    config.write_text(
        LIGHTTPD.format(
            home=home,
            address=LOOPBACK,
            port=port,
            module=module,
            certificate=own.certificate,
            key=pkcs8_key(),
        )
    )
    with running([program, "-D", "-f", str(config)], port) as where:
        yield where


NODE = """
const fs = require('fs'), [module, port, cert, key, options] = process.argv.slice(1);
const make = require(module)[module == 'http2' ? 'createSecureServer' : 'createServer'];
const own = {cert: fs.readFileSync(cert), key: fs.readFileSync(key), ...JSON.parse(options)};
make(own, (q, a) => a.end('hello')).listen(+port, '127.0.0.1');
"""


@contextlib.contextmanager
def node_server(options: str = "{}", *, h2: bool = False) -> Iterator[Endpoint]:
    port, own = free_port(), identity()
    command = [
        need("node"),
        "-e",
        NODE,
        "http2" if h2 else "https",
        str(port),
        str(own.certificate),
        str(own.key),
        options,
    ]
    with running(command, port) as where:
        yield where


JAVA_SERVER = """
import java.io.*; import java.security.*; import javax.net.ssl.*;
class Serve {
  public static void main(String[] a) throws Exception {
    char[] word = "changeit".toCharArray();
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(new FileInputStream(a[1]), word);
    KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
    keys.init(store, word);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    SSLServerSocket at = (SSLServerSocket) context.getServerSocketFactory().createServerSocket(
      Integer.parseInt(a[0]), 9, java.net.InetAddress.getByName("127.0.0.1"));
    if (a.length > 2) at.setEnabledProtocols(a[2].split(","));
    while (true) {
      SSLSocket s = (SSLSocket) at.accept();
      new Thread(() -> { try {
        s.setSoTimeout(5000); s.getInputStream().read(new byte[9]);
        s.getOutputStream().write("HTTP/1.0 200 OK\\r\\n\\r\\n".getBytes()); s.close();
      } catch (Exception e) { } }).start();
    }
  }
}
"""


@contextlib.contextmanager
def java_server(*protocols: str) -> Iterator[Endpoint]:
    port, own, home = free_port(), identity(), folder("java")
    bundle, source = home / "server.p12", home / "Serve.java"
    command = [need("openssl"), "pkcs12", "-export", "-in", str(own.certificate)]
    command += ["-inkey", str(own.key), "-passout", "pass:changeit", "-out", str(bundle)]
    subprocess.run(command, capture_output=True, check=True)
    source.write_text(JAVA_SERVER)
    with running([need("java"), str(source), str(port), str(bundle), *protocols], port) as where:
        yield where


GO_SERVER = """
package main
import ("crypto/tls"; "net/http"; "os")
func main() {
  c := &tls.Config{MinVersion: tls.VersionTLS10}
  s := &http.Server{Addr: os.Args[1], TLSConfig: c,
    Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
      w.Write([]byte("hello")) })}
  panic(s.ListenAndServeTLS(os.Args[2], os.Args[3]))
}
"""
GO_CLIENT = """
package main
import ("crypto/tls"; "os")
func main() {
  tls.Dial("tcp", os.Args[1], &tls.Config{ServerName: "server.example", InsecureSkipVerify: true})
}
"""


@cache
def go_program(name: str, source: str) -> str:
    go, home = need("go"), folder("go")
    (home / "main.go").write_text(source)
    made = home / name
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(home), "GOTOOLCHAIN": "local"}
    done = subprocess.run(
        [go, "build", "-o", str(made), str(home / "main.go")],
        env=environment,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"go does not build: {done.stderr.decode(errors='replace')[:200]}")
    return str(made)


@contextlib.contextmanager
def go_server() -> Iterator[Endpoint]:
    port, own = free_port(), identity()
    program = go_program("server", GO_SERVER)
    command = [program, f"{LOOPBACK}:{port}", str(own.certificate), str(own.key)]
    with running(command, port) as where:
        yield where


WOLFSSL = """
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>
#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
int main(int count, char **a) {
  int at = socket(AF_INET, SOCK_STREAM, 0), one = 1, s;
  struct sockaddr_in where = {AF_INET, htons(atoi(a[1])), {htonl(INADDR_LOOPBACK)}};
  char said[100];
  wolfSSL_Init();
  WOLFSSL_CTX *context = wolfSSL_CTX_new(wolfSSLv23_server_method());
  wolfSSL_CTX_use_certificate_chain_file(context, a[2]);
  wolfSSL_CTX_use_PrivateKey_file(context, a[3], SSL_FILETYPE_PEM);
  setsockopt(at, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(at, (struct sockaddr *)&where, sizeof where) || listen(at, 5)) return 1;
  while ((s = accept(at, 0, 0)) >= 0) {
    WOLFSSL *ssl = wolfSSL_new(context);
    wolfSSL_set_fd(ssl, s);
    if (wolfSSL_accept(ssl) == SSL_SUCCESS && wolfSSL_read(ssl, said, sizeof said) > 0)
      wolfSSL_write(ssl, "hello", 5);
    wolfSSL_free(ssl);
    close(s);
  }
}
"""


@cache
def wolfssl_program() -> str:
    compiler, home = need("gcc"), folder("wolfssl")
    (home / "serve.c").write_text(WOLFSSL)
    command = [compiler, "-o", str(home / "serve"), str(home / "serve.c"), "-lwolfssl"]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        pytest.skip(f"wolfSSL is not there to compile with: {done.stderr.decode()[:100]}")
    return str(home / "serve")


@contextlib.contextmanager
def wolfssl_server() -> Iterator[Endpoint]:
    port, own = free_port(), identity()
    with running([wolfssl_program(), str(port), str(own.certificate), str(own.key)], port) as at:
        yield at


@contextlib.contextmanager
def botan_server() -> Iterator[Endpoint]:
    port, own = free_port(), identity()
    command = [need("botan"), "tls_server", str(own.certificate), str(pkcs8_key())]
    command.append(f"--port={port}")
    with running(command, port) as where:
        yield where


@contextlib.contextmanager
def tlslite_server(
    version: tuple[int, int], ciphers: list[str], key: Path | None = None
) -> Iterator[Endpoint]:
    """Serve with tlslite-ng: SSL 3.0, RC4 and 3DES are nowhere else to be had.

    It signs with any `key`, whatever its certificate says.
    """
    from tlslite import HandshakeSettings, TLSConnection, X509CertChain, parsePEMKey

    own = identity()
    chain = X509CertChain()
    chain.parsePemList(own.certificate.read_text())
    signing = parsePEMKey((key or own.key).read_text(), private=True)

    def serve(accepted: socket.socket) -> None:
        settings = HandshakeSettings()
        settings.minVersion = settings.maxVersion = version
        settings.cipherNames = ciphers
        settings.macNames = ["sha", "md5", "sha256", "sha384", "aead"]
        secured = TLSConnection(accepted)
        with contextlib.suppress(Exception):
            secured.handshakeServer(
                certChain=chain, privateKey=signing, settings=settings, alpn=[b"http/1.1"]
            )
            secured.recv(100)
            secured.send(b"HTTP/1.0 200 OK\r\n\r\n")
            secured.close()

    with peers.scripted(serve) as where:
        yield where


#: The OpenSSL that `cryptography` brings, the newest there is, as a server or saying a hello.
PYOPENSSL = """
import contextlib, socket, sys, threading
from OpenSSL import SSL
def serve(port, cert, key):
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.use_certificate_chain_file(cert)
    context.use_privatekey_file(key)
    def answer(accepted):
        secured = SSL.Connection(context, accepted)
        secured.set_accept_state()
        with contextlib.suppress(SSL.Error, OSError):
            secured.do_handshake()
            secured.recv(100)
            secured.send(b'HTTP/1.0 200 OK\\r\\n\\r\\n')
            secured.shutdown()
    at = socket.create_server(('127.0.0.1', int(port)))
    while True:
        threading.Thread(target=answer, args=(at.accept()[0],), daemon=True).start()
def hello(name):
    client = SSL.Connection(SSL.Context(SSL.TLS_CLIENT_METHOD), None)
    client.set_tlsext_host_name(name.encode())
    client.set_connect_state()
    with contextlib.suppress(SSL.WantReadError):
        client.do_handshake()
    print(client.bio_read(1 << 16).hex())
globals()[sys.argv[1]](*sys.argv[2:])
"""
#: Its groups are chosen by configuration alone.
OPENSSL_CONF = """openssl_conf = conf
[conf]
ssl_conf = ssl
[ssl]
system_default = system
[system]
Groups = {groups}
"""


def _configured(groups: str | None) -> dict[str, str]:
    pytest.importorskip("OpenSSL.SSL")
    if groups is None:
        return dict(os.environ)
    path = folder("conf") / "openssl.cnf"
    path.write_text(OPENSSL_CONF.format(groups=groups))
    return {**os.environ, "OPENSSL_CONF": str(path)}


@contextlib.contextmanager
def pyopenssl_server(groups: str | None = None) -> Iterator[Endpoint]:
    port, own = free_port(), identity()
    command = [sys.executable, "-c", PYOPENSSL, "serve", str(port)]
    command += [str(own.certificate), str(own.key)]
    with running(command, port, _configured(groups)) as where:
        yield where


def pyopenssl_hello(groups: str | None = None) -> bytes:
    done = subprocess.run(
        [sys.executable, "-c", PYOPENSSL, "hello", NAME],
        env=_configured(groups),
        capture_output=True,
        text=True,
        check=True,
    )
    return bytes.fromhex(done.stdout)
