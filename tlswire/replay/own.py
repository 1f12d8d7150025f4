"""What the user gives a replay of their own: who we are to the server, and whom we trust."""

from __future__ import annotations

from functools import cached_property

from tlswire.player.credentials import Credentials
from tlswire.player.exchange import Psk
from tlswire.sources import roots
from tlswire.sources.roots import Bundle
from tlswire.trust import Roots


class Own:
    """A client certificate, a pre-shared key, roots; of the last this system's where none is given.

    The system's are read when the first chain is to be judged.
    """

    def __init__(
        self,
        credentials: Credentials | None = None,
        psk: Psk | None = None,
        bundle: Bundle | None = None,
    ) -> None:
        self.credentials = credentials
        self.psk = psk
        self._bundle = bundle

    @property
    def store(self) -> Roots | None:
        """Return the client's own store, where the user gave it."""
        return self.roots if self._bundle is not None else None

    @cached_property
    def roots(self) -> Roots:
        """Return whom we trust."""
        name, ders = self._bundle or roots.of_system()
        return Roots(name, ders)
