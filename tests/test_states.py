"""The table of states: whole, sound, and named by what is awaited."""

from __future__ import annotations

import pytest

from tlswire import states
from tlswire.codes import HANDSHAKE_TYPES
from tlswire.states import AWAITED, TABLE, Conditions, resume, step

HIDDEN = {"encrypted", "early_data", "application_data", "change_cipher_spec"}


def test_every_row_leads_from_a_state_to_a_state() -> None:
    for row in TABLE:
        assert row.at in AWAITED
        assert row.to in AWAITED
        assert row.what in HIDDEN | set(HANDSHAKE_TYPES.values())


def test_a_state_accepts_something_from_the_side_it_awaits() -> None:
    for state, who in AWAITED.items():
        if state not in (states.TCP_CONNECT, states.PREAMBLE):
            assert any(row.at == state and row.who == who for row in TABLE)


def test_conditions_are_fields() -> None:
    assert {row.when.lstrip("!") for row in TABLE if row.when} <= set(Conditions._fields)


def test_no_row_stands_behind_one_that_always_holds() -> None:
    always: set[tuple[str, str, str]] = set()
    for row in TABLE:
        key = (row.at, row.who, row.what)
        assert key not in always
        always |= {key} if not row.when else set()


# RFC 5246 figure 1, and RFC 8446 figure 1 as far as it is in the clear.
FULL_12 = [
    ("client", "client_hello"),
    ("server", "server_hello"),
    ("server", "certificate"),
    ("server", "server_key_exchange"),
    ("server", "certificate_request"),
    ("server", "server_hello_done"),
    ("client", "certificate"),
    ("client", "client_key_exchange"),
    ("client", "certificate_verify"),
    ("client", "change_cipher_spec"),
    ("client", "finished"),
    ("server", "change_cipher_spec"),
    ("server", "finished"),
]


def test_the_full_handshake_of_rfc_5246_is_legal() -> None:
    state, conditions = states.CLIENT_HELLO, Conditions(ephemeral=True, asked=True, certified=True)
    for who, what in FULL_12:
        following = step(state, who, what, conditions)
        assert following is not None, (state, who, what)
        state = following
    assert state == states.APPLICATION_DATA


@pytest.mark.parametrize("what", ["server_hello", "finished", "certificate"])
def test_out_of_order_is_not_legal(what: str) -> None:
    assert step(states.CLIENT_HELLO, "server", what, Conditions()) is None
    assert resume("server", what, Conditions()) is not None
