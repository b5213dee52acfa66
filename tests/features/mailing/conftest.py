import pytest

from clm.app import create_app
from clm.features.mailing import service as mailing
from clm.kit.mail import Mailer
from tests.conftest import START, caller, new_tenancy
from tests.features.notices.driving import Driven, terms
from tests.postoffice import office

B_MAIL = "legal@b.example.cn"


class Desk:
    """A contract in force whose service sends mail, its mail server, and the worker's hand."""

    def __init__(self, contract, database, vault, tenant, post, mailer):
        self.contract = contract
        self.database, self.vault, self.tenant = database, vault, tenant
        self.post, self.mailer = post, mailer

    async def work(self):
        """What the worker's loop does once; how many messages it had in hand."""
        sent = 0
        while await mailing.send_one(self.database, self.mailer, self.tenant):
            sent += 1
        while await mailing.record_one(self.database, self.tenant):
            pass
        while await mailing.file_one(self.database, self.vault, self.tenant):
            pass
        return sent

    async def queued(self, **changes):
        """A notice by e-mail, drafted and queued."""
        notice = await self.contract.notice(**{"channel": "email", **changes})
        return await self.send(notice)

    async def send(self, notice, status=200, **body):
        return await self.contract.post(f"/v1/notices/{notice['id']}/actions/send", body, status)

    async def events(self, kind):
        return await self.contract.told(kind)

    async def tasks(self, **filters):
        return (await self.contract.get("/v1/notice-tasks", contract_id=self.contract.id, **filters))["items"]


@pytest.fixture
def post():
    with office() as (handler, url):
        handler.url = url
        yield handler


@pytest.fixture
async def desk(database, vault, post):
    app = create_app(database, vault, mails=True)
    tenancy = await new_tenancy(database, START)
    async with caller(app, tenancy.key) as client:
        contract = await Driven(client).draft(terms(notices={"rules": [{"channel": "email", "trigger": "entered"}]}))
        for role, channel, address in (
            ("A", "email", "legal@a.example.cn"),
            ("B", "email", B_MAIL),
            ("B", "courier", "沪"),
        ):
            new = {"channel": channel, "address": address, "recipient": "法务部", "operates_from": "2026-01-01"}
            await contract.post(f"/v1/parties/{contract.parties[role]}/addresses", new, 201)
        await contract.to_effect()
        yield Desk(contract, database, vault, tenancy.tenant, post, Mailer.of(post.url))
