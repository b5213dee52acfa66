-- Parties, contracts, what happened to them, and what will happen by itself.

create table party (
    tenant_id       uuid not null default clm_tenant() references tenant,
    id              uuid not null,
    legal_name      text not null,
    kind            text not null,
    uscc            text,
    size_class      text,
    details         jsonb not null default '{}',
    row_version     bigint not null default 1,
    created_at      timestamptz not null default clock_timestamp(),
    updated_at      timestamptz not null default clock_timestamp(),
    primary key (tenant_id, id)
);
create index party_by_uscc on party (tenant_id, uscc);
call clm_guard('party');
grant update on party to clm_service;

-- An address operates from a day on; the row before it stays, since notices are judged by the address of their day.
create table party_address (
    tenant_id     uuid not null default clm_tenant(),
    party_id      uuid not null,
    no            int not null,
    channel       text not null,
    address       text not null,
    recipient     text,
    operates_from date not null,
    recorded_at   timestamptz not null default clock_timestamp(),
    primary key (tenant_id, party_id, no),
    foreign key (tenant_id, party_id) references party
);
call clm_guard('party_address');

create table contract_type (
    tenant_id   uuid not null default clm_tenant() references tenant,
    key         text not null,
    version     int not null,
    document    jsonb not null,
    created_at  timestamptz not null default clock_timestamp(),
    primary key (tenant_id, key, version)
);
call clm_guard('contract_type');

create table contract (
    tenant_id     uuid not null default clm_tenant() references tenant,
    id            uuid not null,
    number        text not null,
    title         text not null,
    type_key      text not null,
    type_version  int not null,
    time_zone     text not null,
    status        text not null check (status in ('draft', 'effective', 'amendment', 'terminated')),
    configuration text[] not null,
    outcome       text,
    terms         jsonb not null,
    terms_version int not null,
    metadata      jsonb not null default '{}',
    state         jsonb not null,
    origin        jsonb,
    formed_at     timestamptz,
    effective_at  timestamptz,
    ended_at      timestamptz,
    closed_at     timestamptz,
    next_due_at   timestamptz,
    fact_no       int not null,
    event_no      int not null,
    row_version   bigint not null default 1,
    created_at    timestamptz not null,
    updated_at    timestamptz not null,
    primary key (tenant_id, id),
    constraint contract_number_once unique (tenant_id, number),
    constraint contract_outcome_when_terminated check ((status = 'terminated') = (outcome is not null)),
    constraint contract_effective_once_formed check (effective_at is null or formed_at <= effective_at),
    constraint contract_in_force_has_a_start check (status not in ('effective', 'amendment') or effective_at is not null)
);
create index contract_by_status on contract (tenant_id, status, id);
create index contract_due on contract (tenant_id, next_due_at) where next_due_at is not null;
call clm_guard('contract');
grant update on contract to clm_service;

create table contract_party (
    tenant_id   uuid not null default clm_tenant(),
    contract_id uuid not null,
    role        text not null,
    party_id    uuid not null,
    primary key (tenant_id, contract_id, role),
    foreign key (tenant_id, contract_id) references contract,
    constraint contract_party_known foreign key (tenant_id, party_id) references party
);
create index contract_party_by_party on contract_party (tenant_id, party_id);
call clm_guard('contract_party');
grant update, delete on contract_party to clm_service;

create table contract_reference (
    tenant_id   uuid not null default clm_tenant(),
    system      text not null,
    external_id text not null,
    contract_id uuid not null,
    primary key (tenant_id, system, external_id),
    foreign key (tenant_id, contract_id) references contract
);
create index contract_reference_by_contract on contract_reference (tenant_id, contract_id);
call clm_guard('contract_reference');
grant delete on contract_reference to clm_service;

-- What was recorded: immutable, never deleted. A contract's state is what its facts and the clock make of it.
create table fact (
    tenant_id   uuid not null default clm_tenant(),
    id          uuid not null,
    contract_id uuid not null,
    no          int not null,
    kind        text not null,
    at          timestamptz not null,
    recorded_at timestamptz not null,
    actor       uuid,
    data        jsonb not null,
    primary key (tenant_id, id),
    constraint fact_no_once unique (tenant_id, contract_id, no),
    foreign key (tenant_id, contract_id) references contract
);
call clm_guard('fact');

