"""Notices and rates are read, loaded and refused over HTTP."""

import asyncio
import json

import pytest

from clm.features.legal_data import service as legal_data
from clm.law.calendars import china
from clm.law.rates import lpr
from tests.conftest import ROOT
from tests.features.contracts.acts import ok, problem
from tests.features.legal_data.conftest import NOTICE, SOURCE, SQL

DAY = {"date": "2027-01-01", "kind": "rest", "name": "元旦"}
ROLLS = {"event": "2026-12-31", "period": {"length": 1, "unit": "day"}, "roll": "forward"}


async def deadline(client):
    return await ok(await client.post("/v1/calculations/deadline", json=ROLLS))


async def test_the_packages_notices_and_rates_are_in_the_database(law, operator):
    rows = await law.reads(operator.tenant).all(SQL.databases_rows)
    stored = {(row["year"], row["date"], row["kind"] == "rest", row["name"], row["source"]) for row in rows}
    assert stored == {(day.year, day.date, day.is_rest, day.name, day.source) for day in china().days}
    assert legal_data.current(law).calendar("CN") == china()
    assert legal_data.current(law).rates == lpr()


async def test_the_calendars_say_which_years_they_know_and_whence(operator):
    found = await ok(await operator.get("/v1/calendars"))
    by_key = {one["jurisdiction"]: one for one in found["items"]}
    assert [one["jurisdiction"] for one in found["items"] if one["loadable"]] == ["CN"]
    assert [one["year"] for one in by_key["CN"]["years"]] == list(range(2007, 2027))
    assert all(one["source"].startswith("http") for one in by_key["CN"]["years"])
    assert [one["year"] for one in by_key["SG"]["years"]] == list(range(2001, 2028))
    assert [one["year"] for one in by_key["none"]["years"]] == list(range(1990, 2101))
    assert (by_key["SG"]["time_zone"], by_key["CN"]["time_zone"]) == ("Asia/Singapore", "Asia/Shanghai")


async def test_a_year_is_loaded_and_counts_at_once(operator):
    assert (await deadline(operator))["status"] == "provisional"
    answer = await operator.put("/v1/calendars/CN/2027", json=NOTICE)
    loaded = await ok(answer)
    assert (loaded["changed"], loaded["year"], loaded["source"]) == (True, 2027, SOURCE)
    assert loaded["days"][0] == {"date": "2026-12-27", "kind": "makeup", "name": "元旦"}
    counted = await deadline(operator)
    assert (counted["status"], counted["last_day"]) == ("final", "2027-01-04")
    assert SOURCE in counted["basis"]["steps"][1]["text"]
    read = await operator.get("/v1/calendars/CN/2027")
    assert read.json() | {"changed": True} == loaded
    assert read.headers["etag"] == answer.headers["etag"]


async def test_the_same_notice_again_changes_nothing(operator):
    first = await ok(await operator.put("/v1/calendars/CN/2027", json=NOTICE))
    again = await ok(await operator.put("/v1/calendars/CN/2027", json=NOTICE | {"days": NOTICE["days"][::-1]}))
    assert again == first | {"changed": False}
    other = await ok(await operator.put("/v1/calendars/CN/2027", json=NOTICE | {"source": "https://example.org/2"}))
    assert (other["changed"], other["edition"]) == (True, first["edition"] + 1)


async def test_the_same_notice_from_twenty_at_once_is_loaded_once(operator):
    before = (await ok(await operator.get("/v1/calendars")))["edition"]
    answers = await asyncio.gather(*(operator.put("/v1/calendars/CN/2027", json=NOTICE) for _ in range(20)))
    bodies = [await ok(answer) for answer in answers]
    assert sorted(body["changed"] for body in bodies) == [False] * 19 + [True]
    assert {body["edition"] for body in bodies} == {before + 1}
    assert (await ok(await operator.get("/v1/calendars")))["edition"] == before + 1


async def test_different_years_from_twenty_at_once_are_all_there(operator):
    def notice(year):
        return {"source": f"https://example.org/{year}", "days": [DAY | {"date": f"{year}-01-01"}]}

    years = range(2030, 2050)
    answers = await asyncio.gather(*(operator.put(f"/v1/calendars/CN/{year}", json=notice(year)) for year in years))
    editions = [(await ok(answer))["edition"] for answer in answers]
    assert len(set(editions)) == len(years)
    known = [one["year"] for one in (await ok(await operator.get("/v1/calendars")))["items"][0]["years"]]
    assert set(years) < set(known)
    counted = await operator.post("/v1/calculations/deadline", json=ROLLS | {"event": "2040-03-01"})
    assert (await ok(counted))["status"] == "final"


