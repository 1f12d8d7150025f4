"""Handshakes of an interface, told as they end: real clients and servers on lo, floods by hand."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import re
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from ctypes.util import find_library
from pathlib import Path
from typing import Any

import pytest
from peers import LOOPBACK, NAME, PATIENCE, free_port, identity, openssl_server

from tlswire import findings
from tlswire.decode import decode
from tlswire.errors import SelectionError
from tlswire.flow import Endpoint, Flow, Side
from tlswire.live.listen import Listener
from tlswire.live.recording import Limits, Recording
from tlswire.live.watch import Watch
from tlswire.reports import line as in_one_line
from tlswire.reports.page import Page
from tlswire.result import Connection
from tlswire.seen import Seen
from tlswire.sources.bulk_filter import BulkFilter, attach_classic
from tlswire.sources.capture import open_capture
from tlswire.sources.pcap import PacketTuple
from tlswire.sources.pcap_filter import compile_filter
from tlswire.sources.tap import ScapyTap, open_tap
from tlswire.sources.unwanted import Unwanted

TLSWIRE = str(Path(sys.executable).with_name("tlswire"))


@pytest.fixture
def root() -> None:
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("capturing needs root on Linux")


class Listening:
    """The command on lo, until it is told to end."""

    def __init__(self, *options: str, interface: str = "lo") -> None:
        command = [TLSWIRE, "listen", "-i", interface, *options]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.out = b""
        self.said: list[bytes] = []
        self._heard = threading.Condition()
        self._reader = threading.Thread(target=self._hear)
        self._reader.start()
        self.hears(b"listening on")

    def _hear(self) -> None:
        assert self._process.stderr
        for line in self._process.stderr:
            with self._heard:
                self.said.append(line)
                self._heard.notify_all()

    def hears(self, words: bytes) -> None:
        with self._heard:
            found = self._heard.wait_for(lambda: any(words in s for s in self.said), PATIENCE)
            assert found, self.said

    def send(self, number: int) -> None:
        self._process.send_signal(number)

    def end(self, number: int = signal.SIGTERM) -> int:
        self.send(number)
        assert self._process.stdout
        self.out = self._process.stdout.read()
        self._reader.join(PATIENCE)
        return self._process.wait(PATIENCE)

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


def ask(where: Endpoint, root: Path | None, **settings: Any) -> None:
    context = ssl.create_default_context(cafile=root)
    for name, value in settings.items():
        setattr(context, name, value)
    with (
        contextlib.suppress(OSError),
        socket.create_connection(where, PATIENCE) as plain,
        context.wrap_socket(plain, server_hostname=NAME) as secure,
    ):
        secure.sendall(b"GET / HTTP/1.0\r\n\r\n")
        while secure.recv(1 << 16):
            pass


def talk(where: Endpoint) -> None:
    """Let three handshakes complete, one fail, and one never be TLS."""
    trusted = identity("RSA").authority
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_3):
        ask(where, trusted, maximum_version=version)
    ask(where, None)
    with socket.create_connection(where, PATIENCE) as plain:
        plain.sendall(b"GET / HTTP/1.0\r\n\r\n")
        plain.recv(100)


OUTCOMES = {"established": 3, "failed": 1, "not_tls": 1}


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_every_handshake_is_told_and_a_signal_ends_it(number: int) -> None:
    with openssl_server() as where:
        listening = Listening("--jsonl", f"port {where.port}")
        talk(where)
        code = listening.end(number)
    *connections, last = listening.lines
    assert Counter(each["outcome"] for each in connections) == OUTCOMES
    assert {each["server"] for each in connections} == {str(where)}
    assert last["summary"]["connections"] == 5
    assert code == 1


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize(("options", "expected"), [((), OUTCOMES), (("--failed",), None)])
def test_what_was_told_is_written(
    tmp_path: Path, options: tuple[str, ...], expected: dict[str, int] | None
) -> None:
    path = tmp_path / "ring.pcapng"
    with openssl_server() as where:
        listening = Listening("-q", "--write", str(path), *options, f"port {where.port}")
        talk(where)
        listening.end()
    found = decode(path)
    wanted = expected or {"failed": 1, "not_tls": 1}
    assert Counter(each.outcome for each in found.connections) == wanted
    assert found.summary.notes == ()


@pytest.mark.usefixtures("root")
def test_prometheus_is_answered() -> None:
    pytest.importorskip("prometheus_client")
    port = free_port()
    with openssl_server() as where:
        listening = Listening("-q", "--metrics", f"{LOOPBACK}:{port}", f"port {where.port}")
        ask(where, None)
        time.sleep(1.6)
        with urllib.request.urlopen(f"http://{LOOPBACK}:{port}/metrics", timeout=5) as answer:
            text = answer.read().decode()
        listening.end()
    failed = re.search(r"^tlswire_failures_total\{(.*)\} 1.0$", text, re.MULTILINE)
    assert failed is not None
    assert f'server="{where}"' in failed[1]
    assert 'cause="cert-untrusted-root"' in failed[1]
    assert "tlswire_server_hello_seconds_count 1.0" in text
    assert "tlswire_packets_dropped_total 0.0" in text


@pytest.mark.usefixtures("root")
def test_statistics_are_said_when_asked() -> None:
    with openssl_server() as where:
        listening = Listening("-q", f"port {where.port}")
        ask(where, None)
        time.sleep(1.6)
        listening.send(signal.SIGUSR1)
        listening.hears(b"1 handshake: 1 failed")
        listening.hears(b"cert-untrusted-root 1")
        listening.hears(b"0 packets dropped by the kernel")
        assert listening.end() == 1


@pytest.mark.usefixtures("root")
def test_a_handshake_is_told_while_its_connection_stays_open() -> None:
    context = ssl.create_default_context(cafile=identity("RSA").authority)
    with openssl_server() as where:
        listening = Listening("-q", f"port {where.port}")
        with (
            socket.create_connection(where, PATIENCE) as plain,
            context.wrap_socket(plain, server_hostname=NAME),
        ):
            time.sleep(2.5)
            listening.send(signal.SIGUSR1)
            listening.hears(b"1 handshake: 1 established")
        assert listening.end() == 0


@pytest.mark.usefixtures("root")
def test_an_interface_that_goes_down_and_comes_back_is_waited_for(tmp_path: Path) -> None:
    script = f"""
