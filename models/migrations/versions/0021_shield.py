"""A row is kept from one who acts for the owner and not from the others, and the log keeps what
was written to the coordinator only to its writer. Which parts parents read of a youth's plan.

Back: what was shielded from one is hidden from all who act for the owner. Lines of the log that
carried the new marks lose them, and `verify` says so from the first of them on.
"""

import sqlalchemy as sa
from alembic import op

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_ELEMENTS = (
    'activity', 'comment', 'evaluation', 'evaluation_answer', 'goal', 'goal_outcome', 'meeting',
    'message', 'minutes',
)
_MARKED = (*_ELEMENTS, 'element_index', 'element_version')


def upgrade() -> None:
    for table in _MARKED:
        with op.batch_alter_table(table) as batch_op:
            batch_op.add_column(sa.Column('shielded_from_id', _BIG, nullable=True))
            batch_op.create_foreign_key(batch_op.f(f'fk__{table}__shielded_from_id__person'), 'person', ['shielded_from_id'], ['id'])
    op.add_column('municipality', sa.Column('parts_until_18', sa.Integer(), server_default='503', nullable=False))
    for column in ('shielded_from_id', 'kept_by_id'):
        op.add_column('access_event', sa.Column(column, _BIG, nullable=True))


def downgrade() -> None:
    op.drop_column('municipality', 'parts_until_18')
    for column in ('kept_by_id', 'shielded_from_id'):
        op.drop_column('access_event', column)
    for table in _MARKED:
        marked = sa.table(table, sa.column('shielded_from_id'), sa.column('hidden_from_guardians', sa.Boolean()))
        op.execute(marked.update().where(marked.c.shielded_from_id.is_not(None)).values(hidden_from_guardians=True))
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_constraint(batch_op.f(f'fk__{table}__shielded_from_id__person'), type_='foreignkey')
            batch_op.drop_column('shielded_from_id')
