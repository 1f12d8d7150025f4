"""What a replay teaches, in a verdict: its own, or the capture's where that shows more.

Where capture and replay part, the place from which the hello was sent may be the reason, and the
verdict says so. Sends nothing.
"""

from __future__ import annotations

from msgspec import structs

from tlswire import causes
from tlswire.causes import story
from tlswire.comparison import Comparison, by_choice, refused_by_client, showed_more, unjudged
from tlswire.ending import Ending
from tlswire.experiments.situations import answered
from tlswire.findings import suite_name
from tlswire.language import mark, say
from tlswire.proof import Proof, because, case_of, lower, proved
from tlswire.result import Evidence, Verdict
from tlswire.seen import Seen
from tlswire.states import PREAMBLE, SERVER_HELLO, TCP_CONNECT
from tlswire.transcript import Transcript, version_name
from tlswire.vain import AFTERWARDS, CRASH

VANTAGE = mark(
    "The capture's client and this machine reach the server by different ways, perhaps through "
    "other firewalls or to another member of a pool: replay from the client's own network too."
)
ELSEWHERE = mark(
    "The replay went to {there}, the capture's client to {here}: two servers may well differ."
)
REFUSED = mark("{replayed} In the capture: {captured}")
UNSHOWN = mark(
    "{replayed} That is of the replay, which had no certificate to show (--cert and --key give "
    "one); the capture's client showed one, and completed the handshake."
)
SHOWED = mark(
    "{captured} That is of the capture: its client showed a certificate, which the replay had not "
    "(--cert and --key give one). Without it: {replayed}"
)
#: A service that is gone so many seconds after the capture seems to have gone with it.
SOON = 600.0
UNSAID = mark("A hello of our own: {replayed} In the capture none came: {captured}")
BESIDE = mark(
    "tlswire narrow changes several things at once and finds which matter. Then replay from beside "
    "the server, without the firewalls between: if it fails there as well, the server itself "
    "refuses, and its log at that moment names the reason."
)
NO_WAY = mark(
    "Try again from beside the server: if the connection is accepted there, something on the way "
    "refuses it; `tlswire reach HOST PORT` shows who answers, and its TTL."
)
UNENDED = mark(
    "The server went on without end; what it sent leads no handshake on, and the reading was "
    "broken off."
)


def conclude(
    captured: Seen, replayed: Seen, comparison: Comparison, proof: Proof | None
) -> Verdict:
    """Return what the replay teaches, in a sentence or three, with the causes that are left."""
    verdict = _verdict(captured, replayed, comparison, proof)
    told = [verdict.summary, _repeated(captured, replayed, comparison)]
    next_step = None if proof is not None else _next_step(captured, replayed, comparison)
    if captured.ending.outcome == "established":
        next_step = next_step or verdict.next_step
    return Verdict(
        summary=" ".join(sentence for sentence in told if sentence),
        causes=verdict.causes,
        ruled_out=verdict.ruled_out,
        next_step=next_step,
    )


def retell(
    before: Verdict, weighed: Verdict, captured: Seen, replayed: Seen, comparison: Comparison
) -> Verdict:
    """Let the summary name the first cause, where what was tried since put another first."""
    retold, own = weighed.summary != before.summary, _own_verdict(replayed).summary
    if not weighed.causes or retold or not before.summary.startswith(own):
        return weighed
    if _first(before) == _first(weighed):
        return weighed
    best, *others = weighed.causes
    ending = story.ending(replayed.ending, replayed.flow)
    summary = causes.sentence(ending, because(best.id, replayed), best.confidence, len(others))
    sentences = filter(None, (summary, _repeated(captured, replayed, comparison)))
    return structs.replace(weighed, summary=" ".join(sentences))


def _first(verdict: Verdict) -> list[tuple[str, str]]:
    return [(cause.id, cause.confidence) for cause in verdict.causes[:1]]


def _verdict(
    captured: Seen, replayed: Seen, comparison: Comparison, proof: Proof | None
) -> Verdict:
    """Return the replay's own verdict, or the capture's where that shows more."""
    own = _own_verdict(replayed)
    if proof is not None:
        return proved(own, replayed, proof)
    if captured.transcript.client_hello is None and not _same_way(captured, replayed):
        return _unsaid(own, captured)
    if _went_own_way(captured, replayed, comparison):
        return _captured_one(own, captured, replayed)
    if _lacked_certificate(captured, replayed):
        return Verdict(summary=say(UNSHOWN, replayed=own.summary))
    if captured.failed and _tells_nothing(captured, replayed):
        return structs.replace(_of_capture(captured, replayed), summary=own.summary)
    return own


