"""Comments (kommentar): what someone has to say about a goal or an activity."""

from __future__ import annotations

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from models.elements._declare import Element, PlanElement, field
from models.elements._related import related
from models.elements.activity import Activity
from models.elements.goal import Goal
from models.i18n import N_
from models.vocabulary import Scope


class Comment(PlanElement):
    """A remark under a goal or an activity (kommentar); hidden when that is. FHIR: Annotation."""

    __tablename__ = "comment"
    element = Element(
        key="comment",
        label=N_("Comment"),
        plural=N_("Comments"),
        scope=Scope.GOALS,
        fhir="Annotation",
        order=40,
        add_text=N_("Write a comment"),
        menu=False,
    )

    comment: Mapped[str] = field(Text, label=N_("Comment"), fhir="text")
    goal_id: Mapped[int | None] = mapped_column(index=True)
    goal: Mapped[Goal | None] = related(Goal, "goal_id", label=N_("Goal"), marks=True)
    activity_id: Mapped[int | None] = mapped_column(index=True)
    activity: Mapped[Activity | None] = related(
        Activity, "activity_id", label=N_("Agreed task"), marks=True
    )
