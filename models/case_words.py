"""Words of a request and its case (ord i saka): closed, stored as they stand here."""

from __future__ import annotations

from enum import StrEnum


class Arrival(StrEnum):
    """How a request reached the municipality (innkomst)."""

    WEB = "web"
    PHONE = "phone"
    POST = "post"
    IN_PERSON = "in_person"
    PLO = "plo"


class Concerns(StrEnum):
    """Whom a request is for, seen from who sends it (gjeld)."""

    MYSELF = "myself"
    MY_CHILD = "my_child"
    EXPECTED_CHILD = "expected_child"
    REPRESENTED = "represented"
    FROM_WORK = "from_work"


class Wanted(StrEnum):
    """What a request asks for (ønske). `POSSIBLE_NEED` is a professional's notice that somebody
    may need it (melding om mogleg behov), helse- og omsorgstenestelova § 7-1, § 7-2, § 7-2 a.
    `GUIDANCE` is a coordinator's question to the coordinating unit (rettleiing), § 7-3.
    Stored as bits: a new one is added last."""

    COORDINATOR = "coordinator"
    CHILD_COORDINATOR = "child_coordinator"
    INDIVIDUAL_PLAN = "individual_plan"
    SIMPLE_COLLABORATION = "simple_collaboration"
    POSSIBLE_NEED = "possible_need"
    UNSURE = "unsure"
    ANOTHER_COORDINATOR = "another_coordinator"
    CONTACT = "contact"
    GUIDANCE = "guidance"


ASKED_BY_FAMILIES = tuple(
    one for one in Wanted if one not in (Wanted.POSSIBLE_NEED, Wanted.GUIDANCE)
)


class Ruling(StrEnum):
    """What the municipality answers to a request (avgjerd). `DUTY_ONLY`: no right to it, but a duty
    to coordinate, led by somebody who is named; velferdstenestene si plikt til å samordne."""

    BOTH = "both"
    COORDINATOR_ONLY = "coordinator_only"
    DUTY_ONLY = "duty_only"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"

    @property
    def can_be_complained_of(self) -> bool:
        return self is not Ruling.WITHDRAWN


NEEDS_A_COORDINATOR = frozenset({Ruling.BOTH, Ruling.COORDINATOR_ONLY})


class Reconsidered(StrEnum):
    """What the municipality does with a complaint (klagebehandling): forvaltningslova § 33."""

    CHANGED = "changed"
    SENT_ON = "sent_on"
    WITHDRAWN = "withdrawn"


class Reviewed(StrEnum):
    """What whoever a complaint is sent on to answers (klageinstansen): forvaltningslova § 34."""

    UPHELD = "upheld"
    CHANGED = "changed"
    ANNULLED = "annulled"
    DISMISSED = "dismissed"


class Criterion(StrEnum):
    """What is weighed (vilkår): two for a coordinator or a plan, pasient- og brukarrettslova
    §§ 2-5 and 2-5 b; three for a coordinator for a child, § 2-5 c."""

    LONG_TERM = "long_term"
    SEVERAL_SERVICES = "several_services"
    SERIOUS_CONDITION = "serious_condition"
    LASTING_CARE = "lasting_care"
    OTHER_WELFARE = "other_welfare"


class LetterKind(StrEnum):
    """What a letter in a case is for (brevtype)."""

    RECEIPT = "receipt"
    INQUIRY = "inquiry"
    DELAY = "delay"
    ANSWER = "answer"
    SENT_ON = "sent_on"
