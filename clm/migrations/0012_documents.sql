-- Contracts that came as a document: their own sections in the place of their type's, and what stood around them.

create table contract_document (
    tenant_id   uuid not null default clm_tenant(),
    contract_id uuid not null,
    sha256      text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    media_type  text not null,
    language    text not null,
    sections    jsonb not null,
    preamble    text not null,
    closing     text not null,
    report      jsonb not null,
    imported_at timestamptz not null,
    primary key (tenant_id, contract_id),
    foreign key (tenant_id, contract_id) references contract
);
call clm_guard('contract_document');

-- Most contracts have the words of their type; a decision on one of these need not look for others.
alter table contract add column own_text boolean not null default false;
