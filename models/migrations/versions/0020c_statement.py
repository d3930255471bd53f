"""A signature keeps the exact text that was on the page."""

import sqlalchemy as sa
from alembic import op

revision = '0020c'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('signature', sa.Column('statement', sa.Text(), server_default='', nullable=False))


def downgrade() -> None:
    op.drop_column('signature', 'statement')