def _lacked_certificate(captured: Seen, replayed: Seen) -> bool:
    """Tell whether a replay failed for the want of what the captured client completed with."""
    passed = captured.ending.outcome == "established"
    return passed and replayed.failed and showed_more(captured, replayed)


def _same_way(captured: Seen, replayed: Seen) -> bool:
    """Tell whether a hello of our own met what kept the client from its own, or what cut it."""
    if captured.transcript.unfinished.get("client"):
        return True
    return replayed.ending.stopped_at in (TCP_CONNECT, PREAMBLE)


def _unsaid(own: Verdict, captured: Seen) -> Verdict:
    """Say why the client never came to its hello, and what a hello of our own came to."""
    found = captured.verdict or causes.diagnose(case_of(captured))
    told = say(UNSAID, replayed=own.summary, captured=found.summary)
    return structs.replace(found, summary=told)


def _tells_nothing(captured: Seen, replayed: Seen) -> bool:
    """Tell whether the replay says nothing of why the captured connection failed.

    The server went on where the replay could not or did not fail; or it has gone since.
    """
    if by_choice(replayed.ending):
        return True
    gone = replayed.ending.stopped_at == TCP_CONNECT != captured.ending.stopped_at
    passed = replayed.ending.outcome == "established"
    return captured.server == replayed.server and (gone or passed)


def _of_capture(captured: Seen, replayed: Seen) -> Verdict:
    """Return the capture's verdict, with what the replay saw of the server."""
    if captured.verdict is not None and not replayed.transcript.certificates("server"):
        found = captured.verdict
    else:
        found = _own_verdict(captured, replayed.transcript)
    return _ended_itself(found) if _just_gone(captured, replayed) else found


def _just_gone(captured: Seen, replayed: Seen) -> bool:
    """Tell whether the server left on the captured hello, and soon after nothing listens there."""
    left = captured.ending.side == "server" and captured.ending.how in ("fin", "rst")
    refused = replayed.ending.stopped_at == TCP_CONNECT and replayed.ending.how == "rst"
    at_hello = captured.ending.stopped_at == SERVER_HELLO
    return left and at_hello and refused and replayed.flow.started - captured.until < SOON


def _ended_itself(verdict: Verdict) -> Verdict:
    shown = Evidence(text=say(AFTERWARDS))
    found = [
        structs.replace(c, confidence="likely", evidence=(*c.evidence, shown))
        for c in verdict.causes
        if c.id == CRASH and c.confidence == "possible"
    ]
    others = [cause for cause in verdict.causes if not found or cause.id != CRASH]
    return structs.replace(verdict, causes=(*found, *others))


def _led_on(replayed: Seen) -> bool:
    """Tell whether the replay came as far as a client that judges the server's certificate."""
    return replayed.ending.outcome == "established" or answered(replayed)


def _went_own_way(captured: Seen, replayed: Seen, comparison: Comparison) -> bool:
    """Tell whether the captured client did what a replay does not: refuse, or show who it is.

    A server that answers otherwise by now may still show the certificate that was refused.
    """
    if not _led_on(replayed):
        return False
    if comparison.same is False:
        return refused_by_client(captured) and _same_certificate(captured, replayed)
    if captured.ending.outcome == "established":
        found = causes.diagnose(case_of(captured)._replace(revealed=replayed.transcript))
        return bool(found.causes or found.next_step)
    return refused_by_client(captured) or (captured.failed and showed_more(captured, replayed))


def _same_certificate(captured: Seen, replayed: Seen) -> bool:
    shown = captured.transcript.certificates("server")
    return bool(shown) and shown[:1] == replayed.transcript.certificates("server")[:1]


def fares(captured: Seen, replayed: Seen, comparison: Comparison, verdict: Verdict) -> Ending:
    """Return how the captured client fares at the target.

    As the replay did; but what made that client hang up, and is there again, would do so again.
    """
    if captured.transcript.client_hello is None:
        return replayed.ending if _same_way(captured, replayed) else captured.ending
    refuses = refused_by_client(captured) and _went_own_way(captured, replayed, comparison)
    why = any(cause.confidence != "possible" for cause in verdict.causes)
    return captured.ending if refuses and why else replayed.ending


def _captured_one(own: Verdict, captured: Seen, replayed: Seen) -> Verdict:
    """Say why the captured handshake failed, judged by what the replay saw of the server."""
    found = _own_verdict(captured, replayed.transcript)
    apart = SHOWED if showed_more(captured, replayed) else REFUSED
    told = say(apart, replayed=own.summary, captured=found.summary)
    return structs.replace(found, summary=told)