ip link set lo up
ip link add a0 type veth peer name b0 && ip addr add 192.0.2.1/24 dev a0
ip link set a0 up && ip link set b0 up
{TLSWIRE} listen -q -i a0 --idle 1 >{tmp_path}/out 2>{tmp_path}/err &
for n in $(seq 50); do grep -q listening {tmp_path}/err && break; sleep 0.1; done
ip link set a0 down; sleep 0.5; ip link set a0 up
ip neigh add 192.0.2.9 lladdr 02:00:00:00:00:09 dev a0
timeout 0.5 bash -c 'exec 3<>/dev/tcp/192.0.2.9/443'
sleep 2; kill -INT $!; wait $!
"""
    if shutil.which("ip") is None:
        pytest.skip("ip (iproute2) is not installed")
    if subprocess.run(["unshare", "--net", "true"], check=False).returncode:
        pytest.skip("no network namespace can be made")
    subprocess.run(["unshare", "--net", "bash", "-c", script], check=False, timeout=30)
    assert "a0: the interface is down; waiting" in (tmp_path / "err").read_text()
    assert "192.0.2.9:443" in (tmp_path / "out").read_text()


@pytest.mark.usefixtures("root")
def test_what_had_come_before_the_end_is_read() -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
        tap = open_tap("lo", f"tcp port {port}", 2)
        with socket.create_connection((LOOPBACK, port)) as client:
            client.sendall(b"before")
            time.sleep(0.2)
            tap.shut()
            client.sendall(b"after")
            time.sleep(0.2)
        seen = b"".join(
            buffer[start:end] for *_, buffer, start, end, _ in tap.read(0.5, Unwanted())
        )
        tap.close()
    assert b"before" in seen
    assert b"after" not in seen


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("pcap", [False, True])
def test_where_there_is_no_ring_scapy_reads(pcap: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """By libpcap, as on macOS and Windows, as well as by a socket of its own."""
    if pcap and find_library("pcap") is None:
        pytest.skip("libpcap is not installed")
    from scapy.config import conf

    monkeypatch.setattr(conf, "use_pcap", pcap)
    with socket.create_server((LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
        tap = ScapyTap("lo", f"tcp port {port}", False)
        with socket.create_connection((LOOPBACK, port)) as client:
            client.sendall(b"seen by scapy")
            packets = list(tap.read(1.0, Unwanted()))
        tap.close()
    assert any(b"seen by scapy" in buffer[start:end] for *_, buffer, start, end, _ in packets)
    assert tap.seen == len(packets)


#: PLACES are those of this program.
DROPPED = """
import os, sys, tlswire
from tlswire.cli.privileges import drop_to_invoker
sys.path[1:] = tlswire.__path__[:] = PLACES
print(drop_to_invoker(None), os.getuid(), os.getgid(), os.getgroups())
try:
    os.setuid(0)
