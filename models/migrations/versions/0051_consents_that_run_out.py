"""Consents that run out are found by their last day.

Back: they are found without.
"""

from alembic import op

revision = '0051'
down_revision = '0050'
branch_labels = None
depends_on = None

_T = 'plan_register'
_COLUMNS = ['municipality_id', 'consent_until', 'id']
_NAME = 'ix__plan_register__municipality_id_consent_until_id'


def upgrade() -> None:
    op.create_index(op.f(_NAME), _T, _COLUMNS)


def downgrade() -> None:
    op.drop_index(op.f(_NAME), _T)
