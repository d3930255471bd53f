"""How it looks: each person's theme, easy reading, and a municipality's logo and colours."""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    theme = sa.Enum(
        'auto', 'light', 'dark', 'contrast', name='theme', native_enum=False, length=40
    )
    with op.batch_alter_table('account', schema=None) as batch_op:
        batch_op.add_column(sa.Column('theme', theme, nullable=True))
        easy = sa.Column('easy_read', sa.Boolean(), server_default=sa.false(), nullable=False)
        batch_op.add_column(easy)
    with op.batch_alter_table('municipality', schema=None) as batch_op:
        batch_op.add_column(sa.Column('accent', sa.String(length=7), nullable=True))
        batch_op.add_column(sa.Column('brand', sa.String(length=7), nullable=True))
        batch_op.add_column(sa.Column('logo', sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column('logo_print', sa.String(length=12), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('municipality', schema=None) as batch_op:
        for name in ('logo_print', 'logo', 'brand', 'accent'):
            batch_op.drop_column(name)
    with op.batch_alter_table('account', schema=None) as batch_op:
        batch_op.drop_column('easy_read')
        batch_op.drop_column('theme')
