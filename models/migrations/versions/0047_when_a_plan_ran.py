"""Since when and until when a plan has run, and its first meeting: the office's numbers.

Back: the register no longer says so.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import sqlalchemy as sa
from alembic import op

from models.clock import OSLO

revision = '0047'
down_revision = '0046'
branch_labels = None
depends_on = None

_DAYS = ('started_on', 'closed_on', 'individual_since', 'first_meeting')
_REGISTER = sa.table(
    'plan_register', sa.column('plan_id', sa.Integer()), sa.column('opened_on', sa.Date()),
    sa.column('status', sa.String()), sa.column('type', sa.String()), sa.column('last_meeting', sa.Date()),
    *(sa.column(day, sa.Date()) for day in _DAYS),
)  # fmt: skip
_MOMENT = sa.DateTime(timezone=True)
_FIRST = {
    'started_on': 'SELECT plan_id, min(signed_at) AS moment FROM consent'
    ' WHERE signed_at IS NOT NULL GROUP BY plan_id',
    'individual_since': 'SELECT plan_id, min(signed_at) AS moment FROM consent'
    " WHERE signed_at IS NOT NULL AND plan_type = 'individual_plan' GROUP BY plan_id",
    'closed_on': 'SELECT id AS plan_id, closed_at AS moment FROM plan WHERE closed_at IS NOT NULL',
    'first_meeting': 'SELECT n.plan_id, min(m.starts_at) AS moment FROM minutes n'
    ' JOIN meeting m ON m.id = n.meeting_id WHERE n.given_at IS NOT NULL GROUP BY n.plan_id',
}
"""What the plans themselves say of the days."""


def _day(moment: datetime) -> date:
    known = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return known.astimezone(OSLO).date()


def _found(question: str) -> Iterator[dict[str, object]]:
    rows = sa.text(question).columns(sa.column('plan_id', sa.Integer()), sa.column('moment', _MOMENT))
    for plan_id, moment in op.get_bind().execute(rows).all():
        yield {'plan': plan_id, 'day': _day(moment)}


def upgrade() -> None:
    for day in _DAYS:
        op.add_column('plan_register', sa.Column(day, sa.Date(), nullable=True))
    for day, question in _FIRST.items():
        change = _REGISTER.update().where(_REGISTER.c.plan_id == sa.bindparam('plan'))
        if found := list(_found(question)):
            op.get_bind().execute(change.values({day: sa.bindparam('day', type_=sa.Date())}), found)
    r = _REGISTER.c
    unknown = (r.started_on.is_(None), r.status != 'draft')
    op.execute(_REGISTER.update().where(*unknown).values(started_on=r.opened_on))
    individual = (r.type == 'individual_plan', r.individual_since.is_(None))
    op.execute(_REGISTER.update().where(*individual).values(individual_since=r.started_on))
    op.execute(_REGISTER.update().where(r.first_meeting.is_(None)).values(first_meeting=r.last_meeting))
    op.create_index(
        op.f('ix__plan_register__municipality_id_first_meeting_id'), 'plan_register',
        ['municipality_id', 'first_meeting', 'id'],
    )  # fmt: skip
    op.create_index(
        op.f('ix__decision__municipality_id_decided_on_id'), 'decision', ['municipality_id', 'decided_on', 'id']
    )
    op.drop_index(op.f('ix__decision__municipality_id'), 'decision')


def downgrade() -> None:
    op.create_index(op.f('ix__decision__municipality_id'), 'decision', ['municipality_id'])
    op.drop_index(op.f('ix__decision__municipality_id_decided_on_id'), 'decision')
    op.drop_index(op.f('ix__plan_register__municipality_id_first_meeting_id'), 'plan_register')
    for day in reversed(_DAYS):
        op.drop_column('plan_register', day)
