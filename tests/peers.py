"""Real TLS stacks on loopback, and odd ones made of sockets: what a replay is tested against.

Every server is a context manager that gives its `Endpoint`; one whose program is not installed
skips the test and says so. A recording proxy keeps what a real client and a real server said.
"""

from __future__ import annotations

import atexit
import contextlib
import shutil
import socket
import ssl
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest
import trustme

from tlswire.flight import Tape
from tlswire.flow import Endpoint, Flow, Segment, Side, Who
from tlswire.seen import Seen, understand
from tlswire.session import Session

LOOPBACK = "127.0.0.1"
NAME = "server.example"
PATIENCE = 10.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def need(program: str) -> str:
    path = shutil.which(program) or shutil.which(f"/usr/sbin/{program}")
    if path is None:
        pytest.skip(f"{program} is not installed")
    return path


def folder(name: str) -> Path:
    """Return a new folder that goes when the tests are over."""
    path = Path(mkdtemp(prefix=f"tlswire-{name}-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


# -- certificates ------------------------------------------------------------------------


@dataclass(frozen=True)
class Identity:
    certificate: Path
    key: Path
    authority: Path


@cache
def identity(kind: str = "RSA") -> Identity:
    home = folder("peers")
    authority = trustme.CA()
    issued = authority.issue_cert(NAME, LOOPBACK, key_type=trustme.KeyType[kind])
    paths = Identity(home / "server.pem", home / "server.key", home / "ca.pem")
    for number, blob in enumerate(issued.cert_chain_pems):
        blob.write_to_path(paths.certificate, append=number > 0)
    issued.private_key_pem.write_to_path(paths.key)
    authority.cert_pem.write_to_path(paths.authority)
    return paths


# -- servers -----------------------------------------------------------------------------


@contextlib.contextmanager
def running(
    command: Sequence[str], port: int, environment: dict[str, str] | None = None
) -> Iterator[Endpoint]:
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
    )
    try:
        _await_listening(process, port)
        yield Endpoint(LOOPBACK, port)
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await_listening(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.skip(f"{process.args!r} did not start: exit code {process.returncode}")
        with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), 1):
            return
        time.sleep(0.02)
    pytest.fail(f"{process.args!r} does not listen")


@contextlib.contextmanager
def openssl_server(*options: str, key: str = "RSA") -> Iterator[Endpoint]:
    port, own = free_port(), identity(key)
    command = [need("openssl"), "s_server", "-accept", f"{LOOPBACK}:{port}", "-www", "-quiet"]
    command += ["-cert", str(own.certificate), "-key", str(own.key), *options]
    with running(command, port) as where:
        yield where


@contextlib.contextmanager
def gnutls_server(*options: str, key: str = "RSA") -> Iterator[Endpoint]:
    port, own = free_port(), identity(key)
    command = [need("gnutls-serv"), "--http", "--quiet", "--port", str(port)]
    command += ["--x509certfile", str(own.certificate), "--x509keyfile", str(own.key), *options]
    with running(command, port) as where:
        yield where


