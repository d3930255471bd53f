"""How people want to be told, what they have seen, and what is gathered to one letter a day.

What was there before counts as seen: nobody comes back to a mountain of old news. Back: what
waits for a digest is planned anew, each by itself; what was told by hand is forgotten.
"""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_WHEN = sa.DateTime(timezone=True)
_UNSEEN = sa.text('seen_at IS NULL')
_TOPICS = ('meeting', 'minutes', 'consent', 'message', 'evaluation', 'access')


def _tables() -> tuple[sa.Table, sa.Table]:
    message = sa.Table('outbox_message', sa.MetaData(), *(sa.Column(name, _BIG) for name in ('id', 'gathered_in_id')),
                       sa.Column('kind', sa.String()), *(sa.Column(name, _WHEN) for name in ('created_at', 'planned_at', 'seen_at')))
    delivery = sa.Table('delivery', sa.MetaData(), sa.Column('message_id', _BIG), sa.Column('channel', sa.String()),
                        sa.Column('kind', sa.String()), sa.Column('sent_at', _WHEN))
    return message, delivery


def upgrade() -> None:
    op.create_table('notice_choice',
    sa.Column('account_id', _BIG, nullable=False),
    sa.Column('membership_id', _BIG, nullable=False),
    sa.Column('topic', sa.Enum(*_TOPICS, name='topic', native_enum=False, length=40), nullable=False),
    sa.Column('channels', sa.Integer(), nullable=False),
    sa.Column('daily', sa.Boolean(), nullable=False),
    sa.Column('id', _BIG, nullable=False),
    sa.Column('uid', sa.String(length=60), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk__notice_choice__account_id__account')),
    sa.ForeignKeyConstraint(['membership_id'], ['membership.id'], name=op.f('fk__notice_choice__membership_id__membership')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk__notice_choice')),
    sa.UniqueConstraint('membership_id', 'topic', name=op.f('uq__notice_choice__membership_id_topic')),
    sa.UniqueConstraint('uid', name=op.f('uq__notice_choice__uid'))
    )
    op.create_index(op.f('ix__notice_choice__account_id'), 'notice_choice', ['account_id'])
    with op.batch_alter_table('account') as batch:
        batch.add_column(sa.Column('quiet_from', _BIG, nullable=True, server_default='21'))
        batch.add_column(sa.Column('quiet_to', _BIG, nullable=True, server_default='7'))
    with op.batch_alter_table('outbox_message') as batch:
        batch.add_column(sa.Column('gathered_in_id', _BIG, nullable=True))
        batch.add_column(sa.Column('seen_at', _WHEN, nullable=True))
        batch.create_foreign_key(op.f('fk__outbox_message__gathered_in_id__outbox_message'), 'outbox_message', ['gathered_in_id'], ['id'])
    message, _ = _tables()
    op.get_bind().execute(sa.update(message).values(seen_at=message.c.created_at))
    op.create_index(op.f('ix__outbox_message__gathered_in_id'), 'outbox_message', ['gathered_in_id'])
    op.create_index(op.f('ix__outbox_message__person_id_id'), 'outbox_message', ['person_id', 'id'])
    op.create_index(op.f('ix__outbox_message__plan_id_kind_row_id'), 'outbox_message', ['plan_id', 'kind', 'row_id'])
    op.create_index('ix__outbox_message__unseen', 'outbox_message', ['person_id'], sqlite_where=_UNSEEN, postgresql_where=_UNSEEN)


def downgrade() -> None:
    _part()
    for name in ('unseen', 'plan_id_kind_row_id', 'person_id_id', 'gathered_in_id'):
        op.drop_index(f'ix__outbox_message__{name}', 'outbox_message')
    with op.batch_alter_table('outbox_message') as batch:
        batch.drop_constraint('fk__outbox_message__gathered_in_id__outbox_message', type_='foreignkey')
        batch.drop_column('gathered_in_id')
        batch.drop_column('seen_at')
    with op.batch_alter_table('account') as batch:
        batch.drop_column('quiet_from')
        batch.drop_column('quiet_to')
    op.drop_table('notice_choice')


def _part() -> None:
    """What is gathered becomes notices of their own again, and digests go."""
    connection, (message, delivery) = op.get_bind(), _tables()
    sent = sa.select(delivery.c.message_id).where(delivery.c.kind == 'digest', delivery.c.sent_at.is_not(None))
    waits = message.c.gathered_in_id.is_not(None) & message.c.gathered_in_id.not_in(sent)
    connection.execute(sa.update(message).where(waits).values(planned_at=None))
    connection.execute(sa.update(message).values(gathered_in_id=None))
    told = (delivery.c.kind == 'digest') | delivery.c.channel.in_(('letter', 'call'))
    connection.execute(sa.delete(delivery).where(told))
    connection.execute(sa.delete(message).where(message.c.kind == 'digest'))
