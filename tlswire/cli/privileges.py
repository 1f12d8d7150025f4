"""Rights that are only needed to begin: given up once an interface is open."""

from __future__ import annotations

import os

from tlswire.errors import SelectionError


def drop_to_invoker(name: str | None) -> str | None:
    """Become the user named, else the one that called sudo, doas or pkexec.

    Returns who that is, None where nothing was to be done. Raises SelectionError for a name that
    nobody has, or when the system refuses.
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
        raise SelectionError(f"there is no user {asked} to become") from None
    if user.pw_uid == 0:
        return None
    try:
        os.initgroups(user.pw_name, user.pw_gid)
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
    except OSError as error:
        raise SelectionError(f"cannot become {user.pw_name}: {error.strerror}") from None
    return user.pw_name


def _invoker() -> str | None:
    for variable in ("SUDO_UID", "PKEXEC_UID", "DOAS_USER"):
        said = os.environ.get(variable)
        if said:
            return said
    return None
