"""Declarative base (grunnklasse): Flask-AppBuilder's at run time, a typed one for mypy.

FAB owns the metadata (its ab_user is our thin login table) but its `Model` is
untyped. This is the only module in models/ that imports FAB.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar
from uuid import uuid4

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Dialect,
    Enum,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    String,
    TypeDecorator,
    UniqueConstraint,
    false,
    inspect,
)
from sqlalchemy.orm import Mapped, declared_attr, mapped_column
from sqlalchemy.schema import SchemaItem

from models.clock import utcnow
from models.language import Language, LanguageCode, Tongue, TongueCode
from models.vocabulary import Family

if TYPE_CHECKING:
    from sqlalchemy.orm import DeclarativeBase

    class Model(DeclarativeBase): ...

    class LoginUser(Model):
        """FAB's ab_user: thin, one for each account, without a name or a password."""

        id: Mapped[int]
        username: Mapped[str]
        email: Mapped[str]
        first_name: Mapped[str]
        last_name: Mapped[str]
        active: Mapped[bool]
else:
    from flask_appbuilder import Model


class UtcDateTime(TypeDecorator[datetime]):
    """Aware time in UTC; refuses a naive one instead of guessing.

    PostgreSQL answers in the *server's* zone, hence `astimezone`; SQLite stores
    no zone at all, and what it stores is what we bound: UTC.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("naive datetime: attach a time zone before storing")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


EVERYTHING = -1  # all bits: a set that also holds members added later


class EnumSet(TypeDecorator[frozenset[Any]]):
    """A set of enum members as the bits of an integer, in the order they are declared.

    `column & other` answers in SQL whether two sets meet. `single`: a set of exactly one.
    `open_ended`: all of them is stored as -1, so that it goes on meaning all when there are more
    some day. Else nobody is given what there was none of when they were asked.
    """

    impl = Integer
    cache_ok = True

    def __init__(
        self, members: type[enum.Enum], single: bool = False, open_ended: bool = False
    ) -> None:
        super().__init__()
        self.members, self.single, self.open_ended = members, single, open_ended

    def bits(self, value: Iterable[enum.Enum]) -> int:
        wanted, order = set(value), list(self.members)
        if self.open_ended and wanted == set(order):
            return EVERYTHING
        return sum(1 << order.index(m) for m in wanted)

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:
        return value if value is None or isinstance(value, int) else self.bits(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> frozenset[Any] | None:
        if value is None:
            return None
        return frozenset(m for place, m in enumerate(self.members) if value & (1 << place))


def _stored_values(members: type[enum.Enum]) -> list[str]:
    return [str(member.value) for member in members]


BigInt = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up INTEGER keys only
StoredEnum = Enum(
    enum.Enum, native_enum=False, values_callable=_stored_values, length=40, validate_strings=True
)
Key = Annotated[int, mapped_column(BigInt, primary_key=True)]
PersonKey = Annotated[int, mapped_column(ForeignKey("person.id"), index=True)]

if not TYPE_CHECKING:
    Model.metadata.naming_convention = {
        "ix": "ix__%(table_name)s__%(column_0_N_name)s",
        "uq": "uq__%(table_name)s__%(column_0_N_name)s",
        "ck": "ck__%(table_name)s__%(constraint_name)s",
        "fk": "fk__%(table_name)s__%(column_0_N_name)s__%(referred_table_name)s",
        "pk": "pk__%(table_name)s",
    }
    Model.registry.update_type_annotation_map(
        {
            int: BigInt,
            datetime: UtcDateTime,
            enum.Enum: StoredEnum,
            Language: LanguageCode,
            Tongue: TongueCode,
        }
    )
    from flask_appbuilder.security.sqla.models import User as LoginUser  # noqa: F401


class Row(Model):
    """A row with a key for joins and a `uid` for the world outside (ICS, FHIR, import)."""

    __abstract__ = True

    id: Mapped[Key]
    uid: Mapped[str] = mapped_column(
        String(60), unique=True, default=lambda: str(uuid4()), insert_sentinel=True
    )  # sentinel: SQLite too then inserts many rows in one statement


Criterion = Callable[[Any], ColumnElement[bool]]
READABLE: dict[type[Any], Criterion] = {}  # filled once by security.scope
READABLE_BY_BOTH: dict[type[Any], Criterion] = {}  # and this one with it


class Bound:
    """A row that belongs to somebody; invisible until a criterion says otherwise.

    A criterion takes the row's own columns from the class *or alias* it is given
    (SQLAlchemy adapts no others when it loads eagerly) and everything else from
    tables: another mapped class inside a criterion would be scoped in turn.
    `deletable`: a word in a register, or a login; whatever gives somebody something is
    ended instead.
    """

    if TYPE_CHECKING:
        __tablename__: str
        id: Mapped[int]
    immutable: ClassVar[frozenset[str]] = frozenset({"id", "uid"})
    deletable: ClassVar[bool] = False

    @classmethod
    def readable(cls) -> ColumnElement[bool]:
        """Rows of this class the acting person may read."""
        return _found(READABLE, cls)

    @classmethod
    def readable_by_both(cls) -> ColumnElement[bool]:
        """The same, while a plan is seen as somebody else: rows they may read, and the viewer."""
        return _found(READABLE_BY_BOTH, cls)


def _found(criteria: dict[type[Any], Criterion], cls: Any) -> ColumnElement[bool]:
    mapped: Any = inspect(cls, raiseerr=False)  # a class, or an alias of one
    criterion = criteria.get(mapped and mapped.mapper.class_)
    return criterion(cls) if criterion else false()


class MunicipalityBound(Bound):
    """Belongs to one municipality (kommune): seen and changed from inside it only.

    Which role may do it is a matter of security.roles and security.registers.
    """

    if TYPE_CHECKING:
        municipality_id: Mapped[int]
    immutable: ClassVar[frozenset[str]] = frozenset({"id", "uid", "municipality_id"})


class Personal(Bound):
    """Belongs to one account (konto)."""


class System:
    """Belongs to the installation."""


class PlanBound(Bound):
    """Belongs to one plan (plan): read and changed on one of the bases of security.policy.

    `is_noted`: the access log says who wrote it.
    """

    if TYPE_CHECKING:
        plan_id: Mapped[int]
    family: ClassVar[Family]
    is_noted: ClassVar[bool] = True
    immutable: ClassVar[frozenset[str]] = frozenset(
        {"id", "uid", "plan_id", "person_id", "author_id", "municipality_id", "created_at"}
    )

    def subject(self) -> PlanBound:
        """The row whose openness decides over this one (a recipient follows its message)."""
        return self


class PlanRow(PlanBound, Row):
    """A row under a plan. `UNIQUE(plan_id, id)` is what composite foreign keys point at,
    so that a row can never refer to a row of another plan, whatever the code forgets."""

    __abstract__ = True

    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="RESTRICT"))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)

    @declared_attr.directive
    def __table_args__(cls) -> tuple[SchemaItem, ...]:
        return (UniqueConstraint("plan_id", "id"), *cls.constraints())

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        """More constraints of the table; override instead of `__table_args__`."""
        return ()


def same_plan(column: str, target: str) -> ForeignKeyConstraint:
    """A foreign key to a row of *this* plan: the database refuses any other."""
    return ForeignKeyConstraint(["plan_id", column], [f"{target}.plan_id", f"{target}.id"])


def in_the_team(column: str) -> ForeignKeyConstraint:
    """A foreign key to a participant of *this* plan."""
    return ForeignKeyConstraint(
        ["plan_id", column], ["participant.plan_id", "participant.person_id"]
    )