async def test_a_file_of_holiday_cn_is_taken_as_it_is(operator):
    file = json.loads((ROOT / "clm/law/data/holidays/CN/2020.json").read_text())
    assert (await ok(await operator.put("/v1/calendars/CN/2020", json=file)))["changed"] is False
    file["days"][0]["isOffDay"] = False
    assert (await ok(await operator.put("/v1/calendars/CN/2020", json=file)))["changed"] is True


@pytest.mark.parametrize(
    ("where", "wrong", "status", "pointer"),
    [
        ("CN/2027", {"source": None}, 422, "/source"),
        ("CN/2027", {"source": " "}, 400, "/source"),
        ("CN/2027", {"days": []}, 400, "/days"),
        ("CN/2027", {"days": [DAY, DAY]}, 422, "/days/1/date"),
        ("CN/2027", {"days": [DAY | {"date": "2026-12-24"}]}, 422, "/days/0/date"),
        ("CN/2027", {"days": [DAY | {"date": "2028-01-11"}]}, 422, "/days/0/date"),
        ("CN/2027", {"days": [DAY | {"kind": "makeup"}]}, 422, "/days/0/kind"),
        ("CN/2027", {"days": [DAY | {"isOffDay": True}]}, 422, "/days/0/kind"),
        ("CN/2027", {"days": [{"date": "2027-01-01", "name": "元旦"}]}, 422, "/days/0/kind"),
        ("CN/2027", {"days": [DAY | {"kind": "holiday"}]}, 400, "/days/0/kind"),
        ("CN/2027", {"days": [DAY | {"date": "2027-02-30"}]}, 400, "/days/0/date"),
        ("CN/2027", {"days": [DAY | {"name": "a\u0000b"}]}, 400, "/days/0/name"),
        ("CN/2027", {"days": [DAY | {"colour": "red"}]}, 400, "/days/0/colour"),
        ("CN/2027", {"year": 2028}, 422, "/year"),
        ("CN/2027", {"jurisdiction": "SG"}, 422, "/jurisdiction"),
        ("SG/2027", {}, 422, "/jurisdiction"),
        ("none/2027", {}, 422, "/jurisdiction"),
        ("CN/1989", {"days": [DAY | {"date": "1989-01-01"}]}, 422, "/year"),
        ("CN/2101", {"days": [DAY | {"date": "2101-01-01"}]}, 422, "/year"),
        ("CN/99999999999999999999", {}, 422, "/year"),
    ],
)
async def test_what_is_no_notice_is_refused_at_its_place(operator, where, wrong, status, pointer):
    before = (await ok(await operator.get("/v1/calendars")))["edition"]
    answer = await operator.put(f"/v1/calendars/{where}", json=NOTICE | wrong)
    assert answer.status_code == status, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert (await ok(await operator.get("/v1/calendars")))["edition"] == before


@pytest.mark.parametrize("where", ["XX/2026", "CN/2027", "SG/2028", "CN/-1"])
async def test_an_unknown_calendar_is_not_found(operator, where):
    await problem(await operator.get(f"/v1/calendars/{where}"), 404, "not-found")


async def test_loading_takes_the_operators_scope_and_reading_any_calculators(operator, client_with, client):
    for answer in (
        await client.put("/v1/calendars/CN/2027", json=NOTICE),
        await client.put("/v1/rates/lpr", json={"publications": []}),
    ):
        assert (await problem(answer, 403, "forbidden"))["detail"].endswith("installation:write.")
    async with client_with("calculations:read") as reader:
        assert (await reader.get("/v1/calendars/CN/2026")).status_code == 200
        assert (await reader.get("/v1/rates/lpr")).status_code == 200
    async with client_with("contracts:read") as other:
        assert (await other.get("/v1/calendars")).status_code == 403


async def test_rates_are_added_and_corrected(operator):
    before = await ok(await operator.get("/v1/rates/lpr"))
    assert before["items"][0] == {"date": "2019-08-20", "rate": "0.0425", "source": before["items"][0]["source"]}
    new = {"date": "2026-11-20", "rate": "0.0295", "source": "https://example.org/lpr"}
    loaded = await ok(await operator.put("/v1/rates/lpr", json={"publications": [new]}))
    assert loaded["changed"] == ["2026-11-20"]
    assert (loaded["items"], loaded["edition"]) == ([*before["items"], new], before["edition"] + 1)
    assert loaded["known_until"] == "2026-12-20"
    again = await ok(await operator.put("/v1/rates/lpr", json=[new]))
    assert again == loaded | {"changed": []}
    right = {"publications": [{"date": "2026-11-20", "rate": "0.0290"}], "source": "https://example.org/corrected"}
    assert (await ok(await operator.put("/v1/rates/lpr", json=right)))["items"][-1]["rate"] == "0.0290"


