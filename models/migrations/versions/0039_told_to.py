"""Who wrote down an answer to a meeting that somebody gave on the telephone or face to face.

Back: the answer is kept, and not who wrote it down.
"""

import sqlalchemy as sa
from alembic import op

revision = '0039'
down_revision = '0038'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_FK = 'fk__invitee__told_to_id__person'


def upgrade() -> None:
    with op.batch_alter_table('invitee') as batch_op:
        batch_op.add_column(sa.Column('told_to_id', _BIG, nullable=True))
        batch_op.create_foreign_key(batch_op.f(_FK), 'person', ['told_to_id'], ['id'])


def downgrade() -> None:
    with op.batch_alter_table('invitee') as batch_op:
        batch_op.drop_constraint(batch_op.f(_FK), type_='foreignkey')
        batch_op.drop_column('told_to_id')
