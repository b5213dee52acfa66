"""The service refuses to run under a role that row-level security does not bind."""

from clm.kit.db import Database, sql

OLDEST_SERVER = 150000


class PowerfulRole(Exception):
    """The role could see every tenant's rows; the message says how to make one that cannot."""


async def refuse_powerful_role(database: Database) -> None:
    """Raise PowerfulRole for a superuser, a BYPASSRLS role or an owner of tables, and for a server before 15."""
    role = (await database.untenanted(sql.role))[0]
    how = "Connect as a role that is only granted clm_service: create role clm login password '...' in role clm_service"
    if role["bypasses"]:
        raise PowerfulRole(f"{role['name']} is a superuser or has BYPASSRLS. {how}")
    if role["owns_tables"]:
        raise PowerfulRole(f"{role['name']} owns the tables. {how}")
    if role["server_version"] < OLDEST_SERVER:
        raise PowerfulRole("PostgreSQL 15 or later is needed.")