NGINX = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{
    listen {address} ssl; server_name {name};
    ssl_certificate {certificate}; ssl_certificate_key {key};
    {options}
  }}
}}
"""


@contextlib.contextmanager
def nginx_server(options: str = "", key: str = "RSA") -> Iterator[Endpoint]:
    port, own = free_port(), identity(key)
    home = folder("nginx")
    text = NGINX.format(
        folder=home,
        address=f"{LOOPBACK}:{port}",
        name=NAME,
        certificate=own.certificate,
        key=own.key,
        options=options,
    )
    (home / "nginx.conf").write_text(text)
    with running([need("nginx"), "-p", str(home), "-c", str(home / "nginx.conf")], port) as at:
        yield at


@contextlib.contextmanager
def scripted(serve: Callable[[socket.socket], None]) -> Iterator[Endpoint]:
    """Run `serve` on each accepted connection, one thread each: a server of our own."""
    listening = socket.create_server((LOOPBACK, 0))
    stopped = threading.Event()

    def handle(accepted: socket.socket) -> None:
        with accepted, contextlib.suppress(OSError, ssl.SSLError):
            accepted.settimeout(PATIENCE)
            serve(accepted)

    def accept() -> None:
        while not stopped.is_set():
            try:
                accepted, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=handle, args=(accepted,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield Endpoint(LOOPBACK, int(listening.getsockname()[1]))
    finally:
        stopped.set()
        listening.close()


@contextlib.contextmanager
def python_server(
    shape: Callable[[ssl.SSLContext], None] = lambda context: None, key: str = "RSA"
) -> Iterator[Endpoint]:
    context, own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), identity(key)
    context.load_cert_chain(own.certificate, own.key)
    shape(context)

    def serve(accepted: socket.socket) -> None:
        with context.wrap_socket(accepted, server_side=True) as secured:
            secured.recv(4096)

    with scripted(serve) as where:
        yield where


@contextlib.contextmanager
def each_once(
    server: Callable[[str], AbstractContextManager[Endpoint]],
) -> Iterator[Callable[[str], Endpoint]]:
    """Give what starts a server by its name, and only once; all end together."""
    where: dict[str, Endpoint] = {}
    with contextlib.ExitStack() as stack:

        def started(name: str) -> Endpoint:
            if name not in where:
                where[name] = stack.enter_context(server(name))
            return where[name]

        yield started


# -- misbehaviour, for `scripted` --------------------------------------------------------


def silent(accepted: socket.socket) -> None:
    accepted.recv(1 << 16)
    time.sleep(PATIENCE)


def resets(accepted: socket.socket) -> None:
    accepted.recv(1 << 16)
    accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def closes(accepted: socket.socket) -> None:
    accepted.recv(1 << 16)


def answers(data: bytes) -> Callable[[socket.socket], None]:
    def serve(accepted: socket.socket) -> None:
        accepted.recv(1 << 16)
        accepted.sendall(data)

    return serve


def endless(data: bytes) -> Callable[[socket.socket], None]:
    def serve(accepted: socket.socket) -> None:
        accepted.recv(1 << 16)
        while True:
            accepted.sendall(data)

    return serve


def dripping(data: bytes, pause: float) -> Callable[[socket.socket], None]:
    def serve(accepted: socket.socket) -> None:
        accepted.recv(1 << 16)
        for place in range(len(data)):
            accepted.sendall(data[place : place + 1])
            time.sleep(pause)

    return serve


# -- a conversation, recorded ------------------------------------------------------------


@dataclass
class Recording:
    """What both sides of one connection sent, in order; `marks` are who, bytes, when."""

    server: Endpoint
    marks: list[tuple[Who, bytes, float]] = field(default_factory=list)
    ends: list[tuple[Who, float]] = field(default_factory=list)

    def stream(self, who: Who) -> bytes:
        return b"".join(data for side, data, _ in self.marks if side == who)

    def seen(self, number: int = 0) -> Seen:
        """Return the conversation as if a capture had shown it."""
        flow, session = flow_of(self, number), Session()
        for who, data, at in self.marks:
            session.receive(who, data, at)
        for who, at in self.ends:
            session.closed(who, "fin", at)
        last = max([at for _, _, at in self.marks] + [at for _, at in self.ends])
        return understand(flow, session, last)

    def tape(self) -> Tape:
        tape = Tape()
        for who, data, at in self.marks:
            tape.receive(who, data, at)
        return tape


def flow_of(recording: Recording, number: int = 0) -> Flow:
    start = recording.marks[0][2] - 0.001
    client = Side(Endpoint(LOOPBACK, 40000), packets=3)
    flow = Flow(number, client, Side(recording.server, packets=3), "syn", start, 1, start, 1)
    flow.saw_syn, flow.accepted_at, flow.opened_at = True, start, start
    for who, data, at in recording.marks:
        side = flow.side(who)
        side.segments.append(Segment(1, at, side.sent, len(data)))
        side.sent = side.acked = side.sent + len(data)
    return flow


def recorded(*marks: tuple[Who, bytes], server: Endpoint | None = None) -> Recording:
    """Return a recording made by hand, a millisecond between its parts."""
    told = [(who, data, 1000.0 + n / 1000) for n, (who, data) in enumerate(marks)]
    return Recording(server or Endpoint(LOOPBACK, 443), told)


@contextlib.contextmanager
def recording_proxy(server: Endpoint) -> Iterator[tuple[Endpoint, list[Recording]]]:
    """Relay to `server`, and keep what was said on each connection."""
    kept: list[Recording] = []

    def serve(accepted: socket.socket) -> None:
        recording = Recording(server)
        kept.append(recording)
        with socket.create_connection(server, PATIENCE) as onward:
            back = threading.Thread(target=_pump, args=(onward, accepted, "server", recording))
            back.start()
            _pump(accepted, onward, "client", recording)
            back.join(PATIENCE)

    with scripted(serve) as where:
        yield where, kept


def _pump(source: socket.socket, sink: socket.socket, who: Who, recording: Recording) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            recording.marks.append((who, data, time.time()))
            sink.sendall(data)
    recording.ends.append((who, time.time()))
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


# -- clients -----------------------------------------------------------------------------

Client = Callable[[Endpoint], None]


def _run(*command: str) -> None:
    subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, timeout=3 * PATIENCE, check=False
    )


def openssl_client(*options: str) -> Client:
    program = need("openssl")
    return lambda at: _run(program, "s_client", "-connect", str(at), "-servername", NAME, *options)


def curl(*options: str) -> Client:
    program = need("curl")

    def call(at: Endpoint) -> None:
        to = f"{NAME}:{at.port}:{at.address}"
        _run(program, "-sk", "-m", "5", "--resolve", to, *options, f"https://{NAME}:{at.port}/")

    return call


def gnutls_client(*options: str) -> Client:
    program = need("gnutls-cli")
    command = (program, "--insecure", "--no-ca-verification", "--sni-hostname", NAME, *options)
    return lambda at: _run(*command, "-p", str(at.port), at.address)


def python_client(shape: Callable[[ssl.SSLContext], None] = lambda context: None) -> Client:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    shape(context)

    def call(at: Endpoint) -> None:
        with (
            contextlib.suppress(OSError),
            socket.create_connection(at, PATIENCE) as dialled,
            context.wrap_socket(dialled, server_hostname=NAME),
        ):
            pass

    return call


JAVA = """
import java.security.cert.X509Certificate;
import javax.net.ssl.*;

