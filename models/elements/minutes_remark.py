"""Remarks on minutes (merknad): what somebody who read them says is missing or wrong."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.schema import SchemaItem

from models.base import same_plan
from models.elements._declare import Element, PlanElement, field
from models.elements._related import related
from models.elements.minutes import INVITED, Minutes
from models.i18n import N_
from models.vocabulary import Scope


class MinutesRemark(PlanElement):
    """A remark of one reader, that no page changes; read as the minutes are. FHIR: Annotation."""

    __tablename__ = "minutes_remark"
    element = Element(
        key="minutes_remark",
        label=N_("Remark on the minutes"),
        plural=N_("Remarks on the minutes"),
        scope=Scope.MEETINGS,
        fhir="Annotation",
        order=57,
        pages=frozenset(),
        menu=False,
    )
    immutable = PlanElement.immutable | {"meeting_id", "minutes_id"}
    audience = INVITED

    said: Mapped[str] = field(Text, label=N_("Remark"), fhir="text")
    opens_at: Mapped[datetime | None]
    meeting_id: Mapped[int] = mapped_column(index=True)
    minutes_id: Mapped[int] = mapped_column(index=True)
    minutes: Mapped[Minutes] = related(Minutes, "minutes_id", label=N_("Minutes"), marks=True)

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (*super().constraints(), same_plan("meeting_id", "meeting"))
