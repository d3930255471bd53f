"""What a meeting is about, point by point; and what is done before people are called.

What stood as one text is a point for each line, in the name of who called the meeting; of the
text itself nothing is kept beside them. Back: the points are lines of one text again, the
standing ones and what is taken off gone, what was only planned is called, and
what was cancelled takes place; what those called have said is gone, but for their answers.
"""

from textwrap import wrap
from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = '0033'
down_revision = '0032'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_WHEN = sa.DateTime(timezone=True)
_FOLLOWED = ('plan_id', 'author_id', 'created_at', 'life_areas', 'hidden_from_guardians', 'shielded_from_id', 'hidden_because')


def _table(name: str, *own: sa.ColumnClause) -> sa.TableClause:
    """A table of an element: what is its own, and what follows a meeting down to its points."""
    return sa.table(
        name, sa.column('id', _BIG), *own, sa.column('plan_id', _BIG), sa.column('author_id', _BIG),
        sa.column('created_at', _WHEN), sa.column('life_areas', sa.Integer()), sa.column('hidden_because', sa.String()),
        sa.column('hidden_from_guardians', sa.Boolean()), sa.column('shielded_from_id', _BIG),
    )


_MEETING = _table('meeting', sa.column('agenda', sa.Text()))
_ITEM = _table(
    'agenda_item', sa.column('uid', sa.String()), sa.column('meeting_id', _BIG), sa.column('topic', sa.String()),
    sa.column('kind', sa.String()), sa.column('position', _BIG), sa.column('version', _BIG), sa.column('removed_at', _WHEN),
)
_LONGEST, _LEFT_TO = 200, ('leader_id', 'referent_id')