except PermissionError:
    print("for good")
"""


@pytest.mark.usefixtures("root")
def test_it_becomes_who_called_sudo() -> None:
    user = pwd.getpwnam("nobody")
    command = [sys.executable, "-c", DROPPED.replace("PLACES", "[]")]
    environment = {**os.environ, "SUDO_UID": str(user.pw_uid)}
    said = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    told = f"nobody {user.pw_uid} {user.pw_gid} [{user.pw_gid}]"
    assert said.stdout.splitlines() == [told, "for good"]


@pytest.mark.usefixtures("root")
def test_who_may_not_read_the_program_is_not_become(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    script = DROPPED.replace("PLACES", f"[{str(tmp_path)!r}]")
    environment = {**os.environ, "SUDO_UID": str(pwd.getpwnam("nobody").pw_uid)}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert "nobody may not read" in done.stderr


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("option", ["--write", "--baseline"])
def test_what_cannot_be_written_is_said_at_once(option: str, tmp_path: Path) -> None:
    command = [TLSWIRE, "listen", "-i", "lo", option, str(tmp_path / "missing" / "file")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "cannot be written: No such file or directory" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.usefixtures("root")
def test_a_filter_that_could_not_match_is_refused() -> None:
    with pytest.raises(SelectionError, match="takes the tag off"):
        open_tap("lo", "vlan 5 and port 443", 2)


UNPRIVILEGED = """
import os
from tlswire.errors import SelectionError
from tlswire.sources import bulk_filter, packet_ring, pcap_filter, tap
os.setgid(65534)
os.setuid(65534)
try:
    tap.open_tap("lo", None, 2)
except SelectionError as error:
    print(error)
