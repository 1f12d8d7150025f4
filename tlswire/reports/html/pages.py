"""The templates, and the one way into them: every text is made safe before it is on a page."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from msgspec import structs

from tlswire import language
from tlswire.reports import policies, surveys, text, verdicts
from tlswire.reports.counts import thousands
from tlswire.reports.endings import in_short, side, stopped
from tlswire.reports.escape import escape
from tlswire.reports.html.overview import clock
from tlswire.reports.repeats import repeat_ending, repeat_marks
from tlswire.reports.replays import apart, same_answer
from tlswire.reports.story import COPIES, TEAMS

#: Texts that are remembered as they are on the page: the same suites stand in every offer.
SOFT = 8192


#: What a template can call: the language, and what other reports say in the same words.
SAID: dict[str, Any] = {
    "say": language.say,
    "counted": language.counted,
    "lang": language.in_use,
    "thousands": thousands,
    "clock": clock,
    "stopped": stopped,
    "in_short": in_short,
    "outcome": text.outcome,
    "side": side,
    "sure": verdicts.confidence,
    "teams": TEAMS,
    "copies": COPIES,
    "apart": apart,
    "same_answer": same_answer,
    "repeat_ending": repeat_ending,
    "repeat_marks": repeat_marks,
    "asked": surveys.OUTCOMES,
    "severities": surveys.SEVERITIES,
    "levels": policies.LEVELS,
    "orders": surveys.ORDERS,
    "wanted": surveys.certificate_wanted,
}


class Pages:
    """Renders templates; imports jinja2 when it is made."""

    def __init__(self) -> None:
        from jinja2 import Environment, PackageLoader, StrictUndefined
        from markupsafe import Markup

        self.safe = Markup
        self._pages = Environment(
            loader=PackageLoader("tlswire.reports.html"),
            autoescape=True,
            undefined=StrictUndefined,
            finalize=self._clean,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._pages.globals |= SAID
        self._pages.filters |= {
            "clean": escape,
            "safe_lines": self._lines,
            "soft": lru_cache(SOFT)(self._soft),
            "fields": structs.asdict,
        }
        self._section = self._pages.get_template("section.html")

    def _clean(self, value: Any) -> Any:
        """Escape what must not reach a reader, in anything that is text and not markup of ours."""
        return escape(value) if type(value) is str else value

    def _soft(self, value: str) -> Any:
        """Return text whose long names may break where a reader would break them."""
        from markupsafe import escape as quote

        return self.safe("_<wbr>").join(quote(part) for part in escape(value).split("_"))

    def _lines(self, value: str) -> Any:
        """Return text whose line ends are ours and stay; each line is made safe."""
        from markupsafe import escape as quote

        return self.safe("&#10;").join(quote(escape(line)) for line in value.split("\n"))

    def section(self, **told: Any) -> Any:
        """Return one case as markup."""
        return self.safe(self._section.render(told))

    def render(self, name: str, **told: Any) -> str:
        """Return a page."""
        return self._pages.get_template(name).render(told)

    def text(self, name: str) -> str:
        """Return a file that is put into the page as it is: our own, nothing from the wire."""
        if self._pages.loader is None:
            return ""
        return self._pages.loader.get_source(self._pages, name)[0].strip()

    def markup(self, name: str) -> Any:
        """Return such a file as markup."""
        return self.safe(self.text(name))
