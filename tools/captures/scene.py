"""What a capture shows and how it is made: one frozen description, and its `.toml`.

Knows no program and no network; the table of all scenes is `scenes.py`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from .pcapng import Packet

Edit = Callable[[list[Packet]], list[Packet]]


class Expect(NamedTuple):
    """What must be said of one connection; None is not judged."""

    outcome: Literal["established", "failed", "incomplete", "not_tls"]
    stopped_at: str | None = None
    ended_by: tuple[str, str] | None = None
    alert: int | None = None
    causes: tuple[str, ...] = ()
    connection: int = 0
    resumed: bool | None = None

    @property
    def healthy(self) -> bool:
        """Nothing may be blamed."""
        return self.outcome in ("established", "incomplete") and not self.causes


class Proof(NamedTuple):
    """How the maker makes sure: tshark's count for a filter, or words a program wrote."""

    by: Literal["tshark", "client", "server"]
    what: str
    frames: int | None = None  # exact for tshark; None for at least one


def fatal(code: int) -> Proof:
    """One fatal alert of this code, in the clear."""
    return Proof("tshark", f"tls.alert_message.level == 2 && tls.alert_message.desc == {code}", 1)


def handshake(handshake_type: int, frames: int | None = None) -> Proof:
    """Frames with a handshake message of this type."""
    return Proof("tshark", f"tls.handshake.type == {handshake_type}", frames)


@dataclass(frozen=True)
class Scene:
    """One capture. Commands run in the maker's folder, the client's after the servers listen."""

    stem: str
    ailment: str
    client: str  # with {openssl} and the like for a version
    server: str
    ask: tuple[str, ...]
    expect: tuple[Expect, ...]
    prepare: tuple[str, ...] = ()  # commands that end before the servers start
    serve: tuple[str, ...] = ()
    firewall: tuple[str, ...] = ()  # nft rules for what reaches the server
    ports: tuple[int, ...] = (443,)
    words: str = ""  # what the client says when connected
    proof: tuple[Proof, ...] = ()
    needs: tuple[str, ...] = ()
    note: str = ""
    patience: float = 10.0  # seconds given to a client
    edit: Edit | None = None  # of the packets, after capture
    edit_said: str = ""  # the edit in words, for the record
    cut: int = 0  # bytes taken off the end of the file
    files: dict[str, str] = field(default_factory=dict)  # configuration the programs read


def write_toml(scene: Scene, date: str, client: str, server: str) -> str:
    """Write what made a capture, what was checked, and what must be said of it."""
    rules = (f"nft add rule inet filter input {rule}" for rule in scene.firewall)
    by = [*rules, *scene.prepare, *scene.serve, *scene.ask]
    if scene.edit_said:
        by.append(scene.edit_said)
    lines = [f"# {scene.ailment}", "", "[made]", f"date = {date}", "by = ["]
    lines += [f"  {_string(command)}," for command in by] + ["]"]
    lines += [f"client = {_string(client)}", f"server = {_string(server)}"]
    if scene.note:
        lines.append(f"note = {_string(scene.note)}")
    lines += ["", "[made.files]"] if scene.files else []
    for name, text in scene.files.items():
        lines.append(f"{_string(name)} = '''\n{text}'''")
    for proof in scene.proof:
        lines += ["", "[[proof]]", *_proof_lines(proof)]
    for expect in scene.expect:
        lines += ["", "[[expect]]", *_expect_lines(expect)]
    return "\n".join(lines) + "\n"


def _proof_lines(proof: Proof) -> list[str]:
    lines = [f"by = {_string(proof.by)}", f"what = {_string(proof.what)}"]
    return lines if proof.frames is None else [*lines, f"frames = {proof.frames}"]


def _expect_lines(expect: Expect) -> list[str]:
    values: dict[str, object] = {
        "connection": expect.connection,
        "outcome": expect.outcome,
        "stopped_at": expect.stopped_at,
        "ended_by": expect.ended_by,
        "alert": expect.alert,
        "resumed": expect.resumed,
        "causes": expect.causes,
        "healthy": expect.healthy,
    }
    return [f"{key} = {json.dumps(value)}" for key, value in values.items() if value is not None]


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
