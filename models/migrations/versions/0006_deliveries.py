"""A notice and its way to somebody become two rows (levering).

What has been sent or given up keeps a delivery that says so; what waits is planned anew by the
worker. Back: a notice is as far as the best of its deliveries.
"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_WHEN = sa.DateTime(timezone=True)
_WAITING = sa.text('sent_at IS NULL AND failed_at IS NULL')
_UNPLANNED = sa.text('planned_at IS NULL')
_FAULTS = {'not for this person any more': 'not_for_them'}


def upgrade() -> None:
    op.create_table('delivery',
    sa.Column('municipality_id', _BIG, nullable=False),
    sa.Column('message_id', _BIG, nullable=False),
    sa.Column('person_id', _BIG, nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('channel', sa.Enum('mail', 'sms', name='channel', native_enum=False, length=40), nullable=False),
    sa.Column('due_at', _WHEN, nullable=False),
    sa.Column('attempts', _BIG, nullable=False),
    sa.Column('leased_until', _WHEN, nullable=True),
    sa.Column('sent_at', _WHEN, nullable=True),
    sa.Column('failed_at', _WHEN, nullable=True),
    sa.Column('fault', sa.Enum('not_for_them', 'no_address', 'refused', 'unreachable', name='fault', native_enum=False, length=40), nullable=True),
    sa.Column('id', _BIG, nullable=False),
    sa.Column('uid', sa.String(length=60), nullable=False),
    sa.ForeignKeyConstraint(['message_id'], ['outbox_message.id'], name=op.f('fk__delivery__message_id__outbox_message')),
    sa.ForeignKeyConstraint(['municipality_id'], ['municipality.id'], name=op.f('fk__delivery__municipality_id__municipality')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk__delivery__person_id__person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk__delivery')),
    sa.UniqueConstraint('message_id', 'channel', name=op.f('uq__delivery__message_id_channel')),
    sa.UniqueConstraint('uid', name=op.f('uq__delivery__uid'))
    )
    op.create_index('ix__delivery__waiting', 'delivery', ['due_at'], sqlite_where=_WAITING, postgresql_where=_WAITING)
    op.create_index(op.f('ix__delivery__municipality_id_failed_at'), 'delivery', ['municipality_id', 'failed_at'])
    op.create_index(op.f('ix__delivery__person_id'), 'delivery', ['person_id'])
    op.add_column('outbox_message', sa.Column('planned_at', _WHEN, nullable=True))
    _split(op.get_bind())
    op.drop_index('ix__outbox_message__waiting', 'outbox_message')
    with op.batch_alter_table('outbox_message') as batch:
        for name in ('attempts', 'leased_until', 'sent_at', 'failed_at', 'fault'):
            batch.drop_column(name)
    op.create_index('ix__outbox_message__unplanned', 'outbox_message', ['due_at'], sqlite_where=_UNPLANNED, postgresql_where=_UNPLANNED)


def _tables() -> tuple[sa.Table, sa.Table]:
    same = [('person_id', _BIG), ('municipality_id', _BIG), ('kind', sa.String()), ('due_at', _WHEN), ('attempts', _BIG),
            ('sent_at', _WHEN), ('failed_at', _WHEN), ('fault', sa.String()), ('uid', sa.String())]
    message = sa.Table('outbox_message', sa.MetaData(), sa.Column('id', _BIG, primary_key=True), sa.Column('planned_at', _WHEN),
                       *(sa.Column(name, kind) for name, kind in same))
    delivery = sa.Table('delivery', sa.MetaData(), sa.Column('id', _BIG, primary_key=True), sa.Column('message_id', _BIG), sa.Column('channel', sa.String()),
                        *(sa.Column(name, kind) for name, kind in same))
    return message, delivery


def _split(connection: sa.Connection) -> None:
    message, delivery = _tables()
    m = message.c
    ended = sa.or_(m.sent_at.is_not(None), m.failed_at.is_not(None))
    fault = sa.case(
        (m.failed_at.is_(None), None),
        *((m.fault == old, new) for old, new in _FAULTS.items()),
        else_='unreachable',
    )
    kept = sa.select(
        m.id, m.person_id, m.municipality_id, m.kind, sa.literal('mail'), m.due_at, m.attempts,
        m.sent_at, m.failed_at, fault, m.uid,
    ).where(ended, m.person_id.is_not(None))
    names = ['message_id', 'person_id', 'municipality_id', 'kind', 'channel', 'due_at', 'attempts',
             'sent_at', 'failed_at', 'fault', 'uid']
    connection.execute(sa.insert(delivery).from_select(names, kept))
    connection.execute(sa.update(message).where(ended).values(planned_at=sa.func.coalesce(m.sent_at, m.failed_at)))


def downgrade() -> None:
    op.drop_index('ix__outbox_message__unplanned', 'outbox_message')
    with op.batch_alter_table('outbox_message') as batch:
        batch.add_column(sa.Column('attempts', _BIG, nullable=False, server_default='0'))
        for name in ('leased_until', 'sent_at', 'failed_at'):
            batch.add_column(sa.Column(name, _WHEN, nullable=True))
        batch.add_column(sa.Column('fault', sa.String(length=200), nullable=True))
    _join(op.get_bind())
    with op.batch_alter_table('outbox_message') as batch:
        batch.alter_column('attempts', server_default=None)
        batch.drop_column('planned_at')
    op.create_index('ix__outbox_message__waiting', 'outbox_message', ['due_at'], sqlite_where=_WAITING, postgresql_where=_WAITING)
    op.drop_table('delivery')


def _join(connection: sa.Connection) -> None:
    """Sent by one channel is sent; given up by all is given up; the rest waits again."""
    message, delivery = _tables()
    d = delivery.c
    for name, best in (('sent_at', sa.func.min(d.sent_at)), ('attempts', sa.func.max(d.attempts))):
        mine = sa.select(best).where(d.message_id == message.c.id).scalar_subquery()
        planned = sa.update(message).where(message.c.planned_at.is_not(None))
        connection.execute(planned.values({name: sa.func.coalesce(mine, 0) if name == 'attempts' else mine}))
    waits = sa.exists().where(d.message_id == message.c.id, d.sent_at.is_(None), d.failed_at.is_(None))
    lost = sa.update(message).where(message.c.planned_at.is_not(None), message.c.sent_at.is_(None), ~waits)
    worst = sa.select(sa.func.max(d.fault)).where(d.message_id == message.c.id).scalar_subquery()
    connection.execute(lost.values(failed_at=message.c.planned_at, fault=sa.func.coalesce(worst, 'not_for_them')))
