"""A municipality's own words in any number of languages (ord på fleire språk).

Three columns, one for each language, become one that holds a text for each language there is;
so a further language needs no migration. Back: a word that lacks bokmål or English gets the
first text it has.
"""

import json

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

_TABLES = ('service_type', 'life_area_name', 'plan_type_name', 'evaluation_question', 'help_text')
_LANGUAGES = ('nn', 'nb', 'en')


def _table(name: str) -> sa.Table:
    columns = [sa.Column(one, sa.Text()) for one in (*_LANGUAGES, 'words')]
    return sa.Table(name, sa.MetaData(), sa.Column('id', sa.Integer(), primary_key=True), *columns)


def _kind(table: str) -> sa.types.TypeEngine[str]:
    return sa.Text() if table == 'help_text' else sa.String(length=200)


def _gather(table: sa.Table) -> None:
    connection = op.get_bind()
    three = [table.c[one] for one in _LANGUAGES]
    for key, *texts in connection.execute(sa.select(table.c.id, *three)).all():
        words = dict(zip(_LANGUAGES, texts, strict=True))
        kept = json.dumps(words, ensure_ascii=False, sort_keys=True)
        connection.execute(sa.update(table).where(table.c.id == key).values(words=kept))


def _spread(table: sa.Table) -> None:
    connection = op.get_bind()
    for key, kept in connection.execute(sa.select(table.c.id, table.c.words)).all():
        words = json.loads(kept)
        first = next(iter(words.values()))
        three = {one: words.get(one, first) for one in _LANGUAGES}
        connection.execute(sa.update(table).where(table.c.id == key).values(**three))


def upgrade() -> None:
    for name in _TABLES:
        op.add_column(name, sa.Column('words', sa.Text(), nullable=True))
        _gather(_table(name))
        with op.batch_alter_table(name) as batch:
            if name == 'service_type':
                batch.drop_constraint('uq__service_type__municipality_id_nn', type_='unique')
                batch.create_unique_constraint(op.f('uq__service_type__municipality_id_words'), ['municipality_id', 'words'])
            batch.alter_column('words', existing_type=sa.Text(), nullable=False)
            for one in _LANGUAGES:
                batch.drop_column(one)


def downgrade() -> None:
    for name in reversed(_TABLES):
        for one in _LANGUAGES:
            op.add_column(name, sa.Column(one, _kind(name), nullable=True))
        _spread(_table(name))
        with op.batch_alter_table(name) as batch:
            if name == 'service_type':
                batch.drop_constraint(op.f('uq__service_type__municipality_id_words'), type_='unique')
                batch.create_unique_constraint(op.f('uq__service_type__municipality_id_nn'), ['municipality_id', 'nn'])
            for one in _LANGUAGES:
                batch.alter_column(one, existing_type=_kind(name), nullable=False)
            batch.drop_column('words')