def _said_of_it() -> tuple[sa.Column, ...]:
    """What a meeting is told to be, beside what it is about."""
    return (
        sa.Column('is_planned', sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column('settled', sa.String(length=40), nullable=True),
        sa.Column('settled_because', sa.String(length=200), nullable=True),
        sa.Column('settled_by_id', _BIG, nullable=True),
        sa.Column('settled_at', _WHEN, nullable=True),
        sa.Column('cancelled_at', _WHEN, nullable=True),
        sa.Column('cancelled_because', sa.String(length=200), nullable=True),
        sa.Column('video_link', sa.String(length=500), nullable=True),
        *(sa.Column(column, _BIG, nullable=True) for column in _LEFT_TO),
    )


def _said_by_those_called() -> tuple[sa.Column, ...]:
    """Why one comes or not, and whether one is prepared."""
    return (
        *(sa.Column(words, sa.String(length=200), nullable=True) for words in ('reason', 'brings', 'has_done')),
        sa.Column('prepared_at', _WHEN, nullable=True),
    )


def upgrade() -> None:
    op.create_table('agenda_item',
    sa.Column('topic', sa.String(length=_LONGEST), nullable=True),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('position', _BIG, nullable=False),
    sa.Column('meeting_id', _BIG, nullable=False),
    sa.Column('author_id', _BIG, nullable=False),
    sa.Column('life_areas', sa.Integer(), nullable=False),
    sa.Column('hidden_from_guardians', sa.Boolean(), nullable=False),
    sa.Column('shielded_from_id', _BIG, nullable=True),
    sa.Column('hidden_because', sa.String(), nullable=True),
    sa.Column('removed_at', _WHEN, nullable=True),
    sa.Column('locked_at', _WHEN, nullable=True),
    sa.Column('version', _BIG, nullable=False),
    sa.Column('plan_id', _BIG, nullable=False),
    sa.Column('created_at', _WHEN, nullable=False),
    sa.Column('id', _BIG, nullable=False),
    sa.Column('uid', sa.String(length=60), nullable=False),
    sa.CheckConstraint("kind <> 'proposed' OR topic IS NOT NULL", name=op.f('ck__agenda_item__says_what')),
    sa.ForeignKeyConstraint(['author_id'], ['person.id'], name=op.f('fk__agenda_item__author_id__person')),
    sa.ForeignKeyConstraint(['plan_id', 'meeting_id'], ['meeting.plan_id', 'meeting.id'], name=op.f('fk__agenda_item__plan_id_meeting_id__meeting')),
    sa.ForeignKeyConstraint(['plan_id'], ['plan.id'], name=op.f('fk__agenda_item__plan_id__plan'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['shielded_from_id'], ['person.id'], name=op.f('fk__agenda_item__shielded_from_id__person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk__agenda_item')),
    sa.UniqueConstraint('plan_id', 'id', name=op.f('uq__agenda_item__plan_id_id')),
    sa.UniqueConstraint('uid', name=op.f('uq__agenda_item__uid'))
    )
    op.create_index(op.f('ix__agenda_item__author_id'), 'agenda_item', ['author_id'])
    op.create_index(op.f('ix__agenda_item__meeting_id'), 'agenda_item', ['meeting_id'])
    _points_of_the_text(op.get_bind())
    with op.batch_alter_table('meeting') as batch_op:
        batch_op.drop_column('agenda')
        for column in _said_of_it():
            batch_op.add_column(column)
        batch_op.create_foreign_key(batch_op.f('fk__meeting__settled_by_id__person'), 'person', ['settled_by_id'], ['id'])
        for column in _LEFT_TO:
            batch_op.create_foreign_key(batch_op.f(f'fk__meeting__plan_id_{column}__participant'), 'participant', ['plan_id', column], ['plan_id', 'person_id'])
            batch_op.create_index(batch_op.f(f'ix__meeting__{column}'), [column])
    for column in _said_by_those_called():
        op.add_column('invitee', column)


def _points_of_the_text(connection: sa.Connection) -> None:
    said = sa.select(_MEETING).where(_MEETING.c.agenda.is_not(None)).order_by(_MEETING.c.id)
    for meeting in connection.execute(said).all():
        lines = [part for line in meeting.agenda.splitlines() for part in wrap(line, _LONGEST)]
        marks = {name: getattr(meeting, name) for name in _FOLLOWED}
        points = [
            {**marks, 'uid': str(uuid4()), 'meeting_id': meeting.id, 'topic': line,
             'kind': 'proposed', 'position': place, 'version': 1}
            for place, line in enumerate(lines, 1)
        ]
        if points:
            connection.execute(_ITEM.insert(), points)


def downgrade() -> None:
    op.add_column('meeting', sa.Column('agenda', sa.Text(), nullable=True))
    connection, lines = op.get_bind(), {}
    there = sa.select(_ITEM.c.meeting_id, _ITEM.c.topic).where(_ITEM.c.topic.is_not(None), _ITEM.c.removed_at.is_(None))
    for point in connection.execute(there.order_by(_ITEM.c.meeting_id, _ITEM.c.position, _ITEM.c.id)):
        lines.setdefault(point.meeting_id, []).append(point.topic)
    for meeting_id, topics in lines.items():
        text = _MEETING.update().where(_MEETING.c.id == meeting_id)
        connection.execute(text.values(agenda='\n'.join(topics)))
    for shadow in ('element_version', 'element_index'):
        key = sa.table(shadow, sa.column('key'))
        op.execute(key.delete().where(key.c.key == 'agenda_item'))
    op.drop_table('agenda_item')
    with op.batch_alter_table('meeting') as batch_op:
        batch_op.drop_constraint(batch_op.f('fk__meeting__settled_by_id__person'), type_='foreignkey')
        for column in _LEFT_TO:
            batch_op.drop_index(batch_op.f(f'ix__meeting__{column}'))
            batch_op.drop_constraint(batch_op.f(f'fk__meeting__plan_id_{column}__participant'), type_='foreignkey')
        for column in _said_of_it():
            batch_op.drop_column(column.name)
    for column in _said_by_those_called():
        op.drop_column('invitee', column.name)
