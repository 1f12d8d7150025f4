"""Makes captures/: real clients and servers on a private wire, recorded, checked, written down.

    python tools/make_captures.py            all of them, and the index
    python tools/make_captures.py STEM...    these, and the index
    python tools/make_captures.py --index    the index alone; needs nothing

Needs root (for namespaces) and, of Debian: iproute2 ethtool nftables tcpdump tshark openssl curl
gnutls-bin nginx exim4-daemon-light dropbear-bin openjdk-17-jdk-headless chromium libnss3-tools.
A scene whose programs are not there is skipped with a line. Never writes a capture whose truth
tshark and the programs' own words do not bear out.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from captures.certificates import NAMES, make_certificates
from captures.ledger import name_versions, write_index
from captures.network import Wire, enter_private_namespaces, missing
from captures.pcapng import Packet, read_pcap, write_pcapng
from captures.scene import Proof, Scene, write_toml
from captures.scenes import SCENES

CAPTURES = Path(__file__).resolve().parent.parent / "captures"
#: Where the programs run, hidden under memory of the private namespace: keys never meet a disk.
FOLDER = Path("/srv")
_ALWAYS = ("ip", "ethtool", "nft", "tcpdump", "tshark", "openssl")
_TSHARK = ("tshark", "-o", "tcp.reassemble_out_of_order:TRUE", "-T", "fields", "-e", "frame.number")


def main(arguments: list[str]) -> int:
    """Make what is asked for; 1 when a scene did not show what it must."""
    if arguments == ["--index"]:
        write_index(CAPTURES, SCENES)
        return 0
    if os.geteuid() != 0:
        sys.exit("making captures needs root, for namespaces of its own")
    if absent := missing(_ALWAYS):
        sys.exit(f"nothing can be made without {', '.join(absent)}")
    enter_private_namespaces()
    wanted = [scene for scene in SCENES if not arguments or scene.stem in arguments]
    wire = Wire(FOLDER, NAMES)
    make_certificates(FOLDER)
    shutil.copy(Path(__file__).parent / "captures/Peer.java", FOLDER)
    failed = [scene.stem for scene in wanted if not make(scene, wire)]
    write_index(CAPTURES, SCENES)
    return 1 if failed else 0


def make(scene: Scene, wire: Wire) -> bool:
    """Play one scene and write its two files; False when the proof does not hold."""
    if absent := missing(scene.needs):
        print(f"skipped  {scene.stem}: {', '.join(absent)} not installed")
        return True
    try:
        packets = play(scene, wire)
        data = write_pcapng(packets)
        data = data[: len(data) - scene.cut]
        wrong = [str(proof) for proof in scene.proof if not holds(proof, data, wire.folder)]
    except TimeoutError as late:
        wrong = [str(late)]
    if wrong:
        print(*(f"FAILED   {scene.stem}: {each}" for each in wrong), told(wire.folder), sep="\n")
    else:
        keep(scene, packets, data)
    wire.clear()
    return not wrong


def play(scene: Scene, wire: Wire) -> list[Packet]:
    """Start the servers, run the clients, and return what went over the wire."""
    for name, text in scene.files.items():
        (wire.folder / name).write_text(text)
    for command in scene.prepare:
        wire.start("server", command, "prepare.log").wait(20)
    for command in scene.serve:
        wire.start("server", command, "server.log")
    for port in scene.ports if scene.serve else ():
        wire.wait_for_port(port)
    bar(scene.firewall, wire)
    recorded = wire.folder / "wire.pcap"
    recorder = wire.record(recorded)
    for command in scene.ask:
        wire.ask(command, scene.words, scene.patience)
    time.sleep(0.4)
    wire.stop(recorder)
    packets = read_pcap(recorded)
    return scene.edit(packets) if scene.edit else packets


def bar(rules: tuple[str, ...], wire: Wire) -> None:
    """Set the server's firewall."""
    if rules:
        ruleset = "table inet filter { chain input { type filter hook input priority 0;\n"
        (wire.folder / "rules.nft").write_text(ruleset + "\n".join(rules) + "\n}\n}\n")
        wire.start("server", "nft -f rules.nft", "nft.log").wait(5)


def holds(proof: Proof, data: bytes, folder: Path) -> bool:
    """Check one claim against the finished file or a program's log."""
    if proof.by != "tshark":
        return proof.what in (folder / f"{proof.by}.log").read_text(errors="replace")
    (folder / "check.pcapng").write_bytes(data)
    command = [*_TSHARK, "-r", "check.pcapng", "-Y", proof.what]
    found = subprocess.run(command, cwd=folder, capture_output=True, check=False).stdout
    frames = len(found.split())
    return frames > 0 if proof.frames is None else frames == proof.frames


def told(folder: Path) -> str:
    """Repeat what tshark and the programs said, for whoever mends the scene."""
    logs = [f"--- {log.name}\n{log.read_text(errors='replace')[-1500:]}" for log in _logs(folder)]
    listing = subprocess.run(
        ["tshark", "-r", "check.pcapng"], cwd=folder, capture_output=True, text=True, check=False
    )
    return "\n".join([*logs, "--- tshark", listing.stdout])


def _logs(folder: Path) -> list[Path]:
    return [
        path
        for name in ("prepare", "nft", "client", "server")
        if (path := folder / f"{name}.log").exists()
    ]


def keep(scene: Scene, packets: list[Packet], data: bytes) -> None:
    """Write the capture and its `.toml`."""
    date = dt.datetime.fromtimestamp(packets[0].at / 1e6, dt.UTC).date().isoformat()
    client, server = name_versions(scene.client), name_versions(scene.server)
    (CAPTURES / f"{scene.stem}.pcapng").write_bytes(data)
    (CAPTURES / f"{scene.stem}.toml").write_text(write_toml(scene, date, client, server))
    print(f"made     {scene.stem}: {len(packets)} packets, {len(data)} bytes")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
