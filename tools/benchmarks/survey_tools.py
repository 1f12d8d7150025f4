"""The tools that list what a server takes: how each is asked, and how its output reads.

All are asked for the same thing, suites by version and whose order it is, and each by the name
that the servers know. What a tool does not say is left empty, never guessed.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from benchmarks.survey_servers import LOOPBACK, NAME

ROOT = Path(__file__).resolve().parents[2]
#: The versions as the tools write them.
VERSIONS = {
    "SSLv2": "SSL 2.0",
    "SSLv3": "SSL 3.0",
    "TLSv1": "TLS 1.0",
    "TLSv1.0": "TLS 1.0",
    "TLSv1.1": "TLS 1.1",
    "TLSv1.2": "TLS 1.2",
    "TLSv1.3": "TLS 1.3",
}


class Finding(NamedTuple):
    """Suites by version, in the order told, and whose order it is where the tool says so."""

    suites: dict[str, list[str]]
    preference: dict[str, str]


class Tool(NamedTuple):
    """A tool: its command for a port, and how its output reads."""

    name: str
    command: Callable[[int], list[str]]
    read: Callable[[str], Finding] | None = None


@cache
def _numbers() -> dict[int, str]:
    from tlswire.suites import SUITES

    return {number: facts.name for number, facts in SUITES.items()}


# -- ours --------------------------------------------------------------------------------


def ours(*options: str) -> Callable[[int], list[str]]:
    """Return our command."""
    program = str(Path(sys.executable).with_name("tlswire"))
    return lambda port: [
        program,
        "survey",
        f"{LOOPBACK}:{port}",
        "--name",
        NAME,
        *options,
        "--json",
    ]


def read_ours(text: str) -> Finding:
    """Read our document."""
    (found,) = json.loads(text)["surveys"]
    suites = {each["version"]: each["suites"] for each in found["versions"]}
    preference = {each["version"]: each["preference"] or "none" for each in found["versions"]}
    return Finding(suites, preference)


# -- nmap --------------------------------------------------------------------------------


def nmap(port: int) -> list[str]:
    """Return nmap's command."""
    script = ["--script", "ssl-enum-ciphers", "--script-args", f"tls.servername={NAME}"]
    return ["nmap", "-Pn", "-n", "-p", str(port), *script, "-oX", "-", LOOPBACK]


def read_nmap(text: str) -> Finding:
    """Read nmap's XML."""
    suites: dict[str, list[str]] = {}
    preference: dict[str, str] = {}
    for script in ElementTree.fromstring(text).iter("script"):
        for table in script.findall("table"):
            version = VERSIONS.get(table.get("key", ""), "")
            names = [
                e.text or ""
                for e in table.iterfind("table[@key='ciphers']/table/elem[@key='name']")
            ]
            suites[version] = [registered(name) for name in names]
            whose = table.find("elem[@key='cipher preference']")
            preference[version] = (whose.text or "") if whose is not None else ""
    return Finding(suites, preference)


def registered(name: str) -> str:
    """Nmap writes TLS 1.3's suites as `TLS_AKE_WITH_...` and names some otherwise than IANA."""
    spelled = name.replace("TLS_AKE_WITH_", "TLS_").replace("-draft", "_draft")
    return {"TLS_NULL_SHA256": "TLS_SHA256_SHA256", "TLS_NULL_SHA384": "TLS_SHA384_SHA384"}.get(
        spelled, spelled
    )


# -- sslscan -----------------------------------------------------------------------------


def sslscan(*options: str) -> Callable[[int], list[str]]:
    """Return sslscan's command."""
    sni = f"--sni-name={NAME}"
    return lambda port: ["sslscan", "--no-failed", "--xml=-", sni, *options, f"{LOOPBACK}:{port}"]


def read_sslscan(text: str) -> Finding:
    """Read sslscan's XML."""
    suites: dict[str, list[str]] = {}
    for cipher in ElementTree.fromstring(text).iter("cipher"):
        version = VERSIONS.get(cipher.get("sslversion", ""), "")
        number = int(cipher.get("id", "0"), 16)
        suites.setdefault(version, []).append(_numbers().get(number, cipher.get("cipher", "")))
    return Finding(suites, {})


# -- sslyze ------------------------------------------------------------------------------


