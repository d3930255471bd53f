"""Threads of messages, files that are sent with them, and what a message can start from.

Back: the files and the templates are gone; which messages answer one another is forgotten.
"""

import sqlalchemy as sa
from alembic import op

revision = '0034'
down_revision = '0033'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_WHEN = sa.DateTime(timezone=True)
_MESSAGE = sa.table('message', sa.column('uid', sa.String()), sa.column('thread', sa.String()))


def upgrade() -> None:
    op.add_column('message', sa.Column('thread', sa.String(length=60), nullable=True))
    op.execute(_MESSAGE.update().values(thread=_MESSAGE.c.uid))
    with op.batch_alter_table('message') as batch_op:
        batch_op.alter_column('thread', existing_type=sa.String(length=60), nullable=False)
        batch_op.create_index(batch_op.f('ix__message__plan_id_thread_id'), ['plan_id', 'thread', 'id'])
    op.create_table('attachment',
    sa.Column('message_id', _BIG, nullable=False),
    sa.Column('name', sa.LargeBinary(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('size', _BIG, nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('plan_id', _BIG, nullable=False),
    sa.Column('created_at', _WHEN, nullable=False),
    sa.Column('id', _BIG, nullable=False),
    sa.Column('uid', sa.String(length=60), nullable=False),
    sa.ForeignKeyConstraint(['plan_id', 'message_id'], ['message.plan_id', 'message.id'], name=op.f('fk__attachment__plan_id_message_id__message')),
    sa.ForeignKeyConstraint(['plan_id'], ['plan.id'], name=op.f('fk__attachment__plan_id__plan'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk__attachment')),
    sa.UniqueConstraint('plan_id', 'id', name=op.f('uq__attachment__plan_id_id')),
    sa.UniqueConstraint('uid', name=op.f('uq__attachment__uid'))
    )
    op.create_index(op.f('ix__attachment__message_id'), 'attachment', ['message_id'])
    op.create_table('message_template',
    sa.Column('municipality_id', _BIG, nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('id', _BIG, nullable=False),
    sa.Column('uid', sa.String(length=60), nullable=False),
    sa.ForeignKeyConstraint(['municipality_id'], ['municipality.id'], name=op.f('fk__message_template__municipality_id__municipality')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk__message_template')),
    sa.UniqueConstraint('uid', name=op.f('uq__message_template__uid'))
    )
    op.create_index(op.f('ix__message_template__municipality_id'), 'message_template', ['municipality_id'])


def downgrade() -> None:
    op.drop_table('message_template')
    op.drop_table('attachment')
    with op.batch_alter_table('message') as batch_op:
        batch_op.drop_index(batch_op.f('ix__message__plan_id_thread_id'))
        batch_op.drop_column('thread')
