"""A start code becomes an invitation, which may be a link in an e-mail too.

Its municipality and person are those of the hat it was made for. Back: only what was handed over
as a code is one; a link cannot be used any more.
"""

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_WHEN = sa.DateTime(timezone=True)


def _table(name: str, *columns: str) -> sa.TableClause:
    return sa.table(name, *(sa.column(one) for one in columns))


_CODE = _table('start_code', 'account_id', 'code_hash', 'issued_by_id', 'issued_at', 'expires_at', 'used_at', 'id', 'uid')
_INVITATION = _table('invitation', 'municipality_id', 'account_id', 'person_id', 'invited_by_id', 'invited_at', 'expires_at', 'code_hash', 'answered_at', 'withdrawn_at', 'id', 'uid')
_NEWEST_FIRST = ('account_id', 'code_hash', 'issued_by_id', 'issued_at', 'expires_at', 'used_at', 'uid')


def upgrade() -> None:
    op.create_table('invitation',
    sa.Column('municipality_id', _BIG, nullable=False),
    sa.Column('account_id', _BIG, nullable=False),
    sa.Column('person_id', _BIG, nullable=False),
    sa.Column('invited_by_id', _BIG, nullable=False),
    sa.Column('invited_at', _WHEN, nullable=False),
    sa.Column('expires_at', _WHEN, nullable=False),
    sa.Column('address_index', sa.String(length=64), nullable=True),
    sa.Column('code_hash', sa.String(length=200), nullable=True),
    sa.Column('answered_at', _WHEN, nullable=True),
    sa.Column('withdrawn_at', _WHEN, nullable=True),
    sa.Column('id', _BIG, nullable=False),
    sa.Column('uid', sa.String(length=60), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk__invitation__account_id__account')),
    sa.ForeignKeyConstraint(['invited_by_id'], ['person.id'], name=op.f('fk__invitation__invited_by_id__person')),
    sa.ForeignKeyConstraint(['municipality_id'], ['municipality.id'], name=op.f('fk__invitation__municipality_id__municipality')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk__invitation__person_id__person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk__invitation')),
    sa.UniqueConstraint('uid', name=op.f('uq__invitation__uid'))
    )
    for column in ('account_id', 'person_id', 'invited_by_id'):
        op.create_index(op.f(f'ix__invitation__{column}'), 'invitation', [column])
    op.create_index(op.f('ix__invitation__municipality_id_answered_at'), 'invitation', ['municipality_id', 'answered_at'])
    _carry(op.get_bind())
    op.drop_table('start_code')


def _carry(connection: sa.Connection) -> None:
    c, person = _CODE.c, _table('person', 'id', 'municipality_id')
    hat = _table('membership', 'account_id', 'person_id', 'municipality_id')
    newer = _CODE.alias()
    replaced = sa.exists().where(newer.c.account_id == c.account_id, newer.c.id > c.id)
    withdrawn = sa.case((sa.and_(replaced, c.used_at.is_(None)), c.issued_at))
    codes = (
        sa.select(hat.c.municipality_id, c.account_id, hat.c.person_id, c.issued_by_id, c.issued_at,
                  c.expires_at, c.code_hash, c.used_at, withdrawn, c.uid)
        .select_from(_CODE)
        .join(person, person.c.id == c.issued_by_id)
        .join(hat, sa.and_(hat.c.account_id == c.account_id, hat.c.municipality_id == person.c.municipality_id))
        .order_by(c.id)
    )
    names = ['municipality_id', 'account_id', 'person_id', 'invited_by_id', 'invited_at', 'expires_at',
             'code_hash', 'answered_at', 'withdrawn_at', 'uid']
    connection.execute(sa.insert(_INVITATION).from_select(names, codes))


def downgrade() -> None:
    op.create_table('start_code',
    sa.Column('account_id', _BIG, nullable=False),
    sa.Column('code_hash', sa.String(length=200), nullable=False),
    sa.Column('issued_by_id', _BIG, nullable=False),
    sa.Column('issued_at', _WHEN, nullable=False),
    sa.Column('expires_at', _WHEN, nullable=False),
    sa.Column('used_at', _WHEN, nullable=True),
    sa.Column('id', _BIG, nullable=False),
    sa.Column('uid', sa.String(length=60), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk__start_code__account_id__account')),
    sa.ForeignKeyConstraint(['issued_by_id'], ['person.id'], name=op.f('fk__start_code__issued_by_id__person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk__start_code')),
    sa.UniqueConstraint('uid', name=op.f('uq__start_code__uid'))
    )
    for column in ('account_id', 'issued_by_id'):
        op.create_index(op.f(f'ix__start_code__{column}'), 'start_code', [column])
    i = _INVITATION.c
    used = sa.func.coalesce(i.answered_at, i.withdrawn_at)  # what was taken back lets nobody in
    codes = sa.select(i.account_id, i.code_hash, i.invited_by_id, i.invited_at, i.expires_at, used, i.uid)
    op.get_bind().execute(
        sa.insert(_CODE).from_select(list(_NEWEST_FIRST), codes.where(i.code_hash.is_not(None)).order_by(i.id))
    )
    op.drop_table('invitation')
