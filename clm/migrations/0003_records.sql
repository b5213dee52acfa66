-- Records that hang on a contract: attachments, notices, confidential items.

create table attachment (
    tenant_id   uuid not null default clm_tenant(),
    id          uuid not null,
    contract_id uuid not null,
    kind        text not null,
    name        text not null,
    latest_no   int not null,
    row_version bigint not null default 1,
    recorded_at timestamptz not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, contract_id) references contract
);
create index attachment_by_contract on attachment (tenant_id, contract_id, id);
call clm_guard('attachment');
grant update (latest_no, row_version) on attachment to clm_service;

-- Immutable: no grant to change or delete.
create table attachment_version (
    tenant_id     uuid not null default clm_tenant(),
    attachment_id uuid not null,
    no            int not null,
    size          bigint not null check (size >= 0),
    sha256        text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    media_type    text not null,
    at            timestamptz not null,
    actor         uuid,
    primary key (tenant_id, attachment_id, no),
    foreign key (tenant_id, attachment_id) references attachment
);
create index attachment_version_by_hash on attachment_version (tenant_id, sha256);
call clm_guard('attachment_version');

create policy lookup on attachment_version for select to clm_lookup using (true);
grant select on attachment_version to clm_lookup;

-- Whether any row of the tenant points at these bytes; the sweep asks before it deletes.
create function clm_object_references(tenant uuid, hashes text[]) returns table (sha256 text)
    language sql stable security definer set search_path = public
    as $$ select distinct v.sha256 from attachment_version v
           where v.tenant_id = tenant and v.sha256 = any(hashes) $$;

create table notice (
    tenant_id    uuid not null default clm_tenant(),
    id           uuid not null,
    contract_id  uuid not null,
    no           int not null,
    type         text not null,
    from_role    text not null,
    to_role      text not null,
    channel      text not null,
    subject      text not null,
    body         text not null,
    ground       text,
    clause       text,
    cure         jsonb,
    details      jsonb not null,
    address      jsonb,
    rules        jsonb,
    validity     text not null check (validity in ('valid', 'defective')),
    sent_at      timestamptz,
    arrival      jsonb not null,
    arrives_at   timestamptz,
    withdrawn_at timestamptz,
    judgements   int not null default 0,
    settled_at   timestamptz,
    row_version  bigint not null default 1,
    recorded_at  timestamptz not null,
    primary key (tenant_id, id),
    constraint notice_no_once unique (tenant_id, contract_id, no),
    foreign key (tenant_id, contract_id) references contract
);
call clm_guard('notice');
grant update (address, rules, sent_at, arrival, arrives_at, withdrawn_at, judgements, settled_at, row_version)
    on notice to clm_service;

-- Arrival may lie ahead, so how a notice stands depends on when one asks. Without frozen rules it was never dispatched.
create function clm_notice_status(n notice, at timestamptz) returns text language sql immutable
    as $$ select case when n.withdrawn_at is not null then 'withdrawn'
                      when n.rules is null then 'draft'
                      when n.arrives_at <= at then 'arrived'
                      when n.arrival ->> 'status' = 'failed' then 'failed'
                      else 'sent' end $$;

create table notice_delivery (
    tenant_id   uuid not null default clm_tenant(),
    notice_id   uuid not null,
    no          int not null,
    channel     text not null,
    event       text not null,
    at          timestamptz not null,
    evidence    uuid[] not null,
    note        text,
    actor       uuid,
    recorded_at timestamptz not null,
    primary key (tenant_id, notice_id, no),
    foreign key (tenant_id, notice_id) references notice
);
call clm_guard('notice_delivery');

create table confidential_item (
    tenant_id    uuid not null default clm_tenant(),
    id           uuid not null,
    contract_id  uuid not null,
    name         text not null,
    class        text not null,
    owner        text not null,
    recipients   text[] not null,
    carrier      text,
    marked       boolean not null,
    disclosed_at timestamptz not null,
    released_for text,
    row_version  bigint not null default 1,
    recorded_at  timestamptz not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, contract_id) references contract
);
create index confidential_item_by_contract on confidential_item (tenant_id, contract_id, id);
call clm_guard('confidential_item');
grant update (released_for, row_version) on confidential_item to clm_service;

-- What was done with an item under the duty and leaves the duty as it is: disclosures that the law compelled, returns.
create table confidential_log (
    tenant_id   uuid not null default clm_tenant(),
    item_id     uuid not null,
    no          int not null,
    kind        text not null check (kind in ('permit', 'return')),
    at          timestamptz not null,
    data        jsonb not null,
    actor       uuid,
    recorded_at timestamptz not null,
    primary key (tenant_id, item_id, no),
    foreign key (tenant_id, item_id) references confidential_item
);
call clm_guard('confidential_log');
