"""Who must sign: mandates, a second person's confirmation, exceptions, decisions on competence,
and the municipality's consent age.

What is registered by now goes on: kinds that need a second person count as confirmed when they
were checked, by nobody, and mandates that nobody asked for count as for everything.
"""

import sqlalchemy as sa
from alembic import op

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_WHEN = sa.DateTime(timezone=True)
_MANDATE = sa.Enum('personal', 'money', 'both', name='mandate', native_enum=False, length=40)
_REASON = sa.Enum(
    'only_holder', 'daily_care', 'necessary_help', 'care_taken_over', 'danger', 'other',
    name='exceptionreason', native_enum=False, length=40,
)
_BY_MANDATE = ('guardian', 'power_of_attorney')
_BY_TWO = ('child_welfare', *_BY_MANDATE)


def _asked(name: str, *columns: sa.Column | sa.CheckConstraint, people: tuple[str, ...]) -> None:
    op.create_table(name,
    sa.Column('municipality_id', _BIG, nullable=False),
    *(sa.Column(one, _BIG, nullable=False) for one in people),
    *columns,
    sa.Column('ended_at', _WHEN, nullable=True),
    sa.Column('asked_by_id', _BIG, nullable=False),
    sa.Column('asked_at', _WHEN, nullable=False),
    sa.Column('confirmed', sa.Boolean(), nullable=True),
    sa.Column('answered_by_id', _BIG, nullable=True),
    sa.Column('answered_at', _WHEN, nullable=True),
    sa.Column('id', _BIG, nullable=False),
    sa.Column('uid', sa.String(length=60), nullable=False),
    *(
        sa.ForeignKeyConstraint([one], ['person.id'], name=op.f(f'fk__{name}__{one}__person'))
        for one in (*people, 'asked_by_id', 'answered_by_id')
    ),
    sa.ForeignKeyConstraint(['municipality_id'], ['municipality.id'], name=op.f(f'fk__{name}__municipality_id__municipality')),
    sa.PrimaryKeyConstraint('id', name=op.f(f'pk__{name}')),
    sa.UniqueConstraint('uid', name=op.f(f'uq__{name}__uid'))
    )
    for column in ('municipality_id', *people, 'asked_by_id'):
        op.create_index(op.f(f'ix__{name}__{column}'), name, [column])


def upgrade() -> None:
    with op.batch_alter_table('representation') as batch:
        batch.add_column(sa.Column('mandate', _MANDATE, nullable=True))
        batch.add_column(sa.Column('document', sa.String(length=200), nullable=True))
        batch.add_column(sa.Column('confirmed_by_id', _BIG, nullable=True))
        batch.add_column(sa.Column('confirmed_at', _WHEN, nullable=True))
        batch.create_foreign_key(op.f('fk__representation__confirmed_by_id__person'), 'person', ['confirmed_by_id'], ['id'])
    r = sa.table('representation', *map(sa.column, ('capacity', 'mandate', 'verified_at', 'confirmed_at')))
    op.execute(sa.update(r).where(r.c.capacity.in_(_BY_TWO)).values(confirmed_at=r.c.verified_at))
    verified = r.c.verified_at.is_not(None)
    op.execute(sa.update(r).where(r.c.capacity.in_(_BY_MANDATE), verified).values(mandate='both'))
    _asked('signing_exception',
    sa.Column('reason', _REASON, nullable=False),
    sa.Column('explanation', sa.LargeBinary(), nullable=False),
    sa.Column('until', sa.Date(), nullable=False),
    sa.CheckConstraint('person_id <> representative_id', name=op.f('ck__signing_exception__of_somebody_who_acts')),
    people=('person_id', 'representative_id'),
    )
    _asked('competence_decision',
    sa.Column('decided_on', sa.Date(), nullable=False),
    sa.Column('decided_by', sa.String(length=100), nullable=False),
    sa.Column('document', sa.String(length=200), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('until', sa.Date(), nullable=True),
    sa.CheckConstraint('until IS NULL OR until >= starts_on', name=op.f('ck__competence_decision__ends_after_start')),
    people=('person_id',),
    )
    op.add_column('municipality', sa.Column('consent_age', _BIG, server_default='16', nullable=False))
    op.add_column('municipality', sa.Column('grace_days', _BIG, server_default='60', nullable=False))


def downgrade() -> None:
    for column in ('grace_days', 'consent_age'):
        op.drop_column('municipality', column)
    for name in ('competence_decision', 'signing_exception'):
        op.drop_table(name)
    with op.batch_alter_table('representation') as batch:
        batch.drop_constraint(op.f('fk__representation__confirmed_by_id__person'), type_='foreignkey')
        for column in ('confirmed_at', 'confirmed_by_id', 'document', 'mandate'):
            batch.drop_column(column)
