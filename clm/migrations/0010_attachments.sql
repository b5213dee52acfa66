-- Attachments as records: bytes sealed under keys of their own, legal holds, and deletion that leaves a tombstone.

-- One key a tenant, wrapped under the installation's master key; it wraps the keys of the tenant's sealed objects.
create table tenant_key (
    tenant_id  uuid primary key default clm_tenant() references tenant,
    wrapped    bytea not null,
    created_at timestamptz not null
);
call clm_guard('tenant_key');
grant update (wrapped) on tenant_key to clm_service;

-- Where the stored object is not the content itself but its sealed form: that object's hash.
alter table attachment_version add column sealed_sha256 text check (sealed_sha256 ~ '^[0-9a-f]{64}$');
create index attachment_version_by_sealed_hash on attachment_version (tenant_id, sealed_sha256)
    where sealed_sha256 is not null;

-- Destroying the row erases the bytes wherever a copy of them lies.
create table data_key (
    tenant_id     uuid not null default clm_tenant(),
    attachment_id uuid not null,
    no            int not null,
    wrapped       bytea not null,
    primary key (tenant_id, attachment_id, no),
    foreign key (tenant_id, attachment_id, no) references attachment_version
);
call clm_guard('data_key');
grant delete on data_key to clm_service;

create table legal_hold (
    tenant_id      uuid not null default clm_tenant(),
    id             uuid not null,
    attachment_id  uuid not null,
    name           text not null,
    reason         text not null,
    placed_at      timestamptz not null,
    placed_by      uuid,
    released_at    timestamptz,
    released_by    uuid,
    release_reason text,
    row_version    bigint not null default 1,
    primary key (tenant_id, id),
    foreign key (tenant_id, attachment_id) references attachment,
    constraint legal_hold_released_whole check ((released_at is null) = (release_reason is null))
);
create unique index legal_hold_once on legal_hold (tenant_id, attachment_id, name) where released_at is null;
create index legal_hold_by_attachment on legal_hold (tenant_id, attachment_id, id);
call clm_guard('legal_hold');
grant update (released_at, released_by, release_reason, row_version) on legal_hold to clm_service;

-- What is left of a version whose bytes are gone. The version's own row never changes.
create table tombstone (
    tenant_id     uuid not null default clm_tenant(),
    attachment_id uuid not null,
    no            int not null,
    kind          text not null check (kind in ('deleted', 'erased')),
    reason        text not null,
    at            timestamptz not null,
    actor         uuid,
    primary key (tenant_id, attachment_id, no),
    foreign key (tenant_id, attachment_id, no) references attachment_version
);
call clm_guard('tombstone');

-- The row lock excludes a hold that is being placed: its foreign key locks the same attachment.
create function clm_hold_keeps() returns trigger language plpgsql as $$
begin
    perform from attachment where tenant_id = new.tenant_id and id = new.attachment_id for update;
    if exists (select from legal_hold
                where tenant_id = new.tenant_id and attachment_id = new.attachment_id and released_at is null) then
        raise exception 'a legal hold keeps attachment %', new.attachment_id
            using errcode = 'check_violation', constraint = 'tombstone_without_hold';
    end if;
    return new;
end $$;
create trigger hold_keeps before insert on tombstone for each row execute function clm_hold_keeps();

-- The sweep's question, asked anew: objects of versions that are gone count no more, sealed ones count by their own hash.
create policy lookup on tombstone for select to clm_lookup using (true);
grant select on tombstone to clm_lookup;
grant create on schema public to clm_lookup;
set local role clm_lookup;
create or replace function clm_object_references(tenant uuid, hashes text[]) returns table (sha256 text)
    language sql stable security definer set search_path = public
    as $$ select distinct coalesce(v.sealed_sha256, v.sha256) from attachment_version v
           where v.tenant_id = tenant
             and (v.sealed_sha256 = any(hashes) or (v.sealed_sha256 is null and v.sha256 = any(hashes)))
             and not exists (select from tombstone t where t.tenant_id = v.tenant_id
                                and t.attachment_id = v.attachment_id and t.no = v.no) $$;
reset role;
revoke create on schema public from clm_lookup;

-- A version as it is answered with.
create function clm_version_out(v attachment_version) returns jsonb language sql stable
    as $$ select jsonb_build_object(
              'no', v.no, 'size', v.size, 'sha256', v.sha256, 'media_type', v.media_type, 'at', v.at,
              'sealed', v.sealed_sha256 is not null,
              'sealed_sha256', v.sealed_sha256,
              'tombstone', (select jsonb_build_object('kind', t.kind, 'reason', t.reason, 'at', t.at)
                              from tombstone t
                             where t.tenant_id = v.tenant_id and t.attachment_id = v.attachment_id and t.no = v.no)) $$;

-- Tenants that have files, for the check that none is missing: a store that has lost all of a tenant's lists nothing.
create function clm_tenants_with_files() returns table (tenant_id uuid)
    language sql stable security definer set search_path = public
    as $$ select distinct v.tenant_id from attachment_version v $$;
grant create on schema public to clm_lookup;
alter function clm_tenants_with_files() owner to clm_lookup;
revoke create on schema public from clm_lookup;
set local role clm_lookup;
revoke execute on function clm_tenants_with_files() from public;
grant execute on function clm_tenants_with_files() to clm_service;
reset role;

-- What the parties said about versions, where an update rule gives them the word.
create table attachment_word (
    tenant_id     uuid not null default clm_tenant(),
    attachment_id uuid not null,
    word_no       int not null,
    no            int not null,
    word          text not null check (word in ('adopt', 'approve', 'reject')),
    party         text not null,
    at            timestamptz not null,
    note          text,
    evidence      uuid[] not null default '{}',
    actor         uuid,
    recorded_at   timestamptz not null,
    primary key (tenant_id, attachment_id, word_no),
    foreign key (tenant_id, attachment_id, no) references attachment_version
);
call clm_guard('attachment_word');
