"""The options for what the user gives of their own: a client certificate, a key, roots.

No secret stands on a command line: a password comes from the environment or a prompt, a key from
a file.

@own.options
def command(..., **mine: Any) -> int:
    own = read(mine)
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from tlswire.cli.sections import option, together
from tlswire.errors import SelectionError
from tlswire.language import say

if TYPE_CHECKING:
    from tlswire.player.credentials import Credentials
    from tlswire.player.exchange import Psk
    from tlswire.replay.own import Own

IDENTITY: Final = "Who we are, whom we trust"
#: Where the password of a client's key is looked for before anybody is asked.
PASSWORD: Final = "TLSWIRE_KEY_PASSWORD"

options: Final = together(
    (
        option(
            IDENTITY,
            "--cert",
            metavar="FILE",
            help="Show this client certificate where the server asks: PEM (with its chain), or "
            f"PKCS#12. A password comes from ${PASSWORD}, else it is asked for.",
        ),
        option(IDENTITY, "--key", metavar="FILE", help="Its private key, where FILE lacks it."),
        option(
            IDENTITY,
            "--ca",
            metavar="FILE",
            help="Judge the server's chain by these roots. Default: this system's.",
        ),
        option(
            IDENTITY,
            "--psk",
            metavar="FILE",
            help="A pre-shared key, in hex, for suites that need one.",
        ),
        option(
            IDENTITY,
            "--psk-identity",
            metavar="NAME",
            default="",
            help="The name of that key. Default: as captured.",
        ),
    )
)


def read(mine: Mapping[str, Any]) -> Own:
    """Return what the options give. Raises SelectionError."""
    from tlswire.replay.own import Own
    from tlswire.sources import roots

    if mine["key"] and not mine["cert"]:
        raise SelectionError(say("--key goes with --cert"))
    bundle = roots.of_file(Path(mine["ca"])) if mine["ca"] else None
    return Own(_credentials(mine["cert"], mine["key"]), _psk(mine), bundle)


def _credentials(cert: str | None, key: str | None) -> Credentials | None:
    from tlswire.player.credentials import PasswordError, load

    if cert is None:
        return None
    blobs = _file(cert), _file(key) if key else None
    password = os.environ.get(PASSWORD)
    try:
        return load(*blobs, password.encode() if password is not None else None)
    except PasswordError as error:
        if password is not None or not sys.stdin.isatty():
            raise SelectionError(
                say("{error}: set {variable}", error=error, variable=PASSWORD)
            ) from None
    asked = click.prompt(say("Password of {key}", key=key or cert), hide_input=True, err=True)
    return load(*blobs, str(asked).encode())


def _psk(mine: Mapping[str, Any]) -> Psk | None:
    from tlswire.player.exchange import Psk

    if mine["psk"] is None:
        return None
    try:
        key = bytes.fromhex(_file(mine["psk"]).decode("ascii", "replace"))
    except ValueError:
        raise SelectionError(say("{mine}: not a key in hex", mine=mine["psk"])) from None
    return Psk(mine["psk_identity"].encode(), key)


def _file(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise SelectionError(f"{name}: {error.strerror or error}") from None
