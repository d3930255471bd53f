"""Electronic IDs that open accounts, and what a login knows of where it was made."""

import sqlalchemy as sa
from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_WHEN = sa.DateTime(timezone=True)
_OF_THE_LOGIN = {
    'provider': sa.String(length=40),
    'provider_sid': sa.String(length=255),
    'acr': sa.String(length=100),
    'confirmed_at': sa.DateTime(timezone=True),
    'sealed': sa.LargeBinary(),
}


def upgrade() -> None:
    op.create_table('linked_identity',
    sa.Column('account_id', _BIG, nullable=False),
    sa.Column('issuer', sa.String(length=200), nullable=False),
    sa.Column('subject', sa.String(length=600), nullable=False),
    sa.Column('identity_index', sa.String(length=64), nullable=True),
    sa.Column('linked_at', _WHEN, nullable=False),
    sa.Column('id', _BIG, nullable=False),
    sa.Column('uid', sa.String(length=60), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk__linked_identity__account_id__account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk__linked_identity')),
    sa.UniqueConstraint('issuer', 'subject', 'account_id', name=op.f('uq__linked_identity__issuer_subject_account_id')),
    sa.UniqueConstraint('uid', name=op.f('uq__linked_identity__uid'))
    )
    for column in ('account_id', 'identity_index'):
        op.create_index(op.f(f'ix__linked_identity__{column}'), 'linked_identity', [column])
    for name, kind in _OF_THE_LOGIN.items():
        op.add_column('login_session', sa.Column(name, kind, nullable=True))
    op.create_index(op.f('ix__login_session__provider_provider_sid'), 'login_session', ['provider', 'provider_sid'])
    op.add_column('account', sa.Column('has_eid', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column('municipality', sa.Column('accepts_substantial', sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column('municipality', 'accepts_substantial')
    op.drop_column('account', 'has_eid')
    op.drop_index(op.f('ix__login_session__provider_provider_sid'), 'login_session')
    for name in _OF_THE_LOGIN:
        op.drop_column('login_session', name)
    op.drop_table('linked_identity')
