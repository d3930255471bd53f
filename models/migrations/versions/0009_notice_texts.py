"""What notices say, in a register of the municipality, and the day one must answer by.

The texts themselves come with the release (services.notice_texts), after the migration.
"""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table('notice_text',
    sa.Column('municipality_id', _BIG, nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('id', _BIG, nullable=False),
    sa.Column('uid', sa.String(length=60), nullable=False),
    sa.ForeignKeyConstraint(['municipality_id'], ['municipality.id'], name=op.f('fk__notice_text__municipality_id__municipality')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk__notice_text')),
    sa.UniqueConstraint('municipality_id', 'kind', name=op.f('uq__notice_text__municipality_id_kind')),
    sa.UniqueConstraint('uid', name=op.f('uq__notice_text__uid'))
    )
    op.add_column('outbox_message', sa.Column('deadline', sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('outbox_message') as batch:
        batch.drop_column('deadline')
    op.drop_table('notice_text')