def sslyze(port: int) -> list[str]:
    """Return the command of sslyze with its commands for suites; its venv is its own."""
    own = ROOT / ".venv-peers" / "bin" / "sslyze"
    program = str(own) if own.exists() else "sslyze"
    wanted = ["--sslv2", "--sslv3", "--tlsv1", "--tlsv1_1", "--tlsv1_2", "--tlsv1_3"]
    wanted += ["--mozilla_config=disable", "--sni", NAME, "--json_out", "-"]
    return [program, *wanted, f"{LOOPBACK}:{port}"]


def read_sslyze(text: str) -> Finding:
    """Read sslyze's JSON; it lists suites by their strength and says nothing of an order."""
    suites: dict[str, list[str]] = {}
    (server,) = json.loads(text)["server_scan_results"]
    for key, command in (server["scan_result"] or {}).items():
        result = command["result"] if key.endswith("_cipher_suites") else None
        if result and result["accepted_cipher_suites"]:
            protocol, major, minor = key.split("_")[:3]
            names = [each["cipher_suite"]["name"] for each in result["accepted_cipher_suites"]]
            suites[f"{protocol.upper()} {major}.{minor}"] = names
    return Finding(suites, {})


# -- testssl -----------------------------------------------------------------------------


def testssl(*options: str) -> Callable[[int], list[str]]:
    """Return testssl's command; its name resolves to loopback by its own option."""
    begin = ["testssl", "--quiet", "--warnings", "off", "--color", "0", "--ip", LOOPBACK]
    return lambda port: [*begin, *options, f"{NAME}:{port}"]


_HEADING = re.compile(r"^(SSLv[23]|TLS 1(?:\.[123])?)\s*(?:\(.*\))?\s*$")
_SUITE = re.compile(r"^ x([0-9a-f]{2,6}) ")
_ORDER = re.compile(r"^ Has server cipher order\?\s+(yes|no)\b(.*)$")


def read_testssl(text: str) -> Finding:
    """Read what `-E` and `-P` print; whose order it is, is told once for all below TLS 1.3."""
    suites: dict[str, list[str]] = {}
    whose = ("", "")
    version = ""
    for line in text.splitlines():
        if heading := _HEADING.match(line):
            version = VERSIONS[heading[1].replace("TLS 1", "TLSv1")]
        elif (suite := _SUITE.match(line)) and version:
            name = _numbers().get(int(suite[1], 16), line.split()[-1])
            suites.setdefault(version, []).append(name)
        elif order := _ORDER.match(line):
            whose = _whose(order[1] == "yes", order[2])
    preference = {each: whose[each == "TLS 1.3"] for each in suites}
    return Finding(suites, {each: said for each, said in preference.items() if said})


def _whose(yes: bool, more: str) -> tuple[str, str]:
    """Return whose order it is below TLS 1.3 and in it, as the words after the answer say."""
    if "only for < TLS 1.3" in more:
        return "server", "client"
    if "only for TLS 1.3" in more:
        return "client", "server"
    return ("server", "server") if yes else ("client", "client")


# -- all of them -------------------------------------------------------------------------

#: sslscan without what nmap does not do either.
_LIKE = ("--no-groups", "--no-heartbleed", "--no-renegotiation", "--no-fallback")
_LIKE += ("--no-compression", "--no-check-certificate")
TOOLS: tuple[Tool, ...] = (
    Tool("nmap", nmap, read_nmap),
    Tool("tlswire-suites", ours("--only", "suites"), read_ours),
    Tool("tlswire-polite", ours("--only", "suites", "--polite"), read_ours),
    Tool("tlswire", ours(), read_ours),
    Tool("sslscan-c", sslscan(*_LIKE), read_sslscan),
    Tool("sslscan", sslscan(), read_sslscan),
    Tool("sslyze-c", sslyze, read_sslyze),
    Tool("testssl-pP", testssl("-p", "-P"), None),
    Tool("testssl-EP", testssl("-E", "-P"), read_testssl),
)
BY_NAME = {tool.name: tool for tool in TOOLS}
#: Whose findings ours are compared with.
PEERS = ("nmap", "sslscan-c", "sslyze-c", "testssl-EP")


def installed(tool: Tool) -> bool:
    """Tell whether a tool can be run."""
    return shutil.which(tool.command(0)[0]) is not None


def chosen_tools(names: Sequence[str] = ()) -> list[Tool]:
    """Return the installed tools of these names, all without any."""
    return [tool for tool in TOOLS if installed(tool) and (not names or tool.name in names)]
