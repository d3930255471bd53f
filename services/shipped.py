"""What a municipality starts with (leverte register): words, questions and consent texts.

All of it can be changed in the registers; the wording is ours, the meaning is the law's
(pasient- og brukarrettslova §§ 2-5, 4-1; forskrift om habilitering § 19).
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from models.case_rule import CaseRule
from models.clock import today, utcnow
from models.consent import ConsentText
from models.deadline_rule import DeadlineRule
from models.language import Language, Tongue
from models.municipality import (
    EvaluationQuestion,
    HelpText,
    LetterText,
    LifeAreaName,
    MessageTemplate,
    Municipality,
    NoticeText,
    PlanTypeName,
    ServiceType,
)
from models.user_agreement import UserAgreement
from models.vocabulary import Audience, LifeArea, PlanType
from services import (
    case_rules,
    deadline_rules,
    letter_texts,
    notice_texts,
    shipped_help,
    user_agreements,
)
from services.equipping import rows_for
from services.shipped_help import SHIPPED_IN

LIFE_AREAS = {
    LifeArea.HOUSING: ("Bustad", "Bolig", "Housing"),
    LifeArea.ECONOMY: ("Økonomi", "Økonomi", "Money"),
    LifeArea.WORK_SCHOOL: (
        "Jobb, skule, aktivitet",
        "Jobb, skole, aktivitet",
        "Work, school, activity",
    ),
    LifeArea.COMMUNITY: ("Samfunn og nettverk", "Samfunn og nettverk", "Community and network"),
    LifeArea.LEISURE: ("Fritid", "Fritid", "Leisure"),
    LifeArea.HEALTH: ("Helse", "Helse", "Health"),
}
PLAN_TYPES = {
    PlanType.SIMPLE_COLLABORATION: ("Enkelt samspill", "Enkelt samspill", "Enkelt samspill"),
    PlanType.INDIVIDUAL_PLAN: ("Individuell plan", "Individuell plan", "Individual plan"),
    PlanType.RELAY_LOG: ("Stafettlogg", "Stafettlogg", "Relay log"),
    PlanType.MEETING_LOG: ("Digital møtelogg", "Digital møtelogg", "Digital meeting log"),
}
SERVICE_TYPES = (
    ("Barnehage", "Barnehage", "Kindergarten"),
    ("Skule", "Skole", "School"),
    ("PP-teneste", "PP-tjeneste", "Educational psychology service"),
    ("Helsestasjon", "Helsestasjon", "Health centre for children"),
    ("Fysioterapi", "Fysioterapi", "Physiotherapy"),
    ("Ergoterapi", "Ergoterapi", "Occupational therapy"),
    ("Fastlege", "Fastlege", "General practitioner"),
    ("NAV", "NAV", "NAV"),
    ("Avlasting", "Avlastning", "Respite care"),
    ("Barnevern", "Barnevern", "Child welfare"),
    ("Spesialisthelseteneste", "Spesialisthelsetjeneste", "Specialist health service"),
)
_OWNER, _MEMBER, _TEAM = Audience.OWNER, Audience.PARTICIPANT, Audience.TEAM
QUESTIONS = (  # key, who, with faces, for KE only, nynorsk, bokmål, English
    ("since_last", _OWNER, True, False, "Korleis har det gått sidan sist?",
     "Hvordan har det gått siden sist?", "How has it been since last time?"),
    ("gone_well", _OWNER, False, False, "Kva har gått bra?",
     "Hva har gått bra?", "What has gone well?"),
    ("services", _OWNER, True, False, "Får du den hjelpa du treng?",
     "Får du den hjelpen du trenger?", "Do the services work for you?"),
    ("together", _OWNER, True, False, "Jobbar vi godt saman?",
     "Jobber vi godt sammen?", "Do we work well together?"),
    ("matters_most", _OWNER, False, False, "Kva er viktigast for deg no?",
     "Hva er viktigst for deg nå?", "What matters most to you now?"),
    ("coordinator", _OWNER, True, True, "Korleis har du det med koordinatoren din?",
     "Hvordan har du det med koordinatoren din?", "How is it with your coordinator?"),
    ("member_well", _MEMBER, False, False, "Kva har gått bra?",
     "Hva har gått bra?", "What has gone well?"),
    ("member_done", _MEMBER, False, False, "Har du gjort det du tok på deg?",
     "Har du gjort det du tok på deg?", "Have you done what you took on?"),
    ("member_change", _MEMBER, False, False, "Kva bør vi gjere annleis?",
     "Hva bør vi gjøre annerledes?", "What should change?"),
    ("team", _TEAM, False, False, "Korleis fungerer teamet? Kven manglar?",
     "Hvordan fungerer teamet? Hvem mangler?", "How does the team work? Who is missing?"),
)  # fmt: skip
_DETAILS = {
    Language.NYNORSK: (
        "Kva vi deler: det som står i planen, del for del, slik du vel det. Alt anna blir hos den "
        "som har det.\n\n"
        "Med kven: berre dei du seier ja til. Ingen andre i kommunen kan lese planen.\n\n"
        "Kvifor: dei som hjelper, skal jobbe mot det same, og alle skal vite kven som gjer kva.\n"
        "\n"
        "Kor lenge: til den dagen du vel, høgst eitt år. Vi spør deg på nytt før dagen kjem. Du "
        "kan ta det tilbake før, for éin eller for alle. Då er dei ute med ein gong. Det dei har "
        "skrive, blir verande i planen.\n\n"
        "Du ser alltid kven som har opna planen.\n\n"
        "Skriv du under for eit barn, skal barnet få seie kva det meiner."
    ),
    Language.BOKMAL: (
        "Hva vi deler: det som står i planen, del for del, slik du velger det. Alt annet blir hos "
        "den som har det.\n\n"
        "Med hvem: bare dem du sier ja til. Ingen andre i kommunen kan lese planen.\n\n"
        "Hvorfor: de som hjelper, skal jobbe mot det samme, og alle skal vite hvem som gjør hva.\n"
        "\n"
        "Hvor lenge: til den dagen du velger, høyst ett år. Vi spør deg på nytt før dagen kommer. "
        "Du kan ta det tilbake før, for én eller for alle. Da er de ute med en gang. Det de har "
        "skrevet, blir værende i planen.\n\n"
        "Du ser alltid hvem som har åpnet planen.\n\n"
        "Skriver du under for et barn, skal barnet få si hva det mener."
    ),
    Language.ENGLISH: (
        "What we share: what is in the plan, part by part, as you choose. All else stays with "
        "those who have it.\n\n"
        "With whom: only those you say yes to. Nobody else in the municipality can read it.\n\n"
        "Why: those who help work towards the same, and everybody knows who does what.\n\n"
        "How long: until the day you choose, a year at most. We ask you again before it comes. You "
        "can take it back sooner, for one person or for all. Then they are out at once. What "
        "they have written stays in the plan.\n\n"
        "You always see who has opened the plan.\n\n"
        "If you sign for a child, the child is to say what it means."
    ),
}
_SIMPLE = {
    Language.NYNORSK: (
        "Fleire hjelper, og det går lettare når dei kan snakke saman. Difor deler de ei side om "
        "det.\n"
        "Du bestemmer kven som er med, kva kvar av dei får sjå, og kor lenge.\n"
        "Du kan seie nei, og du kan ombestemme deg når som helst. Det kostar deg ingenting, og "
        "ingen mistar tenester av det."
    ),
    Language.BOKMAL: (
        "Flere hjelper, og det går lettere når de kan snakke sammen. Derfor deler dere en side om "
        "det.\n"
        "Du bestemmer hvem som er med, hva hver av dem får se, og hvor lenge.\n"
        "Du kan si nei, og du kan ombestemme deg når som helst. Det koster deg ingenting, og "
        "ingen mister tjenester av det."
    ),
    Language.ENGLISH: (
        "Several people help, and it is easier when they can talk together. So you share a page "
        "about it.\n"
        "You decide who takes part, what each of them may see, and for how long.\n"
        "You can say no, and change your mind whenever you want. It costs you nothing, and "
        "nobody loses services because of it."
    ),
}
_PLAN = {
    Language.NYNORSK: (
        "Den individuelle planen er din. Han samlar måla dine, kven som gjer kva, og når. Vi ser "
        "på han saman minst to gonger i året.\n"
        "Du bestemmer kven som er med, kva kvar av dei får sjå, og kor lenge.\n"
        "Du kan seie nei, og du kan ombestemme deg når som helst. Det kostar deg ingenting, og "
        "ingen mistar tenester av det."
    ),
    Language.BOKMAL: (
        "Den individuelle planen er din. Den samler målene dine, hvem som gjør hva, og når. Vi ser "
        "på den sammen minst to ganger i året.\n"
        "Du bestemmer hvem som er med, hva hver av dem får se, og hvor lenge.\n"
        "Du kan si nei, og du kan ombestemme deg når som helst. Det koster deg ingenting, og "
        "ingen mister tjenester av det."
    ),
    Language.ENGLISH: (
        "The individual plan is yours. It gathers your goals, who does what, and when. We look at "
        "it together at least twice a year.\n"
        "You decide who takes part, what each of them may see, and for how long.\n"
        "You can say no, and change your mind whenever you want. It costs you nothing, and "
        "nobody loses services because of it."
    ),
}
TEXTS = {plan_type: _SIMPLE for plan_type in PlanType} | {PlanType.INDIVIDUAL_PLAN: _PLAN}
"""Kind of plan -> language -> what is read on the signing page; `_DETAILS` is one tap away."""


TEMPLATES = (
    (
        "Påminning om ei avtale\nHei!\nHugs at vi har ei avtale … kl. …\n"
        "Sei frå her om det ikkje høver.",
        "Påminnelse om en avtale\nHei!\nHusk at vi har en avtale … kl. …\n"
        "Si fra her hvis det ikke passer.",
        "A reminder of an appointment\nHi!\nRemember that we have an appointment on … at …\n"
        "Tell us here if it does not suit you.",
    ),
    (
        "Spørsmål til ei teneste\nHei!\nVi lurer på …\nKan du svare innan …?",
        "Spørsmål til en tjeneste\nHei!\nVi lurer på …\nKan du svare innen …?",
        "A question to a service\nHi!\nWe wonder …\nCan you answer by …?",
    ),
    (
        "Takk for samarbeidet\nHei!\nDu er ikkje lenger med i planen. Takk for det du har gjort.",
        "Takk for samarbeidet\nHei!\nDu er ikke lenger med i planen. Takk for det du har gjort.",
        "Thank you for working with us\nHi!\nYou take part in the plan no longer. Thank you for "
        "what you have done.",
    ),
)
"""What a message can start from, in each language; the first line is the subject."""


def equip(session: Session, municipality: Municipality) -> None:
    """Give a new municipality its registers, filled."""
    at = {"municipality_id": municipality.id}

    def words(*texts: str) -> dict[str, str]:
        return dict(zip(SHIPPED_IN, texts, strict=True))

    session.add_all(LifeAreaName(**at, area=a, words=words(*t)) for a, t in LIFE_AREAS.items())
    session.add_all(PlanTypeName(**at, plan_type=p, words=words(*t)) for p, t in PLAN_TYPES.items())
    session.add_all(ServiceType(**at, words=words(*texts)) for texts in SERVICE_TYPES)
    session.add_all(
        EvaluationQuestion(
            **at, key=key, audience=who, has_face=face, to_office_only=office, position=place,
            words=words(*texts),
        )
        for place, (key, who, face, office, *texts) in enumerate(QUESTIONS)
    )  # fmt: skip
    in_use = {"approved_at": utcnow(), "starts_on": today()}
    for plan_type, texts in TEXTS.items():
        session.add_all(
            ConsentText(
                **at, **in_use, plan_type=plan_type, language=Tongue(language), body=body,
                details=_DETAILS[language],
            )
            for language, body in texts.items()
        )  # fmt: skip
    session.add_all(MessageTemplate(**at, words=words(*texts)) for texts in TEMPLATES)
    pages = rows_for(municipality.id, "page", shipped_help.SHIPPED, set())
    session.add_all(HelpText(**row) for row in pages)
    kinds = rows_for(municipality.id, "kind", notice_texts.SHIPPED, set())
    session.add_all(NoticeText(**row) for row in kinds)
    letters = rows_for(municipality.id, "key", letter_texts.SHIPPED, set())
    session.add_all(LetterText(**row) for row in letters)
    session.add_all(DeadlineRule(**row) for row in deadline_rules.rows_for(municipality.id, set()))
    session.add_all(CaseRule(**row) for row in case_rules.rows_for(municipality.id, set()))
    session.add(UserAgreement(**user_agreements.first_version(municipality.id)))
    session.flush()
