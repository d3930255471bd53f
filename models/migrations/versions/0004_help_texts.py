"""The help of each page, in a register of the municipality (hjelpetekst).

The texts themselves come with the release (services.shipped_help), after the migration.
"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('help_text',
    sa.Column('municipality_id', _BIG, nullable=False),
    sa.Column('page', sa.String(length=80), nullable=False),
    sa.Column('nn', sa.Text(), nullable=False),
    sa.Column('nb', sa.Text(), nullable=False),
    sa.Column('en', sa.Text(), nullable=False),
    sa.Column('id', _BIG, nullable=False),
    sa.Column('uid', sa.String(length=60), nullable=False),
    sa.ForeignKeyConstraint(['municipality_id'], ['municipality.id'], name=op.f('fk__help_text__municipality_id__municipality')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk__help_text')),
    sa.UniqueConstraint('municipality_id', 'page', name=op.f('uq__help_text__municipality_id_page')),
    sa.UniqueConstraint('uid', name=op.f('uq__help_text__uid'))
    )


def downgrade() -> None:
    op.drop_table('help_text')
