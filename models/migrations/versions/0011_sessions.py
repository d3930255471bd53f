"""On what kind of device somebody has signed in, in words of ours."""

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('login_session', sa.Column('device', sa.String(length=60), nullable=True))


def downgrade() -> None:
    op.drop_column('login_session', 'device')
