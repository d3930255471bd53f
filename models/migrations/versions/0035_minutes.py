"""Minutes point by point, who was there, and what people remark; minutes that are written over
some time before those called read them.

What is written as one text stays so, finished and read by the same people. Back: the points and
what was agreed in them are lines of the one text, all minutes are finished, and those called read
them; who was there, how the meeting was and what was remarked is gone.
"""

import sqlalchemy as sa
from alembic import op

revision = '0035'
down_revision = '0034'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_WHEN = sa.DateTime(timezone=True)
_MINUTES = sa.table(
    'minutes', sa.column('id', _BIG), sa.column('minutes', sa.Text()), sa.column('version', _BIG),
    sa.column('created_at', _WHEN), sa.column('locked_at', _WHEN), sa.column('given_at', _WHEN),
    sa.column('opens_at', _WHEN), sa.column('told_at', _WHEN),
)
_ITEM = sa.table(
    'minutes_item', sa.column('id', _BIG), sa.column('minutes_id', _BIG), sa.column('position', _BIG),
    sa.column('topic', sa.String()), sa.column('said', sa.Text()), sa.column('agreed', sa.String()),
    sa.column('removed_at', _WHEN),
)
_NEW = (
    ('others', sa.String(length=200)), ('heard', sa.String(length=40)), ('useful', sa.String(length=40)),
    ('together', sa.String(length=40)), ('next_at', _WHEN), ('given_at', _WHEN), ('opens_at', _WHEN),
    ('skipped_because', sa.String(length=200)), ('told_at', _WHEN),
)


def _of_an_element() -> tuple[sa.Column, ...]:
    return (
        sa.Column('opens_at', _WHEN, nullable=True),
        sa.Column('meeting_id', _BIG, nullable=False),
        sa.Column('minutes_id', _BIG, nullable=False),
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
    )


def _keys(table: str) -> tuple[sa.Constraint, ...]:
    return (
        sa.ForeignKeyConstraint(['author_id'], ['person.id'], name=op.f(f'fk__{table}__author_id__person')),
        sa.ForeignKeyConstraint(['plan_id', 'meeting_id'], ['meeting.plan_id', 'meeting.id'], name=op.f(f'fk__{table}__plan_id_meeting_id__meeting')),
        sa.ForeignKeyConstraint(['plan_id', 'minutes_id'], ['minutes.plan_id', 'minutes.id'], name=op.f(f'fk__{table}__plan_id_minutes_id__minutes')),
        sa.ForeignKeyConstraint(['shielded_from_id'], ['person.id'], name=op.f(f'fk__{table}__shielded_from_id__person')),
        *_plain_keys(table),
    )


def _plain_keys(table: str) -> tuple[sa.Constraint, ...]:
    return (
        sa.ForeignKeyConstraint(['plan_id'], ['plan.id'], name=op.f(f'fk__{table}__plan_id__plan'), ondelete='RESTRICT'),
        sa.PrimaryKeyConstraint('id', name=op.f(f'pk__{table}')),
        sa.UniqueConstraint('plan_id', 'id', name=op.f(f'uq__{table}__plan_id_id')),
        sa.UniqueConstraint('uid', name=op.f(f'uq__{table}__uid')),
    )


def upgrade() -> None:
    for name, kind in _NEW:
        op.add_column('minutes', sa.Column(name, kind, nullable=True))
    finished = sa.func.coalesce(_MINUTES.c.locked_at, _MINUTES.c.created_at)
    op.execute(_MINUTES.update().values(given_at=finished, opens_at=finished, told_at=finished))
    op.create_table(
        'minutes_item',
        sa.Column('topic', sa.String(length=200), nullable=True),
        sa.Column('said', sa.Text(), nullable=True),
        sa.Column('agreed', sa.String(length=200), nullable=True),
        sa.Column('responsible_id', _BIG, nullable=True),
        sa.Column('due', sa.Date(), nullable=True),
        sa.Column('kind', sa.String(length=40), nullable=False),
        sa.Column('position', _BIG, nullable=False),
        sa.Column('task_id', _BIG, nullable=True),
        *_of_an_element(),
        sa.ForeignKeyConstraint(['plan_id', 'responsible_id'], ['participant.plan_id', 'participant.person_id'], name=op.f('fk__minutes_item__plan_id_responsible_id__participant')),
        sa.ForeignKeyConstraint(['plan_id', 'task_id'], ['activity.plan_id', 'activity.id'], name=op.f('fk__minutes_item__plan_id_task_id__activity')),
        *_keys('minutes_item'),
    )
    op.create_table('minutes_remark', sa.Column('said', sa.Text(), nullable=False), *_of_an_element(), *_keys('minutes_remark'))
    op.create_table(
        'attended',
        sa.Column('minutes_id', _BIG, nullable=False),
        sa.Column('person_id', _BIG, nullable=False),
        sa.Column('presence', sa.String(length=40), nullable=True),
        sa.Column('plan_id', _BIG, nullable=False),
        sa.Column('created_at', _WHEN, nullable=False),
        sa.Column('id', _BIG, nullable=False),
        sa.Column('uid', sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(['plan_id', 'minutes_id'], ['minutes.plan_id', 'minutes.id'], name=op.f('fk__attended__plan_id_minutes_id__minutes')),
        sa.ForeignKeyConstraint(['plan_id', 'person_id'], ['participant.plan_id', 'participant.person_id'], name=op.f('fk__attended__plan_id_person_id__participant')),
        sa.UniqueConstraint('minutes_id', 'person_id', name=op.f('uq__attended__minutes_id_person_id')),
        *_plain_keys('attended'),
    )
    for table in ('minutes_item', 'minutes_remark'):
        for column in ('author_id', 'meeting_id', 'minutes_id'):
            op.create_index(op.f(f'ix__{table}__{column}'), table, [column])
    op.create_index(op.f('ix__minutes_item__responsible_id'), 'minutes_item', ['responsible_id'])
    op.create_index(op.f('ix__attended__person_id'), 'attended', ['person_id'])


def downgrade() -> None:
    _one_text(op.get_bind())
    for shadow in ('element_version', 'element_index'):
        key = sa.table(shadow, sa.column('key'))
        op.execute(key.delete().where(key.c.key.in_(('minutes_item', 'minutes_remark'))))
    for table in ('attended', 'minutes_remark', 'minutes_item'):
        op.drop_table(table)
    unlocked = _MINUTES.update().where(_MINUTES.c.locked_at.is_(None))
    op.execute(unlocked.values(locked_at=sa.func.coalesce(_MINUTES.c.opens_at, _MINUTES.c.created_at)))
    with op.batch_alter_table('minutes') as batch_op:
        for name, _ in _NEW:
            batch_op.drop_column(name)


def _one_text(connection: sa.Connection) -> None:
    lines: dict[int, list[str]] = {}
    there = sa.select(_ITEM).where(_ITEM.c.removed_at.is_(None))
    for point in connection.execute(there.order_by(_ITEM.c.minutes_id, _ITEM.c.position, _ITEM.c.id)):
        words = [word for word in (point.said, point.agreed) if word]
        if words:
            said = lines.setdefault(point.minutes_id, [])
            said.append('\n'.join([point.topic, *words] if point.topic else words))
    for minutes_id, said in lines.items():
        here = _MINUTES.c.id == minutes_id
        before = connection.execute(sa.select(_MINUTES.c.minutes).where(here)).scalar_one()
        text = '\n\n'.join([before, *said] if before else said)
        connection.execute(_MINUTES.update().where(here).values(minutes=text))
