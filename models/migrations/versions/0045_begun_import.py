"""Files on their way into a register.

Back: they are gone, and are sent again.
"""

import sqlalchemy as sa
from alembic import op

revision = '0045'
down_revision = '0044'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table(
        'begun_import',
        sa.Column('id', _BIG, nullable=False),
        sa.Column('uid', sa.String(60), nullable=False),
        sa.Column('account_id', _BIG, nullable=False),
        sa.Column('municipality_id', _BIG, nullable=False),
        sa.Column('register', sa.String(40), nullable=False),
        sa.Column('content', sa.LargeBinary(), nullable=True),
        sa.Column('brought_in', _BIG, nullable=True),
        sa.Column('kept_at', sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ['account_id'], ['account.id'],
            name=op.f('fk__begun_import__account_id__account'), ondelete='CASCADE',
        ),
        sa.ForeignKeyConstraint(
            ['municipality_id'], ['municipality.id'],
            name=op.f('fk__begun_import__municipality_id__municipality'),
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk__begun_import')),
        sa.UniqueConstraint('uid', name=op.f('uq__begun_import__uid')),
        sa.UniqueConstraint(
            'account_id', 'municipality_id', 'register',
            name=op.f('uq__begun_import__account_id_municipality_id_register'),
        ),
    )
    op.create_index(op.f('ix__begun_import__kept_at'), 'begun_import', ['kept_at'])


def downgrade() -> None:
    op.drop_table('begun_import')
