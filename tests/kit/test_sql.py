from importlib import resources
from pathlib import Path

import pytest

import clm
from clm.kit import sql as sql_files
from clm.kit.sql import Statements

PACKAGE = Path(clm.__file__).parent
FILES = sorted(PACKAGE.rglob("queries.sql"))
# What runs as the owner, at migration time.
OWNERS_OWN = {
    "clm.kit": {"migrations_table", "lock_migrations", "unlock_migrations", "record_migration", "migration_limits"}
}


def statements():
    for file in FILES:
        package = ".".join(("clm", *file.parent.relative_to(PACKAGE).parts))
        for name, text in sql_files.load(package).named_statements():
            if name in OWNERS_OWN.get(package, ()):
                continue
            yield pytest.param(package, name, text, id=f"{package}:{name}")


@pytest.mark.parametrize(("package", "name", "text"), list(statements()))
async def test_every_statement_is_prepared_by_the_role_that_runs_it(database, tenant, package, name, text):
    async with database.connection(tenant) as connection:
        prepared = await connection.prepare(text)
        assert prepared.get_query() == text


def test_statements_are_named_once_and_frozen():
    found = Statements("x.sql", "-- name: one\n-- why\nselect 1;\n\n-- name: two\nselect '--not a comment';\n")
    assert found.named_statements() == [("one", "select 1"), ("two", "select '--not a comment'")]
    with pytest.raises(AttributeError, match="no statement three"):
        _ = found.three
    with pytest.raises(AttributeError, match="frozen"):
        found.one = "drop table party"
    with pytest.raises(ValueError, match="twice"):
        Statements("x.sql", "-- name: one\nselect 1;\n-- name: one\nselect 2;")


def test_a_missing_file_is_told_at_import():
    with pytest.raises(FileNotFoundError):
        sql_files.load("clm.law")


def test_no_statement_hides_in_python():
    words = ("select ", "insert into ", "update ", "delete from ")
    for file in PACKAGE.rglob("*.py"):
        for line in file.read_text(encoding="utf-8").splitlines():
            text = line.strip().lower().lstrip("frb").lstrip("\"'")
            assert not (text.startswith(words) and (" from " in text or " set " in text or " values" in text)), file


def test_every_room_with_statements_ships_them():
    assert {"kit", "accounts", "parties", "contract_types"} <= {file.parent.name for file in FILES}
    assert resources.files("clm.kit").joinpath("queries.sql").is_file()
