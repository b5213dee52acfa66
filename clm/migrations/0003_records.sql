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
    details      jsonb not null,
    address      jsonb,
    rules        jsonb,
    validity     text not null,
    sent_at      timestamptz,
    arrival      jsonb not null,
    arrives_at   timestamptz,
    withdrawn_at timestamptz,
    row_version  bigint not null default 1,
    recorded_at  timestamptz not null,
    primary key (tenant_id, id),
    constraint notice_no_once unique (tenant_id, contract_id, no),
    foreign key (tenant_id, contract_id) references contract
);
call clm_guard('notice');
grant update (address, rules, validity, sent_at, arrival, arrives_at, withdrawn_at, row_version) on notice to clm_service;

create table notice_delivery (
    tenant_id   uuid not null default clm_tenant(),
    notice_id   uuid not null,
    no          int not null,
    channel     text not null,
    event       text not null,
    at          timestamptz not null,
    evidence    jsonb not null,
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
    recorded_at  timestamptz not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, contract_id) references contract
);
create index confidential_item_by_contract on confidential_item (tenant_id, contract_id, id);
call clm_guard('confidential_item');
