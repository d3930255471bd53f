"""How a plan element is declared (planelement): one class, one `Element`, its fields."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar, cast

from sqlalchemy import ColumnElement, ForeignKey, Index, and_, inspect
from sqlalchemy import text as sql
from sqlalchemy.orm import (
    Mapped,
    Relationship,
    declared_attr,
    foreign,
    mapped_column,
    relationship,
    remote,
)
from sqlalchemy.schema import SchemaItem

from models.base import EnumSet, PersonKey, PlanRow, in_the_team, same_plan
from models.elements._related import Readers, Related
from models.i18n import N_
from models.people import Person
from models.types import EncryptedText
from models.vocabulary import Circle, Family, Level, LifeArea, PlanType, Scope

_REGISTRY: dict[str, type[PlanElement]] = {}

EVERY_TYPE = frozenset(PlanType)
EVERY_PAGE = frozenset({"list", "show", "add", "edit", "delete"})


@dataclass(frozen=True, kw_only=True)
class Element:
    """Everything the rest of the system needs to know about a plan element.

    key: its name in addresses, permissions, index and log.
    label, plural, add_text: msgids.
    scope: the part of a consent that opens it.
    fhir: the resource it becomes.
    order: where a reader meets it.
    types: plan types that have it.
    pages: which pages are generated; the rest are made by hand or not at all.
    room: the page made by hand that shows one row, if any ("MeetingRoom.page").
    home: the page made by hand that shows all rows, instead of a list.
    start: the page made by hand that makes a new row, if any.
    corrected: the columns whose words the author may put right when the row is finished; what
    they said is kept (models.history).
    menu: whether it has a menu entry of its own.
    one_each: the plan has at most one row for each value of these columns; () for one in all.
    add_level: the level that may add a row.
    moment_column: when what the row is about takes place, if not when it was written.
    author_column: whose row it is at the level `contribute`, beside `responsible_column`.
    """

    key: str
    label: str
    plural: str
    scope: Scope
    fhir: str
    order: int
    types: frozenset[PlanType] = EVERY_TYPE
    pages: frozenset[str] = EVERY_PAGE
    room: str | None = None
    home: str | None = None
    start: str | None = None
    corrected: frozenset[str] = frozenset()
    menu: bool = True
    one_each: tuple[str, ...] | None = None
    add_text: str = N_("Add")
    add_level: Level = Level.CONTRIBUTE
    moment_column: str = "created_at"
    author_column: str = "author_id"
    responsible_column: str | None = None

    @property
    def has_a_page(self) -> bool:
        """Whether one row of it is shown on a page of its own."""
        return bool(self.room) or "show" in self.pages


def field(
    *args: Any,
    label: str,
    help: str = "",
    fhir: str | None = None,
    fixed: bool = False,
    reads: str = "",
    **kw: Any,
) -> Any:
    """A mapped column that also knows its label, help text and FHIR path.

    fixed: chosen when the row is made; it heads the row, and is in no form that changes it.
    reads: what the words must be, and are stored in the one form of: "email", "phone" or "link".
    """
    info = {"label": label, "help": help, "fhir": fhir, "fixed": fixed, "reads": reads}
    return mapped_column(*args, info=info, **kw)


class _ItsKind:
    """Stands for the class that is being declared."""


def of_its_kind(key: str, *, label: str, help: str = "", marks: bool = False) -> Any:
    """Another row of the same class in this plan: a sub-goal and its main goal."""
    return Related(target=_ItsKind, key=key, label=label, help=help, marks=marks)


class PlanElement(PlanRow):
    """A part of the plan that a consent can speak about (planelement).

    `hidden_from_guardians`, `shielded_from_id` (one who acts for the owner, and not the
    others) and `life_areas` live on the root (a goal); rows below it carry a copy (see
    models.marks), so that one criterion on one table is enough.
    Nothing is deleted: `removed_at` takes it out of sight, the log keeps its sense.
    `locked_at`: finished for good, refused by flush and trigger. `version` counts
    changes, so that a stale edit is found.
    """

    __abstract__ = True
    family = Family.ELEMENT
    element: ClassVar[Element]
    relations: ClassVar[dict[str, Related]] = {}
    audience: ClassVar[Readers | None] = None

    author_id: Mapped[PersonKey]
    life_areas: Mapped[frozenset[LifeArea]] = mapped_column(
        EnumSet(LifeArea, open_ended=True), default=frozenset()
    )
    hidden_from_guardians: Mapped[bool] = mapped_column(default=False)
    shielded_from_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    hidden_because: Mapped[str | None]
    removed_at: Mapped[datetime | None]
    locked_at: Mapped[datetime | None]
    version: Mapped[int]

    @declared_attr
    def author(cls) -> Mapped[Person | None]:
        """Who wrote the row; loaded where it is shown, and only there."""

        def wrote() -> ColumnElement[bool]:
            return cast(ColumnElement[int], foreign(cast(Any, cls.author_id))) == Person.id

        return relationship(Person, primaryjoin=wrote, viewonly=True, lazy="raise_on_sql")

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        return {"version_id_col": cls.__table__.c.version} if hasattr(cls, "__table__") else {}

    def __init_subclass__(cls, **kw: Any) -> None:
        cls.relations = {
            k: replace(v, target=cls) if v.target is _ItsKind else v
            for k, v in vars(cls).items()
            if isinstance(v, Related)
        }
        for name, relation in cls.relations.items():
            setattr(cls, name, cls._relationship(relation))
        if _REGISTRY.setdefault(cls.element.key, cls) is not cls:
            raise TypeError(f"two plan elements are called {cls.element.key!r}")
        super().__init_subclass__(**kw)

    @classmethod
    def _relationship(cls, to: Related) -> Relationship[Any]:
        def same_plan_and_key() -> ColumnElement[bool]:
            points = foreign(getattr(cls, to.key)) == remote(to.target.id)
            inside = issubclass(to.target, PlanRow)
            return and_(cls.plan_id == remote(to.target.plan_id), points) if inside else points

        depth = 1 if to.target is cls else None
        return relationship(
            to.target, primaryjoin=same_plan_and_key, lazy="joined", join_depth=depth
        )

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        keys = (
            in_the_team(r.key) if r.target is Person else same_plan(r.key, r.target.__tablename__)
            for r in cls.relations.values()
        )
        return (*keys, *cls._one_each())

    @classmethod
    def _one_each(cls) -> Iterator[Index]:
        """What is kept from somebody takes no place: nobody finds out that it is there by
        writing in it."""
        if cls.element.one_each is not None:
            where = sql(
                "removed_at IS NULL AND NOT hidden_from_guardians AND shielded_from_id IS NULL"
            )
            yield Index(
                f"uq__{cls.__tablename__}__one_each", "plan_id", *cls.element.one_each,
                unique=True, sqlite_where=where, postgresql_where=where,
            )  # fmt: skip

    def title(self) -> str:
        """One line that stands for the row in lists, index and log: its first declared field
        with something in it."""
        words = (getattr(self, name) for name in changing(type(self)) if name not in self.relations)
        return str(next((word for word in words if word not in (None, "")), ""))[:200]

    def text(self) -> str:
        """All declared words of the row, for search; what is encrypted is not found by it, and no
        address of a page."""
        links = {c.name for c in type(self).__table__.c if c.info.get("reads") == "link"}
        shut = encrypted(type(self)) | links
        words = (
            getattr(self, name)
            for name in declared(type(self))
            if name not in self.relations and name not in shut
        )
        return " ".join(word for word in words if isinstance(word, str))

    @property
    def has_a_line(self) -> bool:
        """Whether it stands in the index: what is about another row alone is found by that one."""
        return True

    def circle_of_readers(self) -> Circle | None:
        """Whom the row is for, when it is for some only (a message)."""
        return None

    def delegated(self) -> frozenset[int]:
        """Persons to whom the writing of this one row is left, whatever else they may write."""
        return frozenset()

    def __str__(self) -> str:
        return self.title()


def elements() -> Iterator[type[PlanElement]]:
    """Every declared element, in the order a reader meets them in the plan."""
    return iter(sorted(_REGISTRY.values(), key=lambda cls: cls.element.order))


def element(key: str) -> type[PlanElement]:
    """The element called `key`; KeyError when there is none."""
    return _REGISTRY[key]


def declared(cls: type[PlanElement]) -> dict[str, str]:
    """Attribute name -> label of every `field()` and `related()`, in source order."""
    columns = {a.key: a.columns[0].info for a in inspect(cls).column_attrs}
    labels = {name: info["label"] for name, info in columns.items() if "label" in info}
    labels |= {name: relation.label for name, relation in cls.relations.items()}
    return {name: labels[name] for name in cls.__annotations__ if name in labels}


def changing(cls: type[PlanElement]) -> dict[str, str]:
    """The same, without what is fixed."""
    fixed = {a.key for a in inspect(cls).column_attrs if a.columns[0].info.get("fixed")}
    return {name: label for name, label in declared(cls).items() if name not in fixed}


def encrypted(cls: type[PlanElement]) -> frozenset[str]:
    """The attributes whose values only this installation can read."""
    columns = inspect(cls).column_attrs
    return frozenset(a.key for a in columns if isinstance(a.columns[0].type, EncryptedText))


def helps(cls: type[PlanElement]) -> dict[str, str]:
    """Attribute name -> help text of those that have one."""
    columns = {a.key: a.columns[0].info.get("help", "") for a in inspect(cls).column_attrs}
    texts = columns | {name: relation.help for name, relation in cls.relations.items()}
    return {name: text for name, text in texts.items() if text}
