"""What is weighed before a request is answered (vurdering): each criterion, and why."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import MunicipalityBound, Row
from models.case_words import Concerns, Criterion, Wanted
from models.request import Request
from models.types import EncryptedText

_FOR_ANYBODY = (Criterion.LONG_TERM, Criterion.SEVERAL_SERVICES)
_FOR_A_CHILD = (Criterion.SERIOUS_CONDITION, Criterion.LASTING_CARE, Criterion.OTHER_WELFARE)
_OF_A_CHILD = frozenset({Concerns.MY_CHILD, Concerns.EXPECTED_CHILD})
_OPEN = frozenset({Wanted.POSSIBLE_NEED, Wanted.UNSURE})
_NOTHING_TO_WEIGH = frozenset({Wanted.ANOTHER_COORDINATOR, Wanted.CONTACT, Wanted.GUIDANCE})


class Assessment(MunicipalityBound, Row):
    """Of one request: each of models.case_words.Criterion met or not, and `<criterion>_why`.

    None where nobody has looked yet. Read by those who read the request.
    Pasient- og brukarrettslova §§ 2-5, 2-5 b and 2-5 c.
    """

    __tablename__ = "assessment"
    immutable = MunicipalityBound.immutable | {"request_id"}

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"), index=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"), unique=True)
    long_term: Mapped[bool | None]
    long_term_why: Mapped[str | None] = mapped_column(EncryptedText("assessment.long_term_why"))
    several_services: Mapped[bool | None]
    several_services_why: Mapped[str | None] = mapped_column(
        EncryptedText("assessment.several_services_why")
    )
    serious_condition: Mapped[bool | None]
    serious_condition_why: Mapped[str | None] = mapped_column(
        EncryptedText("assessment.serious_condition_why")
    )
    lasting_care: Mapped[bool | None]
    lasting_care_why: Mapped[str | None] = mapped_column(
        EncryptedText("assessment.lasting_care_why")
    )
    other_welfare: Mapped[bool | None]
    other_welfare_why: Mapped[str | None] = mapped_column(
        EncryptedText("assessment.other_welfare_why")
    )
    written_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)

    request: Mapped[Request] = relationship(back_populates="assessment", lazy="raise_on_sql")

    def answers(self) -> dict[Criterion, tuple[bool, str]]:
        """Those that are answered: whether it is met, and why."""
        said = ((one, getattr(self, one), getattr(self, f"{one}_why")) for one in Criterion)
        return {one: (met, why or "") for one, met, why in said if met is not None}


def criteria(concerns: Concerns, wanted: frozenset[Wanted]) -> tuple[Criterion, ...]:
    """What is weighed for such a request; nothing when only a talk or a change is asked for."""
    if wanted <= _NOTHING_TO_WEIGH:
        return ()
    asked = wanted - _NOTHING_TO_WEIGH
    is_open = bool(asked & _OPEN)
    child = Wanted.CHILD_COORDINATOR in asked or (is_open and concerns in _OF_A_CHILD)
    only_child = asked == {Wanted.CHILD_COORDINATOR}
    return (*(() if only_child else _FOR_ANYBODY), *(_FOR_A_CHILD if child else ()))
