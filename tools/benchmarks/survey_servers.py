"""Servers of ten stacks in many configurations, on loopback: what a survey is compared on.

A row is a configuration. One whose program is not installed is passed over, and said so.
"""

# ruff: noqa: E501 (lines of other languages)

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import NamedTuple

LOOPBACK = "127.0.0.1"
NAME = "server.example"
PATIENCE = 40.0
#: Everything that OpenSSL still has, without what needs no certificate of ours.
ALL = "ALL:!aNULL:!PSK:!SRP:@SECLEVEL=0"


class MissingError(Exception):
    """A program that a configuration needs is not there."""


class Configuration(NamedTuple):
    """One server: its name, the command for a port, and files it needs first."""

    name: str
    command: Callable[[int, Path], list[str]]
    key: str = "RSA"


# -- keys and certificates ---------------------------------------------------------------


@cache
def home() -> Path:
    """Return a folder for all that the servers need."""
    return Path(mkdtemp(prefix="survey-servers-"))


@cache
def identity(kind: str) -> tuple[str, str]:
    """Return paths of a self-signed certificate and its key."""
    cert, key = home() / f"{kind}.pem", home() / f"{kind}.key"
    how = {"RSA": ["rsa:2048"], "EC": ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]}[kind]
    names = f"subjectAltName=DNS:{NAME},DNS:localhost,IP:{LOOPBACK}"
    command = ["openssl", "req", "-x509", "-newkey", *how, "-nodes", "-keyout", str(key)]
    command += ["-out", str(cert), "-days", "30", "-subj", f"/CN={NAME}", "-addext", names]
    _run(command)
    return str(cert), str(key)


@cache
def parameters(bits: int) -> str:
    """Return a path of Diffie-Hellman parameters."""
    path = home() / f"dh{bits}.pem"
    _run(["openssl", "dhparam", "-dsaparam", "-out", str(path), str(bits)])
    return str(path)


@cache
def bundle(kind: str) -> str:
    """Return a path of certificate and key in one PKCS#12 file; its password is `password`."""
    cert, key = identity(kind)
    path = home() / f"{kind}.p12"
    command = ["openssl", "pkcs12", "-export", "-in", cert, "-inkey", key, "-name", "server"]
    _run([*command, "-out", str(path), "-passout", "pass:password"])
    return str(path)


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=120)


def need(program: str) -> str:
    """Return the path of a program, or raise MissingError."""
    path = shutil.which(program) or shutil.which(f"/usr/sbin/{program}")
    if path is None:
        raise MissingError(program)
    return path


# -- one command a stack -----------------------------------------------------------------


def openssl(*options: str, key: str = "RSA") -> Callable[[int, Path], list[str]]:
    """Return the command of `openssl s_server`."""

    def command(port: int, folder: Path) -> list[str]:
        cert, own = identity(key)
        begin = [need("openssl"), "s_server", "-accept", f"{LOOPBACK}:{port}", "-www", "-quiet"]
        return [*begin, "-cert", cert, "-key", own, *options]

    return command


