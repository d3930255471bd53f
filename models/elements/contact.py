"""People and services around the owner (kontakt, "rundt meg"), in the plan or not."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from models.elements._declare import Element, PlanElement, field
from models.elements._related import member
from models.i18n import N_
from models.people import Person
from models.types import EncryptedText
from models.vocabulary import PlanType, Scope


class Contact(PlanElement):
    """Somebody one may call (kontakt), and what for. Number and address are as somebody has
    written them here; those of the person who takes part are another matter. FHIR: RelatedPerson.
    """

    __tablename__ = "contact"
    element = Element(
        key="contact",
        label=N_("Contact"),
        plural=N_("Around me"),
        scope=Scope.CONTACTS,
        fhir="RelatedPerson",
        order=85,
        types=frozenset(PlanType) - {PlanType.MEETING_LOG},
        add_text=N_("New contact"),
    )

    name: Mapped[str] = field(String(200), label=N_("Name"), fhir="name.text")
    service: Mapped[str | None] = field(
        String(100), label=N_("Service or workplace"), fhir="relationship.text"
    )
    phone: Mapped[str | None] = field(
        EncryptedText("contact.phone"), label=N_("Telephone"), reads="phone", fhir="telecom"
    )
    email: Mapped[str | None] = field(
        EncryptedText("contact.email"), label=N_("E-mail"), reads="email", fhir="telecom"
    )
    about: Mapped[str | None] = field(String(200), label=N_("What to ring about"))
    member_id: Mapped[int | None] = mapped_column(index=True)
    member: Mapped[Person | None] = member("member_id", label=N_("Takes part in the plan as"))
