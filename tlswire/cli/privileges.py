"""Rights that are only needed to begin: given up once an interface is open."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import tlswire
from tlswire.errors import SelectionError
from tlswire.language import say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pwd import struct_passwd


def drop_to_invoker(name: str | None) -> str | None:
    """Become the user named, else the one that called sudo, doas or pkexec.

    Returns who that is, None where nothing was to be done. Raises SelectionError for a name that
    nobody has, for one that may not read this program, or when the system refuses.
    """
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return None
    import pwd

    asked = name or _invoker()
    if asked is None:
        return None
    try:
        user = pwd.getpwuid(int(asked)) if asked.isdecimal() else pwd.getpwnam(asked)
    except KeyError:
        raise SelectionError(say("there is no user {asked} to become", asked=asked)) from None
    if user.pw_uid == 0:
        return None
    if (there := _unreadable(user)) is not None:
        raise SelectionError(
            say(
                "{pw_name} may not read {there}, of which this program has not read all: "
                "install it where everybody may, name another --user, or stay root with "
                "--user root",
                pw_name=user.pw_name,
                there=there,
            )
        )
    try:
        os.initgroups(user.pw_name, user.pw_gid)
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
    except OSError as error:
        raise SelectionError(
            say(
                "cannot become {pw_name}: {strerror}", pw_name=user.pw_name, strerror=error.strerror
            )
        ) from None
    return user.pw_name


def user_name() -> str:
    """Return who this process is now."""
    import getpass

    try:
        return getpass.getuser() if not hasattr(os, "geteuid") else _name_of(os.geteuid())
    except (KeyError, OSError):
        return say("a user without a name")


def _name_of(user: int) -> str:
    import pwd

    return pwd.getpwuid(user).pw_name


def _invoker() -> str | None:
    for variable in ("SUDO_UID", "PKEXEC_UID", "DOAS_USER"):
        said = os.environ.get(variable)
        if said:
            return said
    return None


def _unreadable(user: struct_passwd) -> str | None:
    """Return a place of this program that a user may not read: what is imported late is there."""
    places = [*tlswire.__path__, *sys.path[1:]]
    with _for_a_moment(user):
        allowed = [os.access(each, os.R_OK, effective_ids=True) for each in places]
    found = zip(places, allowed, strict=True)
    return next((place for place, may in found if not may and os.path.exists(place)), None)


@contextmanager
def _for_a_moment(user: struct_passwd) -> Iterator[None]:
    """Be a user with all that root could take back."""
    groups, group = os.getgroups(), os.getegid()
    try:
        os.initgroups(user.pw_name, user.pw_gid)
        os.setegid(user.pw_gid)
        os.seteuid(user.pw_uid)
        yield
    except OSError as error:
        raise SelectionError(
            say(
                "cannot become {pw_name}: {strerror}", pw_name=user.pw_name, strerror=error.strerror
            )
        ) from None
    finally:
        os.seteuid(0)
        os.setegid(group)
        os.setgroups(groups)
