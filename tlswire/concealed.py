"""The client's flight of TLS 1.3 that nobody can read: which of its records held the Finished.

Told by sizes and by what the server does next (RFC 8446 section 4.4.4); a guess is written down as
one. Reads no payload.
"""

from __future__ import annotations

from tlswire import hidden
from tlswire.flow import Who
from tlswire.half import Half
from tlswire.records import Record
from tlswire.scribe import Scribe
from tlswire.states import APPLICATION_DATA
from tlswire.transcript import Entry, Transcript


class Concealed:
    """Tells the hidden records of a handshake, both sides', as they come."""

    def __init__(self, transcript: Transcript, scribe: Scribe) -> None:
        self._transcript, self._scribe = transcript, scribe
        self._tail: Entry | None = None  # the client's last hidden record, not yet told
        self._records = 0  # of the client's flight so far

    def take(self, who: Who, half: Half, record: Record, at: float, *, early: bool) -> None:
        """Tell a hidden record by its size; `early` where the client offered 0-RTT data."""
        what, guess = hidden.tell(who, self._transcript.suite, record.length, early=early)
        if who == "server":
            self.promote(at)
        as_what = "finished" if guess == "finished" else None
        entry = self._scribe.record(
            who, half, what, record, at, hidden=True, guess=guess, as_what=as_what
        )
        if guess == "finished":
            self._tail = None
        elif who == "client" and what == "encrypted" and guess != "alert":
            self._transcript.client_authenticates = True
            self._records += 1
            self._tail = entry

    def promote(self, at: float) -> None:
        """The server goes on after a client's flight that was one record: Finished was in it."""
        tail, suite = self._tail, self._transcript.suite
        if tail and (tail.guess is None or hidden.may_hold_finished(suite, tail.length)):
            tail.guess = tail.guess or "finished"
            self._scribe.enter(APPLICATION_DATA, at)
        self._tail = None

    def conclude(self, at: float) -> None:
        """A flight that was one record, larger than a Finished, had the Finished in it: padding,
        or the whole flight in one; a Certificate alone would not have been left unfinished.
        """
        tail, suite = self._tail, self._transcript.suite
        if tail and self._records == 1 and hidden.may_hold_finished(suite, tail.length):
            self.promote(at)