def candidates(seen: Seen) -> tuple[str, ...]:
    """Return the ids of the causes that the exact attempt's own verdict leaves."""
    return tuple(cause.id for cause in _own_verdict(seen).causes)


def alone(seen: Seen) -> str:
    """Return what one conversation tells, in a sentence, whatever the capture shows."""
    return _own_verdict(seen).summary


def unsent(captured: Seen, why: str) -> Verdict:
    """Say why nothing was sent, and what the capture tells without it."""
    return _without_answer(captured, say("Nothing was sent: {why}.", why=why))


def broken_off(captured: Seen) -> Verdict:
    """Say that the user did not wait for an answer, and what the capture tells without it."""
    return _without_answer(captured, say("It was broken off before the server had answered."))


def _without_answer(captured: Seen, told: str) -> Verdict:
    found = captured.verdict or causes.diagnose(case_of(captured))
    if not found.causes:
        return Verdict(summary=told)
    before = say("The capture: {summary}", summary=lower(found.summary))
    return structs.replace(found, summary=f"{told} {before}")


def _own_verdict(seen: Seen, revealed: Transcript | None = None) -> Verdict:
    """Return what one conversation tells, with what another revealed of its server."""
    if unjudged(seen.ending):
        return Verdict(summary=say(UNENDED))
    return (
        Verdict(summary=_went_on(seen))
        if by_choice(seen.ending)
        else _placed(causes.diagnose(case_of(seen)._replace(revealed=revealed)), revealed)
    )


def _placed(verdict: Verdict, revealed: Transcript | None) -> Verdict:
    """Say of evidence that has no place in the capture that the replay saw it."""
    if revealed is None:
        return verdict
    found = (
        structs.replace(c, evidence=tuple(_seen_by_replay(e) for e in c.evidence))
        for c in verdict.causes
    )
    return structs.replace(verdict, causes=tuple(found))


def _seen_by_replay(evidence: Evidence) -> Evidence:
    if evidence.sender is not None or evidence.frame is not None:
        return evidence
    return structs.replace(evidence, text=say("the replay saw: {what}", what=evidence.text))


def _went_on(seen: Seen) -> str:
    """Say how far the server went along."""
    transcript = seen.transcript
    if transcript.server_hello is None:
        return say(
            "The server asks for a second ClientHello (HelloRetryRequest); a replay stops here."
        )
    version, suite = version_name(transcript.version), transcript.suite
    agreed = version
    if suite is not None:
        agreed = say("{version} and {suite}", version=version, suite=suite_name(suite))
    return say(
        "The server takes this ClientHello and answers with {agreed}; a replay stops here, where "
        "the client's keys are needed.",
        agreed=agreed,
    )


def _repeated(captured: Seen, replayed: Seen, comparison: Comparison) -> str:
    if comparison.same is not False and _went_own_way(captured, replayed, comparison):
        return ""
    if _lacked_certificate(captured, replayed):
        return ""
    if comparison.same:
        return say("The capture shows the same.")
    there = lower(_end_in_words(captured))
    if comparison.same is False:
        return say(
            "In the capture it was otherwise: {there}. {vantage}",
            there=there,
            vantage=_vantage(captured, replayed),
        )
    if captured.failed and by_choice(replayed.ending):
        return say("The capture goes further than a replay can: {there}.", there=there)
    if captured.failed or not captured.flow.server.sent:  # a hello alone has no sequel
        return ""
    return say("The capture does not show how it went on.")


def _vantage(captured: Seen, replayed: Seen) -> str:
    if captured.server == replayed.server:
        return say(VANTAGE)
    return say(ELSEWHERE, there=replayed.server, here=captured.server)


def _end_in_words(seen: Seen) -> str:
    if seen.ending.outcome == "established":
        return story.established(seen.transcript)
    if seen.ending.outcome == "incomplete":
        return story.incomplete(seen.ending, seen.transcript, seen.flow)
    return story.ending(seen.ending, seen.flow)


def _next_step(captured: Seen, replayed: Seen, comparison: Comparison) -> str | None:
    if comparison.same is False and captured.server == replayed.server:
        return say("Replay once more from the client's own network, and from beside the server.")
    if comparison.same is False:
        return say("Replay to the captured server, {server}, too.", server=captured.server)
    if not replayed.failed:
        return None
    return say(NO_WAY if replayed.ending.stopped_at == TCP_CONNECT else BESIDE)
