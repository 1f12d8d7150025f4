"""What a row of the tables of settings is: a product, and the line to paste into it."""

from __future__ import annotations

from typing import NamedTuple

from tlswire.result import Addressee


class Setting(NamedTuple):
    """One product's way to change one thing; `line` has blanks such as {suites_openssl}.

    A row whose blank this case cannot fill, since the product lacks the suite or the group, is
    left out.
    """

    product: str
    line: str
    who: Addressee = "server"