"""


@pytest.mark.usefixtures("root")
def test_without_the_right_it_says_what_to_do() -> None:
    command = [sys.executable, "-c", UNPRIVILEGED]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert "no right to capture on lo" in said
    assert "setcap cap_net_raw" in said


@pytest.mark.usefixtures("root")
def test_an_interface_that_is_not_there_is_refused() -> None:
    with pytest.raises(SelectionError, match="no such interface"):
        open_tap("nowhere0", None, 2)


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze") or pytest.skip("systemd-analyze is not installed")
    source = Path(__file__).parents[1] / "docs" / "assets" / "tlswire-listen@.service"
    unit = tmp_path / "tlswire-listen@eth0.service"
    unit.write_text(source.read_text().replace("/usr/local/bin/tlswire", sys.executable))
    done = subprocess.run(
        [program, "verify", str(unit)], capture_output=True, text=True, check=False
    )
    assert unit.name not in done.stderr
    assert done.returncode == 0


# -- the filter in the kernel ------------------------------------------------------------

EXPRESSIONS = [
    "tcp port 443",
    "host 192.0.2.10 and not port 80",
    "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0",
    "(tcp[12] >> 2) * 3 - 7 > 60 or ip[8] & 1 = 1",
    "ip6 or (net 198.51.100.0/24 and greater 200)",
    "tcp portrange 400-500 and ip[2:2] % 2 = 0",
]


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_a_filter_passes_what_the_kernel_itself_would(expression: str, captures: Path) -> None:
    if find_library("pcap") is None:
        pytest.skip("libpcap is not installed")
    packets = [p.data for p in open_capture(captures / "cert-expired.pcapng")]
    packets += [p.data for p in open_capture(captures / "cipher-no-overlap.pcapng")]
    classic = compile_filter(expression, 1)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    left, right = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    bulk = BulkFilter(14)
    bulk.attach(theirs, classic)
    attach_classic(right, classic)
    passed = [passes(ours, theirs, packet) for packet in packets]
    assert passed == [passes(left, right, packet) for packet in packets]
    bulk.close()
    for end in (ours, theirs, left, right):
        end.close()


def passes(sender: socket.socket, receiver: socket.socket, packet: bytes) -> bool:
    receiver.setblocking(False)
    with contextlib.suppress(OSError):
        sender.send(packet)
    try:
        return bool(receiver.recv(1 << 16))
    except BlockingIOError:
        return False


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("version", [4, 6])
def test_data_of_a_connection_that_was_told_stays_in_the_kernel(version: int) -> None:
    source, destination = ("192.0.2.1", "192.0.2.2") if version == 4 else ("fe80::1", "fe80::2")
    own, bulk = Endpoint(source, 50_000), BulkFilter(14)
    flow = Flow(0, Side(own), Side(Endpoint(destination, 443)), "syn", 0.0, 0, 0.0, 0)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    bulk.attach(theirs)

    def sent(flags: int, *, back: bool = False) -> bool:
        ends = (destination, source) if back else (source, destination)
        return passes(ours, theirs, segment(*ends, flags, back))

    assert sent(0x10)
    bulk.drop(flow)
    assert [sent(0x10), sent(0x18, back=True)] == [False, False]
    assert [sent(0x11), sent(0x14, back=True)] == [True, True]  # FIN, RST
    assert sent(0x02)  # a new connection of the same ports
    assert [sent(0x10), sent(0x10, back=True)] == [True, False]
    assert sent(0x12, back=True)
    assert sent(0x10, back=True)
    bulk.close()
    ours.close()
    theirs.close()


@pytest.mark.usefixtures("root")
@pytest.mark.parametrize("version", [4, 6])
def test_in_a_flood_only_data_and_ends_pass(version: int) -> None:
    ends = ("192.0.2.1", "192.0.2.2") if version == 4 else ("fe80::1", "fe80::2")
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    bulk = BulkFilter(14)
    bulk.attach(theirs)

    def passed() -> list[bool]:
        data = [passes(ours, theirs, segment(*ends, flags)) for flags in (0x10, 0x18, 0x02)]
        flags = (0x02, 0x12, 0x10, 0x11, 0x14)
        return data + [passes(ours, theirs, segment(*ends, f, data=b"")) for f in flags]

    assert passed() == [True] * 8
    bulk.only_data(True)
    assert passed() == [True, True, True, False, False, False, True, True]
    bulk.only_data(False)
    assert passed() == [True] * 8
    bulk.close()
    ours.close()
    theirs.close()


def segment(
    source: str, destination: str, flags: int, back: bool = False, data: bytes = b"data"
) -> bytes:
    family = socket.AF_INET6 if ":" in source else socket.AF_INET
    ends = [socket.inet_pton(family, each) for each in (source, destination)]
    ports = (443, 50_000) if back else (50_000, 443)
    tcp = struct.pack(">HHIIBBHHH", *ports, 1, 1, 0x50, flags, 100, 0, 0) + data
    if family == socket.AF_INET6:
        return (
            bytes(12)
            + b"\x86\xdd"
            + struct.pack(">IHBB", 6 << 28, len(tcp), 6, 9)
            + b"".join(ends)
            + tcp
        )
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0)
    return bytes(12) + b"\x08\x00" + head + b"".join(ends) + tcp


# -- floods, and what is bounded ---------------------------------------------------------


class Reel:
    """A tap that plays packets, and is over then."""

    name, notes = "reel", []  # type: ignore[var-annotated]
    seen = dropped = 0

    def __init__(self, packets: list[PacketTuple]) -> None:
        self._packets = iter(packets)
        self.skipped: list[Flow] = []

    def read(self, seconds: float, unwanted: Unwanted) -> Iterator[PacketTuple]:
        for _ in range(2000):
            packet = next(self._packets, None)
            if packet is None:
                self.listener.stopping = True
                return
            yield packet

    def skip(self, flow: Flow) -> None:
        self.skipped.append(flow)

    def only_data(self, wanted: bool) -> bool:
        return False

    def count(self) -> None: ...

    def revive(self) -> bool:
        return True

    def shut(self) -> None: ...

    def close(self) -> None: ...

    listener: Listener


def play(packets: list[PacketTuple], **options: Any) -> tuple[Listener, list[Seen], list[str]]:
    told: list[Seen] = []
    said: list[str] = []
    reel = Reel(packets)
    listener = Listener(
        reel,
        Watch,
        lambda seen, listed: told.append(seen) if listed else None,
        said.append,
        **options,
    )
    reel.listener = listener
    listener.run(lambda: None)
    return listener, told, said


def flood(count: int, answered: bool, payload: bytes = b"") -> list[PacketTuple]:
    """SYNs from as many addresses; with a payload, connections that say only that."""
    made: list[bytes] = []
    for number in range(count):
        source = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        made.append(segment(source, "198.51.100.20", 0x02)[:54])
        if answered:
            made.append(segment("198.51.100.20", source, 0x12, back=True)[:54])
        if payload:
            head = segment(source, "198.51.100.20", 0x18)[:54]
            head = head[:16] + struct.pack(">H", 40 + len(payload)) + head[18:]
            made.append(head[:38] + struct.pack(">I", 2) + head[42:] + payload)
    return [(n, n / 50_000, 1, data, 0, len(data), len(data)) for n, data in enumerate(made, 1)]


@pytest.mark.parametrize(
    ("answered", "payload"), [(False, b""), (True, b""), (True, b"\x16\x03\x01\x02\x00")]
)
def test_an_honest_handshake_is_told_in_the_middle_of_a_flood(
    captures: Path, answered: bool, payload: bytes
) -> None:
    honest = list(open_capture(captures / "cipher-no-overlap.pcapng").packets())
    noise = flood(30_000, answered, payload)
    middle = len(noise) // 2
    at = noise[middle][1]
    began = honest[0][1]
    moved = [(0, at + each[1] - began, *each[2:]) for each in honest]
    packets = [*noise[:middle], *moved, *noise[middle:]]
    listener, told, said = play(packets, most=3000, most_alike=50)
    assert [s.ending.how for s in told if s.transcript.client_hello is not None] == ["alert"]
    assert listener.losses.left > 20_000
    assert any("made room" in text for text in said)
    assert len(told) <= 51
    assert any("more stopped at" in text for text in said)


def test_what_was_told_is_left_to_the_kernel(captures: Path) -> None:
    packets = list(open_capture(captures / "cipher-no-overlap.pcapng").packets())
    _, told, _ = play(packets)
    assert [seen.ending.outcome for seen in told] == ["failed"]


def test_connections_that_began_before_are_counted(captures: Path) -> None:
    ack = segment("192.0.2.1", "198.51.100.20", 0x18)
    listener, told, _ = play([(1, 1.0, 1, ack, 0, len(ack), len(ack))])
    assert (told, listener.losses.midway) == ([], 1)


# -- the recording -----------------------------------------------------------------------


def test_files_are_rotated_and_the_oldest_go(captures: Path, tmp_path: Path) -> None:
    packets = list(open_capture(captures / "cipher-no-overlap.pcapng").packets())
    path = tmp_path / "ring.pcapng"
    recording = Recording(path, Limits(size=1, files=3))
    for number in range(7):
        for packet in packets:
            recording.keep(number, packet)
        recording.save(number)
    recording.close()
    files = sorted(tmp_path.iterdir())
    assert len(files) == 4
    old = [each for each in files if each != path]
    assert {decode(each).summary.failed for each in old} == {1}


def test_a_file_that_is_there_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "ring.pcapng"
    path.write_bytes(b"precious")
    Recording(path).close()
    assert sorted(each.read_bytes()[:8] for each in tmp_path.iterdir())[1] == b"precious"


def test_what_is_dropped_is_not_written(captures: Path, tmp_path: Path) -> None:
    recording = Recording(tmp_path / "ring.pcapng")
    for packet in open_capture(captures / "cipher-no-overlap.pcapng").packets():
        recording.keep(1, packet)
    recording.drop(1)
    recording.save(1)
    recording.close()
    assert decode(tmp_path / "ring.pcapng").summary.packets == 0


# -- connections like others -------------------------------------------------------------

LIKE = ("ok-curl", "ok-tls12-openssl", "ok-gnutls", "cert-expired", "cipher-no-overlap")


def copies(captures: Path, times: int) -> list[PacketTuple]:
    """Captured connections, each several times, from as many clients."""
    made: list[tuple[float, bytes]] = []
    for place, name in enumerate(LIKE):
        packets = list(open_capture(captures / f"{name}.pcapng"))
        for turn in range(times):
            for packet in packets:
                data = bytearray(packet.data)
                client = 26 if data[36:38] == b"\x01\xbb" else 30
                data[client + 3] = 100 + turn
                at = 10.0 * turn + place + packet.at - packets[0].at
                made.append((at, bytes(data)))
    made.sort()
    return [(n, at, 1, data, 0, len(data), len(data)) for n, (at, data) in enumerate(made, 1)]


def told_of(packets: list[PacketTuple], **options: Any) -> dict[int, tuple[object, ...]]:
    lines = dict[int, tuple[object, ...]]()

    def tell(seen: Seen, listed: bool) -> Connection:
        connection = findings.connection(seen, brief=True)
        lines[connection.id] = line_of(connection)
        return connection

    reel = Reel(packets)
    reel.listener = Listener(reel, lambda t: Watch(t, explains=False), tell, print, **options)
    reel.listener.run(lambda: None)
    return lines


def line_of(connection: Connection) -> tuple[object, ...]:
    page = Page()
    in_one_line.write(page, connection)
    return page.plain(), connection.history, connection.ended_by


@pytest.mark.parametrize("recorded", [False, True])
def test_what_is_told_by_likeness_is_told_the_same(
    recorded: bool, captures: Path, tmp_path: Path
) -> None:
    packets, alike = copies(captures, 5), dict[int, tuple[object, ...]]()
    wanted = told_of(packets)
    recording = Recording(tmp_path / "ring.pcapng") if recorded else None
    worked_out = told_of(
        packets,
        retell=lambda found, listed: alike.update({found.id: line_of(found)}) is None,
        recording=recording,
    )
    assert worked_out | alike == wanted
    assert not worked_out.keys() & alike.keys()
    assert len(alike) >= 3 * 3 - 1  # three kinds complete; the first of each is worked out
    if recording is not None:
        recording.close()
        found = decode(tmp_path / "ring.pcapng")
        assert len(found.connections) == len(wanted)
        assert found.summary.failed == 2 * 5
