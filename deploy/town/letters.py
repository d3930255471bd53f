"""What people in a plan of the demo have written to each other (meldingar): a conversation with a
picture and a mend, and a word for the coordinator only."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from deploy.town.drawings import cubby
from deploy.town.hall import Town
from integrations.scan import scan_of
from models.elements.message import Message
from models.plan import Plan
from models.vocabulary import Circle
from services.attachments import File
from services.messages import answered_by, correct, others, send_message, to_be_written_to


def converse(town: Town, plan_id: int, coordinator: str, guardian: str, teacher: str) -> None:
    """Welcome; a question from home, the school's answer with a picture, and thanks."""
    _write(town, plan_id, coordinator, "Velkomne", "Her snakkar vi saman.")
    asked = _write(
        town, plan_id, guardian, "Ein roleg plass på skulen",
        "Hei! I dag kom han heim med vondt i hovudet att. Har de ein plass der han kan sitje "
        "litt for seg sjølv etter storefri?",
    )  # fmt: skip
    found = _write(
        town, plan_id, teacher, "", "Ja, vi har rydda kroken ved biblioteket. Slik ser han ut. "
        "Han kan gå dit når han vil, utan å spørje fyrst.",
        [File(town.says("kroken.jpg"), scan_of(cubby()))], to=asked,
    )  # fmt: skip
    thanks = _write(town, plan_id, guardian, "", "Så fint! Vi prøver frå måndag.", to=found)
    with town.acting(guardian) as session:
        message = session.get_one(Message, thanks)
        said = {"body": town.says("Så fint! Vi prøver frå tysdag, måndag er han hos legen.")}
        correct(session, session.get_one(Plan, plan_id), message, said)
    _write(
        town, plan_id, guardian, "Berre til deg", "Kan du ringje?", circle=Circle.COORDINATOR_ONLY
    )


def _write(
    town: Town,
    plan_id: int,
    who: str,
    subject: str,
    body: str,
    files: Sequence[File] = (),
    *,
    to: int | None = None,
    circle: Circle = Circle.CHOSEN,
) -> int:
    """A message to the team, or an answer to the same people as one; its id."""
    with town.acting(who) as session:
        plan = session.get_one(Plan, plan_id)
        answered = None if to is None else session.get_one(Message, to)
        people = others(session, plan)
        team = answered_by(people, answered) if answered else to_be_written_to(people)
        sent = send_message(
            session, plan, team, body=town.says(body), circle=circle, uid=str(uuid4()),
            subject=answered.subject_line if answered else town.says(subject),
            to=[one.person_id for one in team] if circle is Circle.CHOSEN else [],
            thread=answered.thread if answered else None, files=files,
        )  # fmt: skip
        return sent.id
