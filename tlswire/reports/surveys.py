"""What a survey found, for a person: a screen or two, the weak things first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from tlswire.few import few, together
from tlswire.language import counted, mark, say
from tlswire.reports import policies
from tlswire.reports.endings import side
from tlswire.reports.page import MARGIN, Cell, Page, Span, lead
from tlswire.reports.text import connections, noted
from tlswire.surveyed import (
    Addition,
    ClientCertificate,
    Features,
    Meeting,
    Survey,
    SurveyedCertificate,
    SurveyedVersion,
    Weakness,
)

#: Names of one weakness that are told.
MOST_PLACES: Final = 3
ORDERS: Final = {
    "server": mark("in the server's order"),
    "client": mark("the client's order decides"),
    "mixed": mark("the server's order, for some clients their own"),
    None: "",
}
#: How the trust of a survey begins where nobody could judge it.
NOT_JUDGED: Final = mark("not judged")
#: What came of asking a server, in a word.
OUTCOMES: Final = {
    "surveyed": mark("surveyed"),
    "refused": mark("refused"),
    "reset": mark("reset"),
    "closed": mark("closed"),
    "silent": mark("silent"),
    "not_tls": mark("not TLS"),
    "unfinished": mark("unfinished"),
    "unreached": mark("unreached"),
}
#: How severe a weakness is, in a word.
SEVERITIES: Final = {
    "critical": mark("critical"),
    "high": mark("high"),
    "medium": mark("medium"),
    "low": mark("low"),
    "info": mark("info"),
}
STYLES: Final = {"critical": "bad", "high": "bad", "medium": "warn", "low": "dim", "info": "dim"}


def render(survey: Survey, page: Page, *, whole: bool = False) -> None:
    """Write one survey; `whole` names everything that a line would only count."""
    _head(page, survey)
    _weaknesses(page, survey.warnings, whole=whole)
    weak = _weak_suites(survey.warnings)
    for version, also in _alike(survey.versions):
        _version(page, version, also, weak)
    _refused(page, survey)
    _certificates(page, survey.certificates or ())
    if survey.features is not None:
        _features(page, survey.features)
    _tolerance(page, survey)
    policies.judged(page, survey.policies, whole=whole)
    policies.disagreements(page, survey.disagreements, whole=whole)
    for meeting in survey.meetings or ():
        met(page, meeting)
    for note in survey.notes:
        noted(page, note)


def _head(page: Page, survey: Survey) -> None:
    spoken = [survey.address] if survey.address and survey.address != survey.target else []
    spoken += [say("name {name}", name=survey.server_name)] if survey.server_name else []
    spoken += [say("after {preamble}", preamble=survey.preamble)] if survey.preamble else []
    graded = _grade(survey) if survey.grade else ""
    page.line(Span(survey.target, "title"), "  ", "  ".join(spoken), Span(graded, "strong"))
    page.wrap(survey.summary, "  ", style="good" if survey.outcome == "surveyed" else "bad")
    if survey.next_step:
        page.wrap(survey.next_step, lead(say("Next")))
    told = connections(survey.connections_used)
    page.line(Span(f"  {told}, {survey.elapsed_ms / 1000:.2f} s", "dim"))


def _grade(survey: Survey) -> str:
    """Return the letter and what it leaves out: trust that was not judged, or all but the trust."""
    told = "  " + say("grade {grade}", grade=survey.grade)
    if survey.grade_if_trusted:
        beside = say("({grade} if its certificate is trusted)", grade=survey.grade_if_trusted)
        return f"{told} {beside}"
    judged = not (survey.trust or "").startswith((NOT_JUDGED, say(NOT_JUDGED)))
    return told if judged else f"{told} {say('(trust not judged)')}"


# -- what is weak ------------------------------------------------------------------------


def _weaknesses(page: Page, weaknesses: Sequence[Weakness], *, whole: bool) -> None:
    if not weaknesses:
        return
    page.title(say("Weak"))
    for weakness in weaknesses:
        style = STYLES[weakness.severity]
        where = _places(weakness.where, MOST_PLACES, whole=whole)
        page.wrap(
            say("{what}: {where}", what=weakness.text, where=where),
            lead(say(SEVERITIES[weakness.severity]), style),
        )
        page.wrap(f"{weakness.reason} ({weakness.source})", " " * MARGIN, style="dim")


def _places(names: Sequence[str], most: int, *, whole: bool) -> str:
    return few(names, len(names) if whole else most)


def _weak_suites(weaknesses: Iterable[Weakness]) -> dict[str, str]:
    """Return the gravest weakness of each thing; of CBC there is too much to say it each time."""
    weak: dict[str, str] = {}
    for weakness in weaknesses:
        for name in weakness.where if weakness.severity not in ("info", "low") else ():
            weak.setdefault(name, weakness.id)
    return weak


# -- what is taken -----------------------------------------------------------------------


def _alike(versions: Sequence[SurveyedVersion]) -> list[tuple[SurveyedVersion, list[str]]]:
    """Put versions with the same suites together: they are told once."""
    told: list[tuple[SurveyedVersion, list[str]]] = []
    for version in versions:
        last = told[-1][0] if told else None
        if last and _told(last) == _told(version):
            told[-1][1].append(version.version)
        else:
            told.append((version, []))
    return told


def _told(version: SurveyedVersion) -> tuple[object, ...]:
    return version.suites, version.preference, version.groups, version.dh_bits, version.notes


def _version(
    page: Page, version: SurveyedVersion, also: Sequence[str], weak: dict[str, str]
) -> None:
    names = say(" and ").join([version.version, *also])
    count = counted("{number} suite", "{number} suites", len(version.suites))
    order = say(ORDERS[version.preference])
    page.title(f"{names}  {count}{', ' * bool(order)}{order}")
    page.table([_suite(version, n, weak) for n in range(len(version.suites))], elastic=(1,))
    if version.groups:
        page.wrap(" ".join(version.groups), lead(say("groups")))
    if version.signature_algorithms:
        page.wrap(" ".join(version.signature_algorithms), lead(say("signs with")))
    if version.dh_bits:
        bits = ", ".join(f"{bits} bits" for bits in version.dh_bits)
        page.wrap(bits, lead(say("DHE prime")))
    for note in version.notes:
        noted(page, note)


def _suite(version: SurveyedVersion, place: int, weak: dict[str, str]) -> tuple[Cell | str, ...]:
    number = str(place + 1) if version.preference == "server" else ""
    suite = version.suites[place]
    return (Cell(number, "dim", right=True), suite, Cell(weak.get(suite, ""), "warn"))


def _refused(page: Page, survey: Survey) -> None:
    if survey.refused:
        page.title(say("Refused"))
        page.table([(each.version, each.how) for each in survey.refused], elastic=(1,))


def _certificates(page: Page, certificates: Sequence[SurveyedCertificate]) -> None:
    if not certificates:
        return
    from datetime import UTC, datetime

    page.title(say("Certificates"))
    for each in certificates:
        size = f"{each.key or say('unreadable')} {each.curve or each.bits or ''}".rstrip()
        name = each.for_name
        asked = say("for {name}", name=name) if name else say("without a name")
        page.line(Span(f"  {size}", "strong"), f"  {asked}", _fits(each))
        page.wrap(each.subject or each.trouble or "", lead(say("subject"), "dim"))
        issued = say("{issuer}, chain of {length}", issuer=each.issuer, length=each.chain_length)
        page.wrap(issued, lead(say("issuer"), "dim"))
        if each.names:
            page.wrap(" ".join(each.names[:8]), lead(say("names"), "dim"))
        if each.not_before is not None and each.not_after is not None:
            begins, ends = (
                datetime.fromtimestamp(moment, UTC).date().isoformat()
                for moment in (each.not_before, each.not_after)
            )
            valid = say("{begins} to {ends}", begins=begins, ends=ends)
            page.wrap(valid, lead(say("valid"), "dim"))
        if each.judged_by is not None:
            told = say(
                "trusted by {store}" if each.trusted else "{fault} (judged by {store})",
                store=each.judged_by,
                fault=each.fault,
            )
            page.wrap(told, lead(say("trust"), "good" if each.trusted else "bad"))


def _fits(each: SurveyedCertificate) -> Span:
    if each.matches is None:
        return Span("")
    if each.matches:
        return Span(f"  {say('its name fits')}", "good")
    return Span(f"  {say('another name')}", "bad")


def _features(page: Page, features: Features) -> None:
    """Write what is there, then what is not, each on few lines."""
    page.title(say("Features"))
    for word, wanted in ((say("has"), True), (say("has not"), False)):
        names = [say(told) for flag, told in FLAGS.items() if getattr(features, flag) is wanted]
        if names:
            page.wrap(", ".join(names), lead(word))
    if features.alpn is not None:
        page.wrap(" ".join(features.alpn) or say("none of the usual"), lead("ALPN"))
    if features.compression:
        page.wrap(" ".join(features.compression), lead("compression", "bad"))
    if features.early_data is not None:
        size = features.early_data
        page.wrap(say("{size} bytes", size=size) if size else say("none"), lead("early data"))
    if features.record_size_limit is not None:
        page.wrap(say("{size} bytes", size=features.record_size_limit), lead(say("records")))
    _client_certificate(page, features)


def _client_certificate(page: Page, features: Features) -> None:
    asked = features.client_certificate
    if asked is None:
        return
    told = certificate_wanted(asked)
    if asked.authorities:
        names = together(asked.authorities[:4])
        told = say("{wanted}, of {authorities}", wanted=told, authorities=names)
    page.wrap(told, lead("mTLS"))


def certificate_wanted(asked: ClientCertificate) -> str:
    """Say whether a client is to show a certificate."""
    if not asked.asked:
        return say("not asked for")
    words = {
        None: say("asked for"),
        True: say("required"),
        False: say("asked for, not required"),
    }
    return words[asked.required]


FLAGS: Final = {
    "secure_renegotiation": mark("secure renegotiation"),
    "client_renegotiation": mark("client renegotiation"),
    "extended_master_secret": "extended master secret",
    "encrypt_then_mac": "encrypt then mac",
    "truncated_hmac": "truncated hmac",
    "fallback_scsv": "fallback scsv",
    "session_id": "session id",
    "session_ticket": mark("session ticket"),
    "psk_resumption": mark("psk resumption"),
    "ocsp_staple": mark("ocsp staple"),
    "heartbeat": "heartbeat",
    "ech": "ech",
    "max_fragment_length": "max fragment length",
}


def _tolerance(page: Page, survey: Survey) -> None:
    if not survey.tolerance:
        return
    odd = [each for each in survey.tolerance if each.result != "ok"]
    page.title(say("Unusual hellos"))
    fine = [each.test for each in survey.tolerance if each.result == "ok"]
    if fine:
        page.wrap(", ".join(fine), lead("ok", "good"))
    for each in odd:
        told = say("{test}: {result} ({why})", test=each.test, result=each.result, why=each.text)
        page.wrap(told, lead(say("not ok"), "bad"))


# -- a client against it -----------------------------------------------------------------


def met(page: Page, meeting: Meeting) -> None:
    """Write what a captured client and the server have in common."""
    numbers = " ".join(f"#{number}" for number in meeting.connections[:6])
    page.title(say("The captured client {numbers}", numbers=numbers).rstrip())
    page.wrap(meeting.client, lead(say("offers")))
    style = "good" if meeting.would_pass else "bad"
    page.wrap(meeting.summary, lead(say("would be")), style=style)
    for common in meeting.common:
        told = common.obstacle or say(
            "{number} suites: {names}", number=len(common.suites), names=few(common.suites, 3)
        )
        page.wrap(told, lead(common.version))
    for addition in meeting.additions:
        added(page, addition)
    for note in meeting.notes:
        noted(page, note)


def added(page: Page, addition: Addition) -> None:
    """Write what one side could add, with what the policies say of it."""
    page.wrap(addition.text, lead(side(addition.who), "good"))
    page.wrap(
        policies.levels(addition.levels) or say("no policy mentions it"), " " * MARGIN, style="dim"
    )
