-- Uploads in parts: what was announced, until its bytes are in place, refused, given up or too late.

create table upload (
    tenant_id        uuid not null default clm_tenant(),
    id               uuid not null,
    contract_id      uuid not null,
    attachment_id    uuid,
    no               int,
    kind             text not null,
    name             text not null,
    size             bigint not null check (size > 0),
    media_type       text not null,
    sha256           text check (sha256 ~ '^[0-9a-f]{64}$'),
    at               timestamptz,
    part_size        bigint not null check (part_size > 0),
    store_upload     text not null,
    status           text not null default 'open' check (status in ('open', 'completed', 'refused', 'aborted', 'expired')),
    found_sha256     text check (found_sha256 ~ '^[0-9a-f]{64}$'),
    found_media_type text,
    findings         jsonb not null default '[]',
    created_at       timestamptz not null default clock_timestamp(),
    expires_at       timestamptz not null,
    actor            uuid,
    row_version      bigint not null default 1,
    primary key (tenant_id, id),
    foreign key (tenant_id, contract_id) references contract,
    foreign key (tenant_id, attachment_id) references attachment,
    constraint upload_completed_whole check (status <> 'completed' or (attachment_id is not null and no is not null))
);
create index upload_open on upload (tenant_id, expires_at) where status = 'open';
call clm_guard('upload');
grant update (status, attachment_id, no, found_sha256, found_media_type, findings, row_version) on upload to clm_service;

-- Tenants with uploads that nobody has completed in time.
create policy lookup on upload for select to clm_lookup using (true);
grant select on upload to clm_lookup;
create function clm_tenants_with_late_uploads() returns table (tenant_id uuid)
    language sql stable security definer set search_path = public
    as $$ select distinct u.tenant_id from upload u where u.status = 'open' and u.expires_at < clock_timestamp() $$;
grant create on schema public to clm_lookup;
alter function clm_tenants_with_late_uploads() owner to clm_lookup;
revoke create on schema public from clm_lookup;
set local role clm_lookup;
revoke execute on function clm_tenants_with_late_uploads() from public;
grant execute on function clm_tenants_with_late_uploads() to clm_service;
reset role;
