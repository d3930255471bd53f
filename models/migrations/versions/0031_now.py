"""Who changed a row last, and when one was last in a plan: for what is new since then.

Back: both are gone.
"""

import sqlalchemy as sa
from alembic import op

revision = '0031'
down_revision = '0030'
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
_WHEN = sa.DateTime(timezone=True)
_INDEX = sa.table(
    'element_index', sa.column('plan_id', _BIG), sa.column('key', sa.String()),
    sa.column('row_id', _BIG), sa.column('author_id', _BIG), sa.column('changed_by_id', _BIG),
)
_VERSION = sa.table(
    'element_version', sa.column('plan_id', _BIG), sa.column('key', sa.String()),
    sa.column('row_id', _BIG), sa.column('version', _BIG), sa.column('changed_by_id', _BIG),
)


def upgrade() -> None:
    op.add_column('element_index', sa.Column('changed_by_id', _BIG, nullable=True))
    v, i = _VERSION.c, _INDEX.c
    same = (v.plan_id == i.plan_id, v.key == i.key, v.row_id == i.row_id)
    last = sa.select(v.changed_by_id).where(*same).order_by(v.version.desc()).limit(1)
    who = sa.func.coalesce(last.scalar_subquery(), i.author_id)
    op.execute(_INDEX.update().values(changed_by_id=who))
    with op.batch_alter_table('element_index') as batch_op:
        batch_op.alter_column('changed_by_id', existing_type=_BIG, nullable=False)
        batch_op.create_foreign_key(batch_op.f('fk__element_index__changed_by_id__person'), 'person', ['changed_by_id'], ['id'])
    op.create_table('plan_visit',
    sa.Column('account_id', _BIG, nullable=False),
    sa.Column('plan_id', _BIG, nullable=False),
    sa.Column('seen_at', _WHEN, nullable=False),
    sa.Column('before_at', _WHEN, nullable=True),
    sa.Column('id', _BIG, nullable=False),
    sa.Column('uid', sa.String(length=60), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk__plan_visit__account_id__account')),
    sa.ForeignKeyConstraint(['plan_id'], ['plan.id'], name=op.f('fk__plan_visit__plan_id__plan')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk__plan_visit')),
    sa.UniqueConstraint('account_id', 'plan_id', name=op.f('uq__plan_visit__account_id_plan_id')),
    sa.UniqueConstraint('uid', name=op.f('uq__plan_visit__uid'))
    )
    op.create_index(op.f('ix__plan_visit__plan_id'), 'plan_visit', ['plan_id'])


def downgrade() -> None:
    op.drop_table('plan_visit')
    with op.batch_alter_table('element_index') as batch_op:
        batch_op.drop_constraint(batch_op.f('fk__element_index__changed_by_id__person'), type_='foreignkey')
        batch_op.drop_column('changed_by_id')
