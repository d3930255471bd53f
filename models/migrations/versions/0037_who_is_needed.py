"""Without whom a point of an agenda is of no use, and who need not come to a meeting.

Back: the points forget it, and who need not come was never among those called: nobody reads more.
"""

import sqlalchemy as sa
from alembic import op

revision = '0037'
down_revision = '0036'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_ITS_PERSON = 'fk__agenda_item__plan_id_needed_id__participant'


def upgrade() -> None:
    with op.batch_alter_table('agenda_item') as batch_op:
        batch_op.add_column(sa.Column('needed_id', _BIG, nullable=True))
        batch_op.create_foreign_key(batch_op.f(_ITS_PERSON), 'participant', ['plan_id', 'needed_id'], ['plan_id', 'person_id'])
        batch_op.create_index(batch_op.f('ix__agenda_item__needed_id'), ['needed_id'])


def downgrade() -> None:
    invitee = sa.table('invitee', sa.column('answer', sa.String()))
    op.execute(invitee.delete().where(invitee.c.answer == 'not_needed'))
    with op.batch_alter_table('agenda_item') as batch_op:
        batch_op.drop_index(batch_op.f('ix__agenda_item__needed_id'))
        batch_op.drop_constraint(batch_op.f(_ITS_PERSON), type_='foreignkey')
        batch_op.drop_column('needed_id')
