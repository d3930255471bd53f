"""What is left to a department: its leader appoints coordinators for those under an age.

Back: the coordinating unit alone appoints again; what is appointed stays.
"""

import sqlalchemy as sa
from alembic import op

revision = '0049'
down_revision = '0048'
branch_labels = None
depends_on = None

_T, _C = 'department', 'age_is_counted_in_years'
_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    with op.batch_alter_table(_T) as table:
        table.add_column(sa.Column('appoints_under', _BIG, nullable=True))
        table.create_check_constraint(op.f(f'ck__{_T}__{_C}'), 'appoints_under > 0')


def downgrade() -> None:
    with op.batch_alter_table(_T) as table:
        table.drop_constraint(op.f(f'ck__{_T}__{_C}'), type_='check')
        table.drop_column('appoints_under')
