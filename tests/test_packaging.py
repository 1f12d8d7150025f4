"""What leaves this checkout: wheel, sdist, and the one file for a jump host; all run elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT

FAILED = str(ROOT / "captures" / "cert-expired.pcapng")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist."""
    pytest.importorskip("hatchling", reason="hatchling is not installed")
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    return folder


def test_the_wheel_holds_what_is_needed_and_no_more(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        *("tlswire/py.typed", "tlswire/reports/html/templates/page.html"),
        *("tlswire/languages/fr/LC_MESSAGES/tlswire.mo", "tlswire/reports/html/templates/page.js"),
        "tlswire/captures/cipher-no-overlap.pcapng",
    } <= names
    outside = {name for name in names if not name.startswith(("tlswire/", "tlswire-"))}
    assert outside == set()


def test_the_sdist_builds_the_same_wheel(built: Path, tmp_path: Path) -> None:
    (sdist,), (wheel,) = built.glob("*.tar.gz"), built.glob("*.whl")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path)  # of our own making
    (unpacked,) = tmp_path.iterdir()
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "d")]
    subprocess.run(command, cwd=unpacked, check=True, capture_output=True, timeout=120)
    (again,) = (tmp_path / "d").glob("*.whl")
    assert zipfile.ZipFile(again).namelist() == zipfile.ZipFile(wheel).namelist()


def test_the_wheel_runs_from_a_clean_environment(built: Path, tmp_path: Path) -> None:
    (wheel,) = built.glob("*.whl")
    venv.create(tmp_path / "env", with_pip=False, symlinks=True)
    python = tmp_path / "env" / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "-q", str(wheel)]
    done = subprocess.run(pip, capture_output=True, text=True, timeout=300)
    if done.returncode and "Could not find a version" in done.stderr:
        pytest.skip("no package index at hand")
    assert done.returncode == 0, done.stderr
    clean = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    command = [str(python.parent / "tlswire"), "decode", FAILED, "--html", str(tmp_path / "r.html")]
    told = subprocess.run(command, env=clean, cwd=tmp_path, capture_output=True, text=True)
    assert told.returncode == 1, told.stderr
    assert "cert-expired" in told.stdout
    assert "<!doctype html>" in (tmp_path / "r.html").read_text()
    assert "Renouveler le certificat" in in_french(command, clean)
    demo = [str(python.parent / "tlswire"), "demo"]
    assert subprocess.run(demo, env=clean, cwd=tmp_path, capture_output=True).returncode == 0


def in_french(command: list[str], environment: dict[str, str]) -> str:
    chosen = {**environment, "LANG": "fr_FR.UTF-8"}
    return subprocess.run(command, env=chosen, capture_output=True, text=True).stdout


def test_the_catalogue_is_read_from_within_a_zip(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    read = "import tlswire.language as l; l.use('fr'); print(l.__file__, l.say('nothing more'))"
    told = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(wheel)!r}); {read}"],
        capture_output=True,
        text=True,
    )
    assert told.stdout.split(maxsplit=1) == [f"{wheel}/tlswire/language.py", "rien de plus\n"]


def test_the_one_file_runs_without_anything_installed(tmp_path: Path) -> None:
    made = tmp_path / "tlswire.pyz"
    make = [sys.executable, str(ROOT / "tools" / "make_zipapp.py"), "--output", str(made)]
    done = subprocess.run(make, capture_output=True, text=True, timeout=300)
    if done.returncode and "Could not find a version" in done.stderr:
        pytest.skip("no package index at hand")
    assert done.returncode == 0, done.stderr
    clean = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    base = getattr(sys, "_base_executable", sys.executable)
    for _ in range(2):  # unpacks, then finds it unpacked
        command = [base, "-I", str(made), "decode", FAILED, "-q"]
        told = subprocess.run(command, env=clean, cwd=tmp_path, capture_output=True, text=True)
        assert told.returncode == 1, told.stderr
        assert "cert-expired" in told.stdout
    assert "Renouveler le certificat" in in_french([base, "-I", str(made), "decode", FAILED], clean)
    assert len(list((tmp_path / ".cache" / "tlswire").iterdir())) == 1
    assert os.access(made, os.X_OK)


def test_every_dependency_has_a_lower_bound() -> None:
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        from lower_bounds import lowest
    finally:
        sys.path.pop(0)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert len(lowest()) == len(project["dependencies"])
    for extra in project["optional-dependencies"].values():
        assert all(">=" in need or need.startswith("tlswire[") for need in extra)