@pytest.mark.parametrize(
    ("wrong", "status", "pointer"),
    [
        ({"rate": "3.00"}, 422, "/publications/0/rate"),
        ({"rate": "0"}, 422, "/publications/0/rate"),
        ({"rate": "-0.03"}, 422, "/publications/0/rate"),
        ({"rate": "NaN"}, 422, "/publications/0/rate"),
        ({"rate": "Infinity"}, 422, "/publications/0/rate"),
        ({"rate": "1e400"}, 422, "/publications/0/rate"),
        ({"rate": "1e-400"}, 422, "/publications/0/rate"),
        ({"rate": "three"}, 400, "/publications/0/rate"),
        ({"date": "2062-01-20"}, 422, "/publications/0/date"),
        ({"date": "1989-12-31"}, 422, "/publications/0/date"),
        ({"source": None}, 422, "/publications/0/source"),
        ({"series": "x"}, 400, "/publications/0/series"),
    ],
)
async def test_what_is_no_publication_is_refused_at_its_place(operator, wrong, status, pointer):
    one = {"date": "2026-11-20", "rate": "0.0295", "source": "https://example.org/lpr"} | wrong
    answer = await operator.put("/v1/rates/lpr", json={"publications": [one]})
    assert answer.status_code == status, answer.text
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_rates_do_not_put_contracts_behind(operator, law):
    rate = {"date": "2026-11-20", "rate": "0.0295", "source": "https://example.org/lpr"}
    assert (await operator.post("/v1/parties", json={"legal_name": "x", "kind": "legal_person"})).status_code == 201
    draft = {"type": "generic", "number": "1", "title": "x", "terms": {"term": {"end": "2027-01-31"}}}
    await ok(await operator.post("/v1/contracts", json=draft), 201)
    await ok(await operator.put("/v1/rates/lpr", json=[rate]))
    assert await law.reads(operator.tenant).value(SQL.behind) == 0


async def test_another_process_learns_of_it(operator, elsewhere):
    await ok(await operator.put("/v1/calendars/CN/2027", json=NOTICE))
    assert not legal_data.current(elsewhere).calendar("CN").knows(2027)
    await legal_data.refresh(elsewhere)
    assert legal_data.current(elsewhere).calendar("CN").knows(2027)
    assert await legal_data.refresh(elsewhere) is legal_data.current(elsewhere)


async def test_a_start_leaves_what_the_operator_loaded(operator, law, elsewhere):
    corrected = {"source": "https://example.org/2026", "days": [DAY | {"date": "2026-01-01"}]}
    loaded = await ok(await operator.put("/v1/calendars/CN/2026", json=corrected))
    await legal_data.begin(elsewhere)
    assert legal_data.current(elsewhere).edition == loaded["edition"]
    assert legal_data.current(elsewhere).calendar("CN").sources[2026] == "https://example.org/2026"


async def test_a_rate_that_is_loaded_settles_the_interest_that_waited_for_it(operator):
    amount = {"amount": "365000.00", "currency": "CNY"}
    asked = {"principal": amount, "due": "2026-07-31", "paid": "2026-11-30", "day_basis": 365}
    asked["rate"] = {"lpr": {"multiplier": "1", "method": "floating"}}

    async def interest():
        return await ok(await operator.post("/v1/calculations/late-interest", json=asked))

    assert (await interest())["status"] == "provisional"
    source = "https://example.org/lpr"
    rates = [{"date": f"2026-{month:02}-20", "rate": "0.0300", "source": source} for month in (7, 8, 9, 10)]
    rates.append({"date": "2026-11-20", "rate": "0.0200", "source": source})
    await ok(await operator.put("/v1/rates/lpr", json=rates))
    settled = await interest()
    assert (settled["status"], settled["days"]) == ("final", 122)
    assert settled["interest"] == {"amount": "3550.00", "currency": "CNY"}


async def test_corrections_of_one_rate_by_twenty_at_once_take_turns(operator):
    def rates(number):
        return {"publications": [{"date": "2026-07-20", "rate": "0.0300", "source": f"source {number}"}]}

    answers = await asyncio.gather(*(operator.put("/v1/rates/lpr", json=rates(number)) for number in range(20)))
    assert {one.status_code for one in answers} == {200}
