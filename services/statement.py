"""What is signed (utsegn): the text and every line, exactly as they were on the page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from models.consent import Consent, ConsentLine, ConsentText
from models.language import Tongue
from models.outside import OutsideLine
from models.plan import Participant
from security.session import GuardedSession
from services.consent import lines_of, team_with_people
from services.consent_texts import texts
from services.outside import outside_lines


@dataclass(frozen=True, slots=True)
class Statement:
    """`content`: canonical JSON, kept with the signature. `digest`: its SHA-256, 64 hex digits."""

    content: str

    @property
    def digest(self) -> str:
        return sha256(self.content.encode()).hexdigest()


def statement(
    consent: Consent,
    text: ConsentText | None,
    lines: Sequence[ConsentLine],
    team: Sequence[Participant],
    outside: Sequence[OutsideLine] = (),
) -> Statement:
    """Put together what a signer is shown: what is asked, in which words, about whom.

    team: participants with their persons; outside: those without a sign-in. Values are those of
    the vocabularies, so that it says the same in every language; names, roles and reasons are as
    they stood that day.
    """
    members = {one.person_id: one for one in team}
    asked: dict[int, list[dict[str, object]]] = {}
    for line in lines:
        areas = sorted(line.life_areas)
        asked.setdefault(line.person_id, []).append(
            {"line": line.id, "part": line.scope, "level": line.level, "life_areas": areas}
        )
    content: dict[str, object] = {
        "consent": consent.version,
        "kind_of_plan": consent.plan_type,
        "text": text and _words(text),
        "people": [{**_who(members[key]), "parts": parts} for key, parts in asked.items()],
    }
    if outside:
        content["outside"] = [_without_a_sign_in(one) for one in outside]
    return Statement(json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1))


def asked(session: GuardedSession, consent: Consent, language: str) -> Statement:
    """What somebody is shown who reads the text in `language`, at this moment."""
    text = texts(session, consent.plan_type).get(Tongue(language))
    team = team_with_people(session, consent.plan_id)
    without = outside_lines(session, consent)
    return statement(consent, text, lines_of(session, consent), team, without)


def _words(text: ConsentText) -> dict[str, object]:
    words = {"language": text.language, "version": text.version, "body": text.body}
    return {**words, "details": text.details or ""}


def _who(one: Participant) -> dict[str, object]:
    said = {"person": one.person_id, "name": one.person.name, "role": one.role or ""}
    return {**said, "organisation": one.organisation or "", "why": one.why or ""}


def _without_a_sign_in(one: OutsideLine) -> dict[str, object]:
    said = {"line": one.id, "name": one.name, "organisation": one.organisation or ""}
    on = one.meeting_on and one.meeting_on.isoformat()
    return {**said, "ways": sorted(one.ways), "about": one.about or "", "meeting_on": on}