NGINX = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{}}
http {{
  access_log off; client_body_temp_path {folder}; proxy_temp_path {folder};
  fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{ listen {address} ssl; ssl_certificate {cert}; ssl_certificate_key {key}; {options} }}
}}
"""


def nginx(options: str, key: str = "RSA", more: str = "") -> Callable[[int, Path], list[str]]:
    """Return the command of nginx with these directives, and a second certificate if named."""

    def command(port: int, folder: Path) -> list[str]:
        cert, own = identity(key)
        added = (
            "ssl_certificate {}; ssl_certificate_key {};".format(*identity(more)) if more else ""
        )
        text = NGINX.format(
            folder=folder,
            address=f"{LOOPBACK}:{port}",
            cert=cert,
            key=own,
            options=added + options.replace("DHPARAM", f"ssl_dhparam {parameters(2048)};"),
        )
        (folder / "nginx.conf").write_text(text)
        return [need("nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf")]

    return command


def haproxy(options: str) -> Callable[[int, Path], list[str]]:
    """Return the command of HAProxy with these words on its bind line."""

    def command(port: int, folder: Path) -> list[str]:
        cert, own = identity("RSA")
        both = folder / "both.pem"
        both.write_text(Path(cert).read_text() + Path(own).read_text())
        text = (
            "global\n  ssl-default-bind-options ssl-min-ver SSLv3\n"
            "defaults\n  mode http\n  timeout client 5s\n  timeout server 5s\n"
            "  timeout connect 5s\nfrontend f\n"
            f"  bind {LOOPBACK}:{port} ssl crt {both} {options}\n  http-request return status 200\n"
        )
        (folder / "haproxy.cfg").write_text(text)
        return [need("haproxy"), "-f", str(folder / "haproxy.cfg"), "-db"]

    return command


def gnutls(priority: str, key: str = "RSA") -> Callable[[int, Path], list[str]]:
    """Return the command of gnutls-serv."""

    def command(port: int, folder: Path) -> list[str]:
        cert, own = identity(key)
        begin = [need("gnutls-serv"), "--http", "--quiet", "--port", str(port), "-a"]
        return [*begin, "--x509certfile", cert, "--x509keyfile", own, "--priority", priority]

    return command


JAVA = """
import javax.net.ssl.*; import java.security.*; import java.io.*;
public class Server { public static void main(String[] a) throws Exception {
  Security.setProperty("jdk.tls.disabledAlgorithms", a[4]);
  KeyStore store = KeyStore.getInstance("PKCS12");
  store.load(new FileInputStream(a[1]), "password".toCharArray());
  KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
  keys.init(store, "password".toCharArray());
  SSLContext context = SSLContext.getInstance("TLS"); context.init(keys.getKeyManagers(), null, null);
  SSLServerSocket server = (SSLServerSocket) context.getServerSocketFactory().createServerSocket(
    Integer.parseInt(a[0]), 200, java.net.InetAddress.getByName("127.0.0.1"));
  if (!a[2].isEmpty()) server.setEnabledProtocols(a[2].split(","));
  if (!a[3].isEmpty()) server.setEnabledCipherSuites(a[3].split(","));
  SSLParameters p = server.getSSLParameters();
  p.setUseCipherSuitesOrder(!a[5].equals("client")); server.setSSLParameters(p);
  while (true) { SSLSocket s = (SSLSocket) server.accept();
    new Thread(() -> { try { s.startHandshake(); s.getInputStream().read(); s.close(); }
      catch (Exception e) { try { s.close(); } catch (IOException f) {} } }).start(); } } }
"""


def java(
    protocols: str = "", suites: str = "", disabled: str = "", order: str = "server"
) -> Callable[[int, Path], list[str]]:
    """Return the command of a server of Java's own stack."""

    def command(port: int, folder: Path) -> list[str]:
        (folder / "Server.java").write_text(JAVA)
        need("javac")
        arguments = [str(port), bundle("RSA"), protocols, suites, disabled, order]
        return [need("java"), "-Xshare:auto", str(folder / "Server.java"), *arguments]

    return command


GO = """
package main
import ("crypto/tls"; "net"; "os"; "strconv"; "strings")
func main() {
  pair, err := tls.LoadX509KeyPair(os.Args[2], os.Args[3]); if err != nil { panic(err) }
  low, _ := strconv.ParseUint(os.Args[4], 16, 16); high, _ := strconv.ParseUint(os.Args[5], 16, 16)
  c := &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: uint16(low), MaxVersion: uint16(high)}
  if os.Args[6] == "all" {
    for _, s := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) { c.CipherSuites = append(c.CipherSuites, s.ID) }
  } else if os.Args[6] != "" {
    for _, s := range strings.Split(os.Args[6], ",") { n, _ := strconv.ParseUint(s, 16, 16); c.CipherSuites = append(c.CipherSuites, uint16(n)) }
  }
  l, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1]); if err != nil { panic(err) }
  for { s, err := l.Accept(); if err != nil { continue }
    go func() { t := tls.Server(s, c); t.Handshake(); b := make([]byte, 1); t.Read(b); t.Close() }() }
}
"""


@cache
def _go_program() -> str:
    source, program = home() / "server.go", home() / "server-go"
    source.write_text(GO)
    subprocess.run([need("go"), "build", "-o", str(program), str(source)], check=True, timeout=300)
    return str(program)


def go(
    low: str = "0301", high: str = "0304", suites: str = "", key: str = "RSA"
) -> Callable[[int, Path], list[str]]:
    """Return the command of a server of Go's crypto/tls."""
    return lambda port, folder: [_go_program(), str(port), *identity(key), low, high, suites]


NODE = """
const [port, cert, key, options] = process.argv.slice(1); const fs = require('fs');
const o = Object.assign({cert: fs.readFileSync(cert), key: fs.readFileSync(key)}, JSON.parse(options));
require('tls').createServer(o, s => { s.on('error', () => {}); })
  .on('tlsClientError', () => {}).listen(+port, '127.0.0.1');
"""


