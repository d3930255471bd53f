"""What holds for each kind of case (saksregel): how long one may complain, to whom, by which law.

The municipality's own: whether the answer to one kind can be complained of is not the same
everywhere, and laws change their numbers (NO-1.1 – NO-1.3, C2, C7 in research/norway.md).
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import MunicipalityBound, Row
from models.case_words import Wanted
from models.language import LANGUAGES, Texts
from models.municipality import InLanguage


class CaseRule(MunicipalityBound, Row):
    """What holds where `wanted` is asked for.

    `answer_days`: an answer is promised sooner than the month of the law (forvaltningslova 2025
    § 17); None where it is not. `complaint_weeks`: how long one may complain of the answer
    (pasient- og brukarrettslova § 7-5); None where there is no right to. `complaint_body`: who
    answers a complaint the municipality sends on. `law`: what the answer is given by.
    Each language's text is an attribute too: `row.complaint_body_nn`, `row.law_nn`.
    """

    __tablename__ = "case_rule"
    __table_args__ = (
        UniqueConstraint("municipality_id", "wanted"),
        CheckConstraint(
            "coalesce(answer_days, 1) > 0 AND coalesce(complaint_weeks, 1) > 0",
            name="time_is_counted_forwards",
        ),
    )
    immutable = MunicipalityBound.immutable | {"wanted"}
    longest = 200

    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    wanted: Mapped[Wanted]
    answer_days: Mapped[int | None]
    complaint_weeks: Mapped[int | None]
    complaint_body: Mapped[dict[str, str]] = mapped_column(Texts)
    law: Mapped[dict[str, str] | None] = mapped_column(Texts)


for _one in LANGUAGES:
    for _column in ("complaint_body", "law"):
        setattr(CaseRule, f"{_column}_{_one}", InLanguage(_one, _column))
