"""When a letter to somebody's e-mail address came back: it is not trusted until it is changed."""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('person', sa.Column('mail_returned_at', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column('person', 'mail_returned_at')
