"""`clm serve | worker | demo | migrate | keys | reseal | calendar | rates | doctor | schemas`."""

import argparse
import asyncio
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg
import structlog
import uvloop
from structlog.typing import Processor

from clm import worker
from clm.kit import migrations
from clm.kit.embedded import EmbeddedError
from clm.kit.migrations import MigrationError
from clm.kit.roles import PowerfulRole
from clm.kit.storage import StorageError
from clm.settings import Settings, SettingsError

FAILED = 1
EXPECTED = (SettingsError, MigrationError, PowerfulRole, EmbeddedError, StorageError, OSError, asyncpg.PostgresError)
"""What an operator can do something about: told in a line."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        settings = Settings.from_environment()
        _log_as(settings.log_level)
        run: Callable[[argparse.Namespace, Settings], int] = options.run
        return run(options, settings)
    except EXPECTED as error:
        print(f"clm: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="clm", description="Contract lifecycle management by the law that governs it."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="serve the API; without CLM_DATABASE_URL everything is embedded")
    serve.add_argument("--host", help="default: CLM_HOST or 127.0.0.1")
    serve.add_argument("--port", type=int, help="default: CLM_PORT or 8000")
    serve.set_defaults(run=_serve)
    commands.add_parser("worker", help="run the timers' loop alone").set_defaults(run=_worker)
    commands.add_parser("migrate", help="apply migrations as the owner role").set_defaults(run=_migrate)
    demo = commands.add_parser("demo", help="drive the sample contract through its life and tell the story")
    demo.add_argument("--svg", type=Path, default=Path("demo-contract.svg"), help="where the state chart is written")
    demo.set_defaults(run=_demo)
    keys = commands.add_parser("keys", help="make a tenant's API key, or revoke one")
    keys.add_argument("--new-tenant", metavar="NAME", help="make a tenant first")
    keys.add_argument("--tenant", metavar="ID", help="the tenant the key is for")
    keys.add_argument("--name", default="command line", help="what the key is for")
    keys.add_argument("--scope", action="append", help="may be repeated; default: every scope")
    keys.add_argument("--clearance", choices=("none", "confidential"), help="none: no confidential files")
    keys.add_argument("--revoke", metavar="ID", help="revoke this key of --tenant")
    keys.set_defaults(run=_keys)
    reseal = commands.add_parser("reseal", help="wrap the tenants' keys under a new CLM_MASTER_KEY")
    reseal.set_defaults(run=_reseal)
    _add_loading(commands)
    doctor = commands.add_parser("doctor", help="check settings, database, role, store and every stored file")
    doctor.add_argument("--deep", action="store_true", help="read every file and compare its hash")
    doctor.set_defaults(run=_doctor)
    schemas = commands.add_parser("schemas", help="write the generated files")
    schemas.add_argument("--check", action="store_true", help="only say which are out of date")
    schemas.set_defaults(run=_schemas)
    return parser


def _add_loading(commands: Any) -> None:
    calendar = commands.add_parser("calendar", help="load the holiday notice of a year, or list what is loaded")
    calendar.set_defaults(run=_calendar)
    does = calendar.add_subparsers(required=True, metavar="load|list", dest="does")
    load = does.add_parser("load", help="load notices; what rests on their years is computed anew")
    load.add_argument("files", nargs="+", type=Path, metavar="FILE", help="one year's notice, in JSON")
    does.add_parser("list", help="the calendars and the years they know")
    rates = commands.add_parser("rates", help="load publications of the loan prime rate")
    rates.set_defaults(run=_rates)
    file = rates.add_subparsers(required=True, metavar="load", dest="does").add_parser("load", help="load publications")
    file.add_argument("file", type=Path, metavar="FILE", help="publications, in JSON")


def _log_as(level: str) -> None:
    number = logging.getLevelNamesMapping().get(level.upper())
    if number is None:
        raise SettingsError("CLM_LOG_LEVEL must be debug, info, warning or error")
    stamps: list[Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    lines: list[Processor] = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    structlog.configure(
        processors=[*stamps, *lines],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    _log_libraries_as(number, stamps, lines)


def _log_libraries_as(number: int, stamps: list[Processor], lines: list[Processor]) -> None:
    """What libraries log comes out in the same lines: warnings and worse, for what they tell below may be secret."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *stamps],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *lines],
        )
    )
    logging.basicConfig(handlers=[handler], level=max(number, logging.WARNING), force=True)
    logging.captureWarnings(capture=True)


def _serve(options: argparse.Namespace, settings: Settings) -> int:
    from msgspec.structs import replace

    from clm import serving

    settings = replace(settings, host=options.host or settings.host, port=options.port or settings.port)
    serving.check_port(settings)
    with serving.database_server(settings) as place:
        uvloop.run(serving.serve(settings, place))
    return 0


def _worker(_options: argparse.Namespace, settings: Settings) -> int:
    return _with_database(settings, lambda database, store: _work(settings, database, store))


async def _work(settings: Settings, database: Any, store: Any) -> int:
    from clm import serving

    await serving.prove(store)
    vault = serving.vault_of(settings, store)
    mailer = serving.mailer_of(settings)
    await worker.run(database, vault, mailer, interval=settings.worker_interval, stop=serving.stop_on_signals())
    return 0


def _with_database(settings: Settings, work: Callable[[Any, Any], Any], *, migrated: bool = True) -> int:
    from clm import serving

    async def run(dsn: str) -> int:
        async with serving.opened(settings, dsn, migrated=migrated) as (database, store):
            return int(await work(database, store))

    with serving.database_server(settings) as place:
        return uvloop.run(run(place.service))


def _migrate(_options: argparse.Namespace, settings: Settings) -> int:
    from clm import serving

    if settings.owner_database_url is not None:
        return _applied(settings.owner_database_url)
    if settings.database_url is not None:
        raise SettingsError("CLM_OWNER_DATABASE_URL must name the owner role's database")
    with serving.database_server(settings) as place:
        return _applied(str(place.owner))


def _applied(owner: str) -> int:
    names = asyncio.run(migrations.migrate(owner))
    print("\n".join(f"applied {name}" for name in names) or "nothing to apply")
    return 0


def _demo(options: argparse.Namespace, settings: Settings) -> int:
    from clm import demo

    return demo.run(options.svg, settings)


def _keys(options: argparse.Namespace, settings: Settings) -> int:
    from clm import keys

    return _with_database(settings, lambda database, _store: keys.run(database, options))


def _reseal(_options: argparse.Namespace, settings: Settings) -> int:
    from clm import keys

    return _with_database(settings, lambda database, _store: keys.reseal(database, settings))


def _calendar(options: argparse.Namespace, settings: Settings) -> int:
    from clm import loading

    return _with_database(settings, lambda database, _store: loading.calendar(database, options))


def _rates(options: argparse.Namespace, settings: Settings) -> int:
    from clm import loading

    return _with_database(settings, lambda database, _store: loading.rates(database, options))


def _doctor(options: argparse.Namespace, settings: Settings) -> int:
    from clm import doctor

    def examine(database: Any, store: Any) -> Any:
        return doctor.run(database, store, deep=options.deep)

    return _with_database(settings, examine, migrated=False)


def _schemas(options: argparse.Namespace, _settings: Settings) -> int:
    from clm import schemas

    return schemas.run(check=options.check)


if __name__ == "__main__":
    sys.exit(main())
