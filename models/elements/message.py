"""Messages in the plan (melding)."""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.schema import SchemaItem

from models.base import PlanBound, PlanRow, in_the_team, same_plan
from models.elements._declare import Element, PlanElement, field
from models.elements._related import Readers
from models.i18n import N_
from models.vocabulary import Circle, Family, Scope


class MessageRecipient(PlanRow):
    """One recipient (mottakar): always a participant of the same plan, says the database."""

    __tablename__ = "message_recipient"
    family = Family.ELEMENT
    immutable = PlanRow.immutable | {"message_id"}

    message_id: Mapped[int]
    person_id: Mapped[int] = mapped_column(index=True)
    message: Mapped[Message] = relationship(
        back_populates="recipients",
        primaryjoin="foreign(MessageRecipient.message_id) == Message.id",
    )

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            UniqueConstraint("message_id", "person_id"),
            same_plan("message_id", "message"),
            in_the_team("person_id"),
        )

    def subject(self) -> PlanBound:
        return self.message


class Message(PlanElement):
    """A message to chosen members of the team (melding); once sent, its author may put its
    words right, and what it said is kept.

    Read by sender and recipients, and by owner, representatives and coordinator unless
    its circle is the coordinator only. `thread`: what answers one another has the same; it
    opens nothing. FHIR: Communication.
    """

    __tablename__ = "message"
    element = Element(
        key="message",
        label=N_("Message"),
        plural=N_("Messages"),
        scope=Scope.MESSAGES,
        fhir="Communication",
        order=60,
        pages=frozenset(),
        home="Threads.page",
        room="Threads.thread",
        start="Compose.page",
        corrected=frozenset({"subject_line", "body"}),
        add_text=N_("New message"),
    )
    immutable = PlanElement.immutable | {"thread"}
    audience = Readers(table=MessageRecipient, key="message_id")

    subject_line: Mapped[str] = field(String(200), label=N_("Subject"), fhir="topic.text")
    body: Mapped[str] = field(Text, label=N_("Message"), fhir="payload.content")
    circle: Mapped[Circle] = mapped_column(default=Circle.CHOSEN)
    thread: Mapped[str] = mapped_column(String(60), default=lambda: str(uuid4()))
    recipients: Mapped[list[MessageRecipient]] = relationship(
        back_populates="message",
        lazy="selectin",
        primaryjoin="Message.id == foreign(MessageRecipient.message_id)",
    )

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (*super().constraints(), Index(None, "plan_id", "thread", "id"))

    def circle_of_readers(self) -> Circle | None:
        return self.circle
