"""`clm calendar` and `clm rates`: what they print, what they load, and what they say when they cannot."""

import argparse
import json

import pytest

from clm import loading
from clm.features.legal_data import service as legal_data
from tests.conftest import ROOT
from tests.features.contracts.acts import out_for_signature
from tests.features.legal_data.conftest import NOTICE, SQL
from tests.features.legal_data.test_keeping_step import days
from tests.test_cli import clm

RATE = {"date": "2026-11-20", "rate": "0.0295", "source": "https://example.org/lpr"}


@pytest.fixture
def file(tmp_path):
    def write(content, name="notice.json"):
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path

    return write


def load(*files):
    return argparse.Namespace(does="load", files=list(files))


async def test_a_file_is_loaded_and_what_follows_is_said(operator, law, file, capsys):
    await out_for_signature(operator, **days(32))
    notice = file(NOTICE | {"year": 2027})
    again = file((ROOT / "clm/law/data/holidays/CN/2026.json").read_text(), "2026.json")
    edition = legal_data.current(law).edition
    capsys.readouterr()
    assert await loading.calendar(law, load(notice, again)) == 0
    said = [line for line in capsys.readouterr().out.splitlines() if "[info" not in line]  # the log goes elsewhere
    assert said[0] == f"CN 2027: 6 days off, 2 worked, 2026-12-27 to 2027-05-08: loaded as edition {edition + 1}"
    assert said[1].startswith("CN 2026: ")
    assert said[1].endswith("is there already, nothing changed")
    assert said[2].startswith("1 contracts of 1 tenants")
    assert await law.reads(operator.tenant).value(SQL.behind) == 0
    assert await loading.calendar(law, load(notice)) == 0
    assert "nothing changed" in capsys.readouterr().out
    assert legal_data.current(law).edition == edition + 1


async def test_the_list_names_the_years(law, capsys):
    assert await loading.calendar(law, argparse.Namespace(does="list")) == 0
    said = capsys.readouterr().out
    assert "CN    People's Republic of China: 2007-2026, Asia/Shanghai" in said
    assert "SG    Singapore: 2001-2027" in said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (NOTICE, '"year": 2027'),
        (NOTICE | {"year": 2027, "source": None}, "at /source"),
        (NOTICE | {"year": 2028}, "at /days/0/date"),
        (NOTICE | {"year": 2027, "jurisdiction": "SG"}, "at /jurisdiction"),
        (NOTICE | {"year": 2027, "jurisdiction": "XX"}, "jurisdiction; known: CN, SG, none"),
        (NOTICE | {"year": 2027, "days": [{"date": "2027-13-01"}]}, "at /days/0/date"),
        ("{", "is not JSON"),
    ],
)
async def test_a_file_that_does_not_hold_loads_nothing(law, file, content, said, capsys):
    good = file(NOTICE | {"year": 2027}, "good.json")
    assert await loading.calendar(law, load(good, file(content))) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert said in told.err
    assert "notice.json" in told.err
    assert told.err.endswith("Nothing was loaded.\n")
    assert not legal_data.current(law).calendar("CN").knows(2027)


async def test_a_missing_file_and_a_year_given_twice_are_said(law, file, tmp_path, capsys):
    assert await loading.calendar(law, load(tmp_path / "none.json")) == 1
    assert "No such file" in capsys.readouterr().err
    notice = file(NOTICE | {"year": 2027})
    assert await loading.calendar(law, load(notice, notice)) == 1
    assert "one file a year" in capsys.readouterr().err


async def test_rates_are_loaded_from_a_file(law, file, capsys):
    path = file({"series": "LPR_1Y", "publications": [RATE]}, "lpr.json")
    assert await loading.rates(law, argparse.Namespace(does="load", file=path)) == 0
    assert "added or corrected: 2026-11-20" in capsys.readouterr().out
    assert await loading.rates(law, argparse.Namespace(does="load", file=path)) == 0
    assert "all is there already" in capsys.readouterr().out
    wrong = file({"publications": [RATE | {"rate": "2.95"}]}, "wrong.json")
    assert await loading.rates(law, argparse.Namespace(does="load", file=wrong)) == 1
    assert "at /publications/0/rate" in capsys.readouterr().err


async def test_the_command_line_loads_into_the_services_database(law, law_dsn, file, tmp_path):
    given = {
        "CLM_DATABASE_URL": law_dsn,
        "CLM_DATA_DIR": str(tmp_path),
        "CLM_STORAGE_URL": f"file://{tmp_path}/objects",
    }
    done = clm("calendar", "load", str(file(NOTICE | {"year": 2027})), **given)
    assert (done.returncode, done.stdout.startswith("CN 2027: 6 days off")) == (0, True), done.stderr
    await legal_data.refresh(law)
    assert legal_data.current(law).calendar("CN").knows(2027)
    listed = clm("calendar", "list", **given)
    assert "2007-2027" in listed.stdout
    loaded = clm("rates", "load", str(file({"publications": [RATE]}, "lpr.json")), **given)
    assert (loaded.returncode, "2026-11-20" in loaded.stdout) == (0, True), loaded.stderr


@pytest.mark.parametrize(
    ("years", "told"),
    [([2026], "2026"), ([2025, 2026], "2025-2026"), ([2007, 2008, 2010, 2012, 2013], "2007-2008, 2010, 2012-2013")],
)
def test_a_year_that_is_missing_shows_in_the_list(years, told):
    assert loading._spans(years) == told
