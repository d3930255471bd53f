"""What was said on the telephone (samtale): two lines below a contact."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from models.clock import utcnow
from models.elements._declare import Element, PlanElement, field
from models.elements._related import related
from models.elements.contact import Contact
from models.i18n import N_
from models.vocabulary import PlanType, Scope


class ContactNote(PlanElement):
    """A note from a telephone call (samtale), of who wrote it; hidden when the contact is.
    FHIR: Communication."""

    __tablename__ = "contact_note"
    element = Element(
        key="contact_note",
        label=N_("Telephone call"),
        plural=N_("Telephone calls"),
        scope=Scope.CONTACTS,
        fhir="Communication",
        order=86,
        moment_column="at",
        types=frozenset(PlanType) - {PlanType.MEETING_LOG},
        pages=frozenset({"list", "show", "add", "edit", "delete"}),
        add_text=N_("Write what was said"),
        menu=False,
    )

    said: Mapped[str] = field(String(300), label=N_("What was said"), fhir="payload.content")
    at: Mapped[datetime] = field(label=N_("When"), default=utcnow, fhir="sent")
    contact_id: Mapped[int] = mapped_column(index=True)
    contact: Mapped[Contact] = related(Contact, "contact_id", label=N_("Contact"), marks=True)