def node(options: str = "{}") -> Callable[[int, Path], list[str]]:
    """Return the command of a server of Node.js."""
    return lambda port, folder: [need("node"), "-e", NODE, str(port), *identity("RSA"), options]


def nss(versions: str, *options: str) -> Callable[[int, Path], list[str]]:
    """Return the command of NSS's selfserv."""

    def command(port: int, folder: Path) -> list[str]:
        store = f"sql:{folder}"
        _run([need("certutil"), "-N", "-d", store, "--empty-password"])
        _run([need("pk12util"), "-i", bundle("RSA"), "-d", store, "-W", "password", "-K", ""])
        begin = [need("selfserv"), "-n", "server", "-p", str(port), "-d", store, "-V", versions]
        return [*begin, *options]

    return command


def tlslite(*options: str) -> Callable[[int, Path], list[str]]:
    """Return the command of tlslite-ng's own server."""

    def command(port: int, folder: Path) -> list[str]:
        program = Path(sys.executable).with_name("tls.py")
        if not program.exists():
            raise MissingError("tlslite-ng")
        cert, own = identity("RSA")
        begin = [sys.executable, str(program), "server", "-k", own, "-c", cert]
        return [*begin, *options, f"{LOOPBACK}:{port}"]

    return command


WOLFSSL = r"""
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <unistd.h>
#include <arpa/inet.h>
int main(int n, char **a) {
  signal(SIGPIPE, SIG_IGN); signal(SIGCHLD, SIG_IGN); wolfSSL_Init();
  WOLFSSL_CTX *c = wolfSSL_CTX_new(wolfSSLv23_server_method());
  wolfSSL_CTX_use_certificate_file(c, a[2], SSL_FILETYPE_PEM);
  wolfSSL_CTX_use_PrivateKey_file(c, a[3], SSL_FILETYPE_PEM);
  if (a[4][0]) wolfSSL_CTX_set_cipher_list(c, a[4]);
  wolfSSL_CTX_SetMinVersion(c, atoi(a[5]));
  int l = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  struct sockaddr_in s; memset(&s, 0, sizeof s); s.sin_family = AF_INET;
  s.sin_port = htons(atoi(a[1])); s.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(l, (struct sockaddr *)&s, sizeof s) || listen(l, 100)) return 1;
  for (;;) { int f = accept(l, 0, 0); if (f < 0) continue;
    if (fork() == 0) { alarm(10); WOLFSSL *x = wolfSSL_new(c); wolfSSL_set_fd(x, f);
      if (wolfSSL_accept(x) == SSL_SUCCESS) { char b[9]; wolfSSL_read(x, b, 9); wolfSSL_shutdown(x); }
      wolfSSL_free(x); close(f); _exit(0); }
    close(f); } }
"""


@cache
def _wolfssl_program() -> str:
    source, program = home() / "server-wolfssl.c", home() / "server-wolfssl"
    source.write_text(WOLFSSL)
    made = subprocess.run(
        [need("gcc"), str(source), "-o", str(program), "-lwolfssl"],
        capture_output=True,
        check=False,
    )
    if made.returncode:
        raise MissingError("libwolfssl-dev")
    return str(program)


def wolfssl(suites: str = "", least: int = 3) -> Callable[[int, Path], list[str]]:
    """Return the command of a server of wolfSSL; `least` is 1 for TLS 1.0, 3 for TLS 1.2."""
    return lambda port, folder: [
        *(_wolfssl_program(), str(port), *identity("RSA"), suites, str(least))
    ]


# -- the configurations ------------------------------------------------------------------

_MODERN = "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305"
_OLDEST = f"ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3; ssl_ciphers '{ALL}'; DHPARAM "
_ORDERED = "ssl_prefer_server_ciphers on;"
_AS_DISTRIBUTED = "SSLv3, TLSv1, TLSv1.1, RC4, DES, MD5withRSA, DH keySize < 1024, anon, NULL"

