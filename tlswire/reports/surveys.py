"""What a survey found, for a person: a screen or two, the weak things first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from tlswire.reports.page import Cell, Page, Span
from tlswire.surveyed import (
    Addition,
    Features,
    Meeting,
    PolicyVerdict,
    Survey,
    SurveyedCertificate,
    SurveyedVersion,
    Weakness,
)

#: Columns before the text of a labelled line.
LABEL: Final = 13
#: Names of one weakness, and things of one policy's level, that are told.
MOST_PLACES, MOST_JUDGED = 3, 4
ORDERS: Final = {
    "server": "in the server's order",
    "client": "the client's order decides",
    "mixed": "the server's order, for some clients their own",
    None: "",
}
STYLES: Final = {"critical": "bad", "high": "bad", "medium": "warn", "low": "dim", "info": "dim"}
POLICY_STYLES: Final = {
    "recommended": "good",
    "accepted": "good",
    "degraded": "warn",
    "not_mentioned": "warn",
    "forbidden": "bad",
}
LEVELS: Final = {
    "recommended": "recommended",
    "accepted": "accepted",
    "degraded": "degraded",
    "not_mentioned": "not mentioned",
    "forbidden": "forbidden",
}


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
    _policies(page, survey.policies, whole=whole)
    for meeting in survey.meetings or ():
        met(page, meeting)
    for note in survey.notes:
        page.wrap(note, Span("  note: ", "warn"))


def _head(page: Page, survey: Survey) -> None:
    spoken = [survey.address] if survey.address and survey.address != survey.target else []
    spoken += [f"name {survey.server_name}"] if survey.server_name else []
    spoken += [f"after {survey.preamble}"] if survey.preamble else []
    graded = f"  grade {survey.grade}{_beside(survey)}" if survey.grade else ""
    page.line(Span(survey.target, "title"), "  ", "  ".join(spoken), Span(graded, "strong"))
    page.wrap(survey.summary, "  ", style="good" if survey.outcome == "surveyed" else "bad")
    if survey.next_step:
        page.wrap(survey.next_step, _lead("Next"))
    count = survey.connections_used
    told = f"  {count} connection{'s' * (count != 1)}, {survey.elapsed_ms / 1000:.2f} s"
    page.line(Span(told, "dim"))


def _beside(survey: Survey) -> str:
    """Say what the letter leaves out: trust that was not judged, or all but the trust."""
    if survey.grade_if_trusted:
        return f" ({survey.grade_if_trusted} if its certificate is trusted)"
    return " (trust not judged)" if (survey.trust or "").startswith("not judged") else ""


def _lead(word: str, style: str = "strong") -> Span:
    return Span(f"  {word:<{LABEL - 2}}", style)


# -- what is weak ------------------------------------------------------------------------


def _weaknesses(page: Page, weaknesses: Sequence[Weakness], *, whole: bool) -> None:
    if not weaknesses:
        return
    page.title("Weak")
    for weakness in weaknesses:
        style = STYLES[weakness.severity]
        page.wrap(
            f"{weakness.text}: {_places(weakness.where, MOST_PLACES, whole=whole)}",
            _lead(weakness.severity, style),
        )
        page.wrap(f"{weakness.reason} ({weakness.source})", " " * LABEL, style="dim")


def _places(names: Sequence[str], most: int, *, whole: bool) -> str:
    if whole or len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"


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
    names = " and ".join([version.version, *also])
    count = f"{len(version.suites)} suite{'s' * (len(version.suites) != 1)}"
    order = ORDERS[version.preference]
    page.title(f"{names}  {count}{', ' * bool(order)}{order}")
    page.table([_suite(version, n, weak) for n in range(len(version.suites))], elastic=(1,))
    if version.groups:
        page.wrap(" ".join(version.groups), _lead("groups"))
    if version.signature_algorithms:
        page.wrap(" ".join(version.signature_algorithms), _lead("signs with"))
    if version.dh_bits:
        page.wrap(", ".join(f"{bits} bits" for bits in version.dh_bits), _lead("DHE prime"))
    for note in version.notes:
        page.wrap(note, Span("  note: ", "warn"))


def _suite(version: SurveyedVersion, place: int, weak: dict[str, str]) -> tuple[Cell | str, ...]:
    number = str(place + 1) if version.preference == "server" else ""
    suite = version.suites[place]
    return (Cell(number, "dim", right=True), suite, Cell(weak.get(suite, ""), "warn"))


def _refused(page: Page, survey: Survey) -> None:
    if survey.refused:
        page.title("Refused")
        page.table([(each.version, each.how) for each in survey.refused], elastic=(1,))


def _certificates(page: Page, certificates: Sequence[SurveyedCertificate]) -> None:
    if not certificates:
        return
    from datetime import UTC, datetime

    page.title("Certificates")
    for each in certificates:
        size = f"{each.key or 'unreadable'} {each.curve or each.bits or ''}".rstrip()
        asked = f"for {each.for_name}" if each.for_name else "without a name"
        page.line(Span(f"  {size}", "strong"), f"  {asked}", _fits(each))
        page.wrap(each.subject or each.trouble or "", _lead("subject", "dim"))
        page.wrap(f"{each.issuer}, chain of {each.chain_length}", _lead("issuer", "dim"))
        if each.names:
            page.wrap(" ".join(each.names[:8]), _lead("names", "dim"))
        ends = [each.not_before, each.not_after]
        if None not in ends:
            days = (datetime.fromtimestamp(t or 0, UTC).date().isoformat() for t in ends)
            page.wrap(" to ".join(days), _lead("valid", "dim"))
        if each.judged_by is not None:
            told = f"trusted by {each.judged_by}" if each.trusted else f"{each.fault}"
            by = "" if each.trusted else f" (judged by {each.judged_by})"
            page.wrap(told + by, _lead("trust", "good" if each.trusted else "bad"))


def _fits(each: SurveyedCertificate) -> Span:
    if each.matches is None:
        return Span("")
    return Span("  its name fits", "good") if each.matches else Span("  another name", "bad")


def _features(page: Page, features: Features) -> None:
    """Write what is there, then what is not, each on few lines."""
    page.title("Features")
    for word, wanted in (("has", True), ("has not", False)):
        names = [n.replace("_", " ") for n in FLAGS if getattr(features, n) is wanted]
        if names:
            page.wrap(", ".join(names), _lead(word))
    if features.alpn is not None:
        page.wrap(" ".join(features.alpn) or "none of the usual", _lead("ALPN"))
    if features.compression:
        page.wrap(" ".join(features.compression), _lead("compression", "bad"))
    if features.early_data is not None:
        told = f"{features.early_data} bytes" if features.early_data else "none"
        page.wrap(told, _lead("early data"))
    if features.record_size_limit is not None:
        page.wrap(f"{features.record_size_limit} bytes", _lead("records"))
    _client_certificate(page, features)


def _client_certificate(page: Page, features: Features) -> None:
    asked = features.client_certificate
    if asked is None:
        return
    words = {None: "asked for", True: "required", False: "asked for, not required"}
    told = words[asked.required] if asked.asked else "not asked for"
    some = f", of {'; '.join(asked.authorities[:4])}" if asked.authorities else ""
    page.wrap(told + some, _lead("mTLS"))


FLAGS: Final = (
    "secure_renegotiation",
    "client_renegotiation",
    "extended_master_secret",
    "encrypt_then_mac",
    "fallback_scsv",
    "session_id",
    "session_ticket",
    "psk_resumption",
    "ocsp_staple",
    "heartbeat",
    "ech",
    "max_fragment_length",
)


def _tolerance(page: Page, survey: Survey) -> None:
    if not survey.tolerance:
        return
    odd = [each for each in survey.tolerance if each.result != "ok"]
    page.title("Unusual hellos")
    fine = [each.test for each in survey.tolerance if each.result == "ok"]
    if fine:
        page.wrap(", ".join(fine), _lead("ok", "good"))
    for each in odd:
        page.wrap(f"{each.test}: {each.result} ({each.text})", _lead("not ok", "bad"))


# -- what the policies say ---------------------------------------------------------------


def _policies(page: Page, policies: Sequence[PolicyVerdict], *, whole: bool) -> None:
    if not policies:
        return
    page.title("Policies")
    room = max(len(policy.title) for policy in policies)
    for policy in policies:
        style = "bad" if policy.missing else POLICY_STYLES[policy.level]
        page.wrap(_objections(policy, whole=whole), Span(f"  {policy.title:<{room}}  ", style))


def _objections(policy: PolicyVerdict, *, whole: bool) -> str:
    told = [f"lacks {missing}" for missing in policy.missing]
    for level in ("forbidden", "degraded", "not_mentioned"):
        names = [each.name for each in policy.judged if each.level == level]
        if names:
            most = MOST_JUDGED if level == "forbidden" else MOST_JUDGED // 2
            told.append(f"{LEVELS[level]}: {_places(names, most, whole=whole)}")
    good = sum(policy.counts.get(level, 0) for level in ("recommended", "accepted"))
    return "; ".join(told) or f"all {good} things found are recommended or accepted"


# -- a client against it -----------------------------------------------------------------


def met(page: Page, meeting: Meeting) -> None:
    """Write what a captured client and the server have in common."""
    numbers = " ".join(f"#{number}" for number in meeting.connections[:6])
    page.title(f"The captured client {numbers}".rstrip())
    page.wrap(meeting.client, _lead("offers"))
    page.wrap(meeting.summary, _lead("would be"), style="good" if meeting.would_pass else "bad")
    for common in meeting.common:
        told = (
            common.obstacle
            or f"{len(common.suites)} suites: {_places(common.suites, 3, whole=False)}"
        )
        page.wrap(told, _lead(common.version))
    for addition in meeting.additions:
        added(page, addition)
    for note in meeting.notes:
        page.wrap(note, Span("  note: ", "warn"))


def added(page: Page, addition: Addition) -> None:
    """Write what one side could add, with what the policies say of it."""
    page.wrap(addition.text, _lead(addition.who, "good"))
    said = {
        word: [policy for policy, given in addition.levels.items() if given == level]
        for level, word in LEVELS.items()
        if level != "not_mentioned"
    }
    told = "; ".join(f"{word} by {', '.join(names)}" for word, names in said.items() if names)
    page.wrap(told or "no policy mentions it", " " * LABEL, style="dim")
