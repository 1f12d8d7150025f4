"""The command itself: help that loads nothing, errors in one line, exit codes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import ROOT
from results import document, established, failed

from tlswire import cli
from tlswire.cli import exits, printing, progress
from tlswire.errors import TargetError
from tlswire.result import Document

HEAVY = ("construct", "scapy", "cryptography", "msgspec", "rich", "tlswire.codes")


def run(*args: str, **more: object) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "tlswire", *args]
    return subprocess.run(command, capture_output=True, timeout=60, **more)  # type: ignore[call-overload,no-any-return]


def answer(monkeypatch: pytest.MonkeyPatch, found: Document | Exception) -> None:
    def chosen(*args: object, **more: object) -> Document:
        if isinstance(found, BaseException):
            raise found
        return found

    monkeypatch.setattr(printing, "decode_chosen", chosen)
    monkeypatch.setattr(printing, "_digest", chosen)


def test_help_imports_nothing_heavy() -> None:
    told = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "tlswire", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {line.rsplit("|", 1)[-1].strip() for line in told.stderr.splitlines()}
    assert "click" in loaded
    assert not {name for name in loaded for heavy in HEAVY if name.split(".")[0] == heavy}
    assert {n for n in loaded if n.startswith("tlswire")} <= {
        "tlswire",
        "tlswire.cli",
        "tlswire.language",
    }


def test_help_lists_the_table() -> None:
    told = CliRunner().invoke(cli.main, ["--help"])
    assert told.exit_code == 0
    for row in cli.COMMANDS:
        assert f"{row.name} " in told.output
    assert "Exit codes" in told.output


def test_table_and_folder_agree() -> None:
    folder = Path(cli.__file__).parent
    for row in cli.COMMANDS:
        assert row.module == f"tlswire.cli.{row.name}"
        assert (folder / f"{row.name}.py").is_file()


@pytest.mark.parametrize("row", cli.COMMANDS, ids=lambda row: row.name)
def test_every_command_has_help_with_examples(row: cli.Row) -> None:
    told = CliRunner().invoke(cli.main, [row.name, "--help"])
    assert told.exit_code == 0
    assert f"tlswire {row.name}" in told.output


def test_version() -> None:
    told = run("--version")
    assert told.returncode == 0
    assert told.stdout.split()[0] == b"tlswire"


@pytest.mark.parametrize(
    "args", [("nonsense",), ("decode",), ("decode", "--nonsense", "x"), ("decode", "x", "-c", "a")]
)
def test_wrong_use_is_2(args: tuple[str, ...]) -> None:
    assert CliRunner().invoke(cli.main, list(args)).exit_code == 2


@pytest.mark.parametrize("content", [None, b"", b"not a capture at all, by any means", b"\x0a\x0d"])
def test_unreadable_input_is_one_line_and_2(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "x.pcap"
    if content is not None:
        path.write_bytes(content)
    told = run("decode", str(path))
    assert told.returncode == 2
    assert told.stdout == b""
    assert len(told.stderr.splitlines()) == 1
    assert told.stderr.startswith(b"tlswire: ")
    assert b"Traceback" not in told.stderr


def test_unreadable_directory_is_2(tmp_path: Path) -> None:
    told = run("decode", str(tmp_path))
    assert told.returncode == 2
    assert len(told.stderr.splitlines()) == 1


def test_errors_carry_their_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, TargetError("no route to \x1b[2J"))
    told = CliRunner().invoke(cli.main, ["decode", "x"])
    assert told.exit_code == 4
    assert told.output == "tlswire: no route to \\x1b[2J\n"


def test_a_defect_is_one_line_and_no_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TLSWIRE_TRACEBACK", raising=False)
    answer(monkeypatch, ZeroDivisionError("division by zero"))
    told = CliRunner().invoke(cli.main, ["decode", "x"])
    assert told.exit_code == cli.DEFECT
    assert len(told.output.splitlines()) == 1
    monkeypatch.setenv("TLSWIRE_TRACEBACK", "1")
    assert isinstance(CliRunner().invoke(cli.main, ["decode", "x"]).exception, ZeroDivisionError)


def test_ctrl_c_is_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*args: object, **more: object) -> Document:
        raise KeyboardInterrupt

    monkeypatch.setattr(printing, "decode_chosen", interrupted)
    monkeypatch.setattr(printing, "_digest", interrupted)
    told = CliRunner().invoke(cli.main, ["decode", "x"])
    assert (told.exit_code, told.output) == (cli.INTERRUPTED, "")


def test_ctrl_c_while_reading_a_pipe() -> None:
    started = subprocess.Popen(
        [sys.executable, "-m", "tlswire", "decode", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert started.stdin is not None
    started.stdin.write(bytes.fromhex("d4c3b2a1020004000000000000000000ffff000001000000"))
    started.stdin.flush()
    with pytest.raises(subprocess.TimeoutExpired):
        started.wait(1.5)
    started.send_signal(signal.SIGINT)
    _, stderr = started.communicate(timeout=20)
    assert started.returncode in (cli.INTERRUPTED, 1)
    assert b"Traceback" not in stderr


def test_reader_that_leaves_is_no_error(captures: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    told = subprocess.run(
        [sys.executable, "-m", "tlswire", "decode", str(captures / "ok-chromium.pcapng"), "--json"],
        stdout=writer,
        stderr=subprocess.PIPE,
        timeout=60,
    )
    os.close(writer)
    assert told.returncode == cli.PIPE_CLOSED
    assert told.stderr == b""


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: document(failed(), established()), exits.FAILED),
        (lambda: document(established()), exits.ESTABLISHED),
        (lambda: document(established(outcome="not_tls")), exits.FAILED),
        (lambda: document(established(outcome="incomplete")), exits.NOTHING),
        (lambda: document(established(outcome="incomplete"), established()), exits.ESTABLISHED),
        (document, exits.NOTHING),
    ],
)
def test_exit_codes(
    monkeypatch: pytest.MonkeyPatch, make: Callable[[], Document], code: int
) -> None:
    answer(monkeypatch, make())
    for args in (["decode", "x"], ["decode", "--json", "x"], ["decode", "-q", "x"]):
        assert CliRunner().invoke(cli.main, args).exit_code == code


def test_rich_is_not_imported_for_a_pipe(captures: Path) -> None:
    program = (
        "import sys\n"
        "from tlswire.cli import main\n"
        f"try: main(['decode', {str(captures / 'cipher-no-overlap.pcapng')!r}])\n"
        "except SystemExit: pass\n"
        "heavy = {'rich', 'scapy', 'construct', 'cryptography'} & set(sys.modules)\n"
        "print(sorted(heavy), file=sys.stderr)\n"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert told.stderr.splitlines()[-1] == "[]"


def test_readme_names_commands_and_options_that_exist() -> None:
    text = (ROOT / "README.md").read_text()
    named = re.findall(r"^(?:\| `|\$ )?tlswire (\w+)([^`|\n]*)", text, re.MULTILINE)
    assert {name for name, _ in named} == {row.name for row in cli.COMMANDS}
    for name, rest in named:
        told = CliRunner().invoke(cli.main, [name, "--help"]).output
        for option in re.findall(r"(?<!\S)--?[a-z][a-z-]*", rest):
            assert option in told


def test_progress_is_for_a_terminal_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "a.pcap"
    path.write_bytes(bytes(200))
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    with progress.Progress(str(path)) as silent:
        silent.told(100)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with progress.Progress(str(path)) as shown:
        shown.connections, shown.failed = 2, 1
        shown.told(100)
        assert "reading a.pcap" in (told := capsys.readouterr().err)
        assert "50%" in told
        assert "2 connections, 1 failed" in told
    capsys.readouterr()
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    with progress.Progress(str(path), streaming=True) as silent:
        silent.told(100)
    assert "reading" not in capsys.readouterr().err