CONFIGURATIONS: tuple[Configuration, ...] = (
    Configuration("openssl", openssl()),
    Configuration("openssl-order", openssl("-serverpref", "-tls1_2", "-cipher", "AES:@SECLEVEL=0")),
    Configuration("openssl-all", openssl("-cipher", ALL, "-serverpref")),
    Configuration("openssl-anon", openssl("-tls1_2", "-cipher", "aNULL:@SECLEVEL=0")),
    Configuration("openssl-null", openssl("-tls1_2", "-cipher", "eNULL:!PSK:@SECLEVEL=0")),
    Configuration("openssl-psk", openssl("-psk", "00ff", "-cipher", "PSK:@SECLEVEL=0", "-tls1_2")),
    Configuration("openssl-chacha", openssl("-serverpref", "-prioritize_chacha", "-tls1_2")),
    Configuration("openssl-ec", openssl("-serverpref", key="EC")),
    Configuration("openssl-13", openssl("-tls1_3", "-ciphersuites", "TLS_AES_128_CCM_SHA256")),
    Configuration("openssl-one", openssl("-tls1_2", "-cipher", "AES128-SHA")),
    Configuration("openssl-10", openssl("-tls1", "-cipher", "DEFAULT:@SECLEVEL=0")),
    Configuration(
        "nginx-modern",
        nginx(f"ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers {_MODERN}; {_ORDERED}"),
    ),
    Configuration("nginx-all", nginx(_OLDEST + _ORDERED)),
    Configuration("nginx-all-client", nginx(_OLDEST + "ssl_prefer_server_ciphers off;")),
    Configuration("nginx-two-keys", nginx(_OLDEST + _ORDERED, more="EC")),
    Configuration(
        "nginx-odd-order",
        nginx(f"ssl_protocols TLSv1.2; ssl_ciphers AES128-SHA:{_MODERN}:AES256-SHA; {_ORDERED}"),
    ),
    Configuration("nginx-11", nginx(f"ssl_protocols TLSv1.1; ssl_ciphers '{ALL}'; {_ORDERED}")),
    Configuration("haproxy", haproxy("")),
    Configuration("haproxy-12", haproxy(f"ssl-min-ver TLSv1.2 ciphers {_MODERN}")),
    Configuration("haproxy-client", haproxy(f"prefer-client-ciphers ciphers {ALL}")),
    Configuration("gnutls", gnutls("NORMAL")),
    Configuration("gnutls-old", gnutls("NORMAL:+VERS-TLS1.0:+VERS-TLS1.1")),
    Configuration("gnutls-order", gnutls("NORMAL:%SERVER_PRECEDENCE:-VERS-ALL:+VERS-TLS1.2")),
    Configuration("gnutls-legacy", gnutls("LEGACY:+3DES-CBC:+ARCFOUR-128:+MD5:+VERS-SSL3.0")),
    Configuration("gnutls-secure256", gnutls("SECURE256")),
    Configuration("gnutls-dhe", gnutls("NORMAL:-KX-ALL:+DHE-RSA:-VERS-ALL:+VERS-TLS1.2")),
    Configuration("gnutls-ec", gnutls("NORMAL", key="EC")),
    Configuration("java", java(disabled=_AS_DISTRIBUTED)),
    Configuration("java-client", java(disabled=_AS_DISTRIBUTED, order="client")),
    Configuration("java-old", java("TLSv1,TLSv1.1,TLSv1.2,TLSv1.3", disabled="")),
    Configuration(
        "java-short",
        java("TLSv1.2", "TLS_RSA_WITH_AES_128_CBC_SHA,TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
    ),
    Configuration("go", go()),
    Configuration("go-all", go(suites="all")),
    Configuration("go-12", go("0303", "0303", "c02f,c030,009c")),
    Configuration("go-ec", go(key="EC")),
    Configuration("node", node()),
    Configuration("node-old", node('{"minVersion": "TLSv1", "ciphers": "ALL:@SECLEVEL=0"}')),
    Configuration("node-client", node('{"honorCipherOrder": false, "maxVersion": "TLSv1.2"}')),
    Configuration("nss", nss("tls1.0:tls1.3")),
    Configuration("nss-12", nss("tls1.2:tls1.2")),
    Configuration("tlslite", tlslite()),
    Configuration("wolfssl", wolfssl()),
    Configuration("wolfssl-old", wolfssl(least=1)),
    Configuration("wolfssl-short", wolfssl("ECDHE-RSA-AES128-GCM-SHA256:AES128-SHA")),
)


@contextlib.contextmanager
def serving(configuration: Configuration) -> Iterator[int]:
    """Run a server and give its port. Raises MissingError."""
    port = free_port()
    folder = Path(mkdtemp(prefix=f"{configuration.name}-", dir=home()))
    log = (folder / "log").open("wb")
    process = subprocess.Popen(
        configuration.command(port, folder), stdin=subprocess.PIPE, stdout=log, stderr=log
    )
    try:
        _await(process, port, folder / "log")
        yield port
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
        process.kill()
        process.wait()
        log.close()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _await(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise MissingError(f"did not start: {log.read_text(errors='replace')[-200:]!r}")
        with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), 1):
            return
        time.sleep(0.05)
    raise MissingError("does not listen")