-- What was decided: superseded by a later decision about an earlier moment, never changed.
create table event (
    tenant_id     uuid not null default clm_tenant(),
    id            uuid not null,
    contract_id   uuid not null,
    no            int not null,
    type          text not null,
    at            timestamptz not null,
    recorded_at   timestamptz not null,
    fact_id       uuid,
    timer_key     text,
    actor         uuid,
    transition    text,
    rule          text not null,
    explanation   text not null,
    status        text not null,
    configuration text[] not null,
    outcome       text,
    terms_version int not null,
    evidence      uuid[] not null default '{}',
    data          jsonb not null,
    superseded_at timestamptz,
    superseded_by uuid,
    txid          xid8 not null default pg_current_xact_id(),
    primary key (tenant_id, id),
    constraint event_no_once unique (tenant_id, contract_id, no),
    foreign key (tenant_id, contract_id) references contract,
    foreign key (tenant_id, fact_id) references fact
);
create index event_feed on event (tenant_id, txid, id);
call clm_guard('event');
grant update (superseded_at, superseded_by) on event to clm_service;

-- Terms in force from valid_from until valid_to, as known from recorded_at until superseded_at.
-- A range over uuid brings uuid equality into GiST without an extension, so that the core alone can hold the
-- invariant: one version in force at any instant.
create type uuid_range as range (subtype = uuid);

create table terms_version (
    tenant_id     uuid not null default clm_tenant(),
    contract_id   uuid not null,
    id            uuid not null,
    no            int not null,
    title         text not null,
    terms         jsonb not null,
    sections      jsonb not null,
    amendment_id  uuid,
    valid_from    timestamptz,
    valid_to      timestamptz,
    recorded_at   timestamptz not null,
    superseded_at timestamptz,
    primary key (tenant_id, contract_id, id),
    foreign key (tenant_id, contract_id) references contract,
    constraint terms_version_order check (valid_to is null or valid_to >= valid_from),
    constraint one_version_in_force exclude using gist (
        uuid_range(tenant_id, tenant_id, '[]') with =,
        uuid_range(contract_id, contract_id, '[]') with =,
        tstzrange(valid_from, valid_to) with &&
    ) where (superseded_at is null and valid_from is not null) deferrable initially deferred
);
create unique index terms_version_current on terms_version (tenant_id, contract_id, no) where superseded_at is null;
call clm_guard('terms_version');
grant update (superseded_at) on terms_version to clm_service;

create table amendment (
    tenant_id    uuid not null default clm_tenant(),
    id           uuid not null,
    contract_id  uuid not null,
    no           int not null,
    changes      jsonb not null,
    rationale    text,
    effective    jsonb not null,
    proposed_by  text,
    base_version int not null,
    status       text not null,
    state        jsonb not null default '{}',
    row_version  bigint not null default 1,
    recorded_at  timestamptz not null,
    primary key (tenant_id, id),
    constraint amendment_no_once unique (tenant_id, contract_id, no),
    foreign key (tenant_id, contract_id) references contract
);
create unique index one_open_amendment on amendment (tenant_id, contract_id)
    where status in ('proposed', 'agreed_pending');
call clm_guard('amendment');
grant update (status, state, row_version) on amendment to clm_service;

create table timer (
    tenant_id     uuid not null default clm_tenant(),
    id            uuid not null,
    contract_id   uuid not null,
    key           text not null,
    kind          text not null,
    status        text not null check (status in ('armed', 'fired', 'cancelled', 'voided')),
    due_at        timestamptz not null,
    certain       boolean not null,
    assumed       boolean not null,
    legal_date    date,
    rule          text not null,
    basis         jsonb not null,
    subject       jsonb not null,
    terms_version int not null,
    armed_at      timestamptz not null,
    ended_at      timestamptz,
    primary key (tenant_id, id),
    foreign key (tenant_id, contract_id) references contract
);
create unique index timer_armed_once on timer (tenant_id, contract_id, key) where status = 'armed';
create index timer_due on timer (tenant_id, due_at, id) where status = 'armed' and certain;
create index timer_by_due on timer (tenant_id, due_at, id);
create index timer_by_contract on timer (tenant_id, contract_id, id);
call clm_guard('timer');
grant update (status, ended_at) on timer to clm_service;

create policy lookup on contract for select to clm_lookup using (true);
grant select on contract to clm_lookup;

-- A tenant with a test clock is left to `advance`, which fires in order and says what fired.
create function clm_tenants_with_due_work() returns table (tenant_id uuid)
    language sql volatile security definer set search_path = public
    as $$ select t.tenant_id from tenant t
           where t.test_now is null
             and exists (select from contract c
                          where c.tenant_id = t.tenant_id and c.next_due_at <= statement_timestamp()) $$;
