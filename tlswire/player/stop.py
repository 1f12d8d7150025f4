"""Why our side does not go on: raised inside the player, told to the user, never let out."""

from __future__ import annotations


class Stop(Exception):  # noqa: N818
    """We cannot, or will not, say the next message; the text ends "the replay stops here: …"."""
