"""The second factor of a sign-in with a password, and what a password opens."""

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_WHEN = sa.DateTime(timezone=True)
_CHANNEL = sa.Enum('mail', 'sms', 'letter', 'call', name='channel', native_enum=False, length=40)


def _row(name: str, *columns: sa.Column) -> None:
    op.create_table(name,
    sa.Column('account_id', _BIG, nullable=False),
    *columns,
    sa.Column('id', _BIG, nullable=False),
    sa.Column('uid', sa.String(length=60), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f(f'fk__{name}__account_id__account')),
    sa.PrimaryKeyConstraint('id', name=op.f(f'pk__{name}')),
    sa.UniqueConstraint('uid', name=op.f(f'uq__{name}__uid'))
    )


def upgrade() -> None:
    _row('sign_in_code',
    sa.Column('channel', _CHANNEL, nullable=True),
    sa.Column('address_index', sa.String(length=64), nullable=True),
    sa.Column('tries', _BIG, nullable=False),
    sa.Column('made_at', _WHEN, nullable=False),
    sa.Column('expires_at', _WHEN, nullable=False),
    sa.Column('used_at', _WHEN, nullable=True)
    )
    op.create_index(op.f('ix__sign_in_code__account_id_id'), 'sign_in_code', ['account_id', 'id'])
    op.create_index(op.f('ix__sign_in_code__made_at'), 'sign_in_code', ['made_at'])
    _row('authenticator',
    sa.Column('secret', sa.LargeBinary(), nullable=False),
    sa.Column('made_at', _WHEN, nullable=False),
    sa.Column('confirmed_at', _WHEN, nullable=True),
    sa.Column('last_step', _BIG, nullable=False),
    sa.UniqueConstraint('account_id', name=op.f('uq__authenticator__account_id'))
    )
    _row('recovery_code',
    sa.Column('code_index', sa.String(length=64), nullable=False),
    sa.Column('used_at', _WHEN, nullable=True),
    sa.UniqueConstraint('code_index', name=op.f('uq__recovery_code__code_index'))
    )
    op.create_index(op.f('ix__recovery_code__account_id'), 'recovery_code', ['account_id'])
    op.add_column('municipality', sa.Column('adults_by_password', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('municipality', sa.Column('parts_by_password', sa.Integer(), server_default='189', nullable=False))


def downgrade() -> None:
    for column in ('parts_by_password', 'adults_by_password'):
        op.drop_column('municipality', column)
    for name in ('recovery_code', 'authenticator', 'sign_in_code'):
        op.drop_table(name)
