"""What families of the demo can read before they sign, in languages Medspel does not speak."""

from __future__ import annotations

from typing import Any

from models.clock import today, utcnow
from models.consent import ConsentText
from models.language import Tongue
from models.vocabulary import PlanType

SHORT = {
    "uk": (
        "Вам допомагає кілька людей, і їм легше, коли вони можуть говорити між собою.\n"
        "Ви вирішуєте, хто бере участь, що кожен може бачити і як довго.\n"
        "Ви можете сказати «ні» і будь-коли передумати. Це нічого не коштує, і ніхто через це не "
        "втратить послуг."
    ),
    "ar": (
        "يساعدك عدة أشخاص، ويكون الأمر أسهل عندما يستطيعون التحدث معًا.\n"
        "أنت تقرر من يشارك، وماذا يرى كل واحد منهم، وإلى متى.\n"
        "يمكنك أن تقول لا، ويمكنك تغيير رأيك في أي وقت. لا يكلفك ذلك شيئًا، ولا يفقد أحد خدماته."
    ),
    "pl": (
        "Pomaga Ci kilka osób i jest im łatwiej, gdy mogą ze sobą rozmawiać.\n"
        "To Ty decydujesz, kto bierze udział, co każda z tych osób może zobaczyć i jak długo.\n"
        "Możesz powiedzieć „nie” i w każdej chwili zmienić zdanie. Nic Cię to nie kosztuje i nikt "
        "nie traci przez to usług."
    ),
}


def consent_texts(municipality_id: int) -> list[Any]:
    """For the kinds of plan the demo has."""
    at = {"municipality_id": municipality_id, "approved_at": utcnow(), "starts_on": today()}
    return [
        ConsentText(**at, plan_type=plan_type, language=Tongue(language), body=body)
        for plan_type in (PlanType.SIMPLE_COLLABORATION, PlanType.INDIVIDUAL_PLAN)
        for language, body in SHORT.items()
    ]