class Call {
  public static void main(String[] args) throws Exception {
    TrustManager any = new X509ExtendedTrustManager() {
      public void checkClientTrusted(X509Certificate[] c, String a) {}
      public void checkServerTrusted(X509Certificate[] c, String a) {}
      public void checkClientTrusted(X509Certificate[] c, String a, java.net.Socket s) {}
      public void checkServerTrusted(X509Certificate[] c, String a, java.net.Socket s) {}
      public void checkClientTrusted(X509Certificate[] c, String a, SSLEngine e) {}
      public void checkServerTrusted(X509Certificate[] c, String a, SSLEngine e) {}
      public X509Certificate[] getAcceptedIssuers() { return new X509Certificate[0]; }
    };
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {any}, null);
    int port = Integer.parseInt(args[1]);
    SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(args[0], port);
    if (args.length > 2) socket.setEnabledProtocols(new String[] {args[2]});
    socket.startHandshake();
    socket.close();
  }
}
"""


def java_client(*protocol: str) -> Client:
    program = need("java")
    source = folder("java") / "Call.java"
    source.write_text(JAVA)
    return lambda at: _run(program, str(source), at.address, str(at.port), *protocol)


def overheard(client: Client, server: Endpoint) -> Recording:
    """Let a real client talk to a real server, and return what they said."""
    with recording_proxy(server) as (where, kept):
        client(where)
        deadline = time.monotonic() + PATIENCE
        while not (kept and len(kept[0].ends) == 2) and time.monotonic() < deadline:
            time.sleep(0.01)
    if not kept:
        pytest.skip("the client did not call: is it whole?")
    return kept[0]


@contextlib.contextmanager
def watched(where: Endpoint) -> Iterator[list[int]]:
    """Give the lengths of the TCP payloads sent to a server, as tshark sees them on loopback."""
    shown = f"tcp.len > 0 && tcp.dstport == {where.port}"
    command = [need("tshark"), "-l", "-i", "lo", "-f", f"tcp port {where.port}", "-Y", shown]
    process = subprocess.Popen(
        [*command, "-T", "fields", "-e", "tcp.len"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    lengths: list[int] = []
    for line in process.stderr:
        if "Capturing on" in line:
            break
    else:
        pytest.skip("tshark may not capture on loopback")
    time.sleep(1.0)
    try:
        yield lengths
        time.sleep(1.0)
    finally:
        process.terminate()
        lengths += [int(line) for line in process.stdout.read().split()]
        process.wait(PATIENCE)


# -- captures ----------------------------------------------------------------------------


def write_capture(recording: Recording, path: Path) -> Path:
    """Write a recorded conversation as a pcap, one packet for each part that was read."""
    from scapy.layers.inet import IP, TCP
    from scapy.layers.l2 import Ether
    from scapy.utils import wrpcap

    ends = {"client": ("10.0.0.1", 40000), "server": recording.server}
    following = {"client": 1000, "server": 5000}
    packets = []

    def add(who: str, flags: str, data: bytes, at: float, length: int) -> None:
        other = "server" if who == "client" else "client"
        (source, sport), (target, dport) = ends[who], ends[other]
        layer = TCP(sport=sport, dport=dport, flags=flags, seq=following[who])
        layer.ack = following[other] if "A" in flags else 0
        packet = Ether() / IP(src=source, dst=target) / layer / data
        packet.time = at
        packets.append(packet)
        following[who] += length

    start = recording.marks[0][2]
    add("client", "S", b"", start - 0.003, 1)
    add("server", "SA", b"", start - 0.002, 1)
    add("client", "A", b"", start - 0.001, 0)
    for who, data, at in recording.marks:
        for place in range(0, len(data), 1400):
            part = data[place : place + 1400]
            add(who, "PA", part, at, len(part))
    for who, at in recording.ends:
        add(who, "FA", b"", at, 1)
    wrpcap(str(path), packets)
    return path
