"""Drafts of forms, each its writer's alone."""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('draft',
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('scope', sa.Enum('presentation', 'background', 'goals', 'messages', 'meetings', 'calendar', 'documents', 'evaluation', 'contacts', name='scope', native_enum=False, length=40), nullable=False),
    sa.Column('address', sa.String(length=200), nullable=False),
    sa.Column('fields', sa.LargeBinary(), nullable=False),
    sa.Column('saved_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('plan_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('uid', sa.String(length=60), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk__draft__person_id__person')),
    sa.ForeignKeyConstraint(['plan_id'], ['plan.id'], name=op.f('fk__draft__plan_id__plan'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk__draft')),
    sa.UniqueConstraint('plan_id', 'id', name=op.f('uq__draft__plan_id_id')),
    sa.UniqueConstraint('plan_id', 'person_id', 'address', name=op.f('uq__draft__plan_id_person_id_address')),
    sa.UniqueConstraint('uid', name=op.f('uq__draft__uid'))
    )
    with op.batch_alter_table('draft', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix__draft__person_id'), ['person_id'], unique=False)
        batch_op.create_index(batch_op.f('ix__draft__saved_at'), ['saved_at'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('draft', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix__draft__saved_at'))
        batch_op.drop_index(batch_op.f('ix__draft__person_id'))

    op.drop_table('draft')
