-- The house: roles, tenants, keys, idempotency. Every table of a tenant starts its keys with tenant_id and forces
-- row-level security; clm_service sees the tenant named in the session setting clm.tenant and nothing else.

do $$
begin
    if not exists (select from pg_roles where rolname = 'clm_service') then
        create role clm_service nologin nosuperuser nobypassrls;
    end if;
    if not exists (select from pg_roles where rolname = 'clm_lookup') then
        create role clm_lookup nologin nosuperuser nobypassrls;
    end if;
end $$;

grant usage on schema public to clm_service, clm_lookup;

-- Raises where no tenant is set: forgetting it is an error, never an empty answer.
create function clm_tenant() returns uuid language sql stable parallel safe
    as $$ select current_setting('clm.tenant')::uuid $$;

create procedure clm_guard(relation regclass) language plpgsql as $$
begin
    execute format('alter table %s enable row level security', relation);
    execute format('alter table %s force row level security', relation);
    execute format('create policy tenant on %s to clm_service using (tenant_id = clm_tenant()) '
                   'with check (tenant_id = clm_tenant())', relation);
    execute format('grant select, insert on %s to clm_service', relation);
end $$;

create table tenant (
    tenant_id   uuid primary key,
    name        text not null,
    test_now    timestamptz,
    created_at  timestamptz not null default clock_timestamp()
);
call clm_guard('tenant');
grant update (test_now) on tenant to clm_service;

-- The one clock: a tenant's stored test clock, else the database's. Volatile, as time is.
create function clm_now() returns timestamptz language sql volatile
    as $$ select coalesce((select test_now from tenant where tenant_id = clm_tenant()), clock_timestamp()) $$;

create table api_key (
    tenant_id   uuid not null default clm_tenant() references tenant,
    id          uuid not null,
    name        text not null,
    key_hash    bytea not null check (octet_length(key_hash) = 32),
    scopes      text[] not null,
    created_at  timestamptz not null default clock_timestamp(),
    revoked_at  timestamptz,
    primary key (tenant_id, id),
    constraint api_key_hash_once unique (tenant_id, key_hash)
);
create index api_key_by_hash on api_key (key_hash);
call clm_guard('api_key');
grant update (revoked_at) on api_key to clm_service;

-- tenant_id refers to no table: the policy lets in nothing but the caller's tenant, which had to exist for its key to be
-- known, and no tenant ever goes. A reference would look it up once more at every write.
create table idempotency (
    tenant_id    uuid not null default clm_tenant(),
    key          text not null,
    request_hash bytea not null,
    status       int not null,
    headers      jsonb not null,
    body         bytea not null,
    created_at   timestamptz not null default clock_timestamp(),
    primary key (tenant_id, key)
);
create index idempotency_by_age on idempotency (tenant_id, created_at);
call clm_guard('idempotency');
grant delete, update (created_at) on idempotency to clm_service;  -- to lock the rows that it forgets asks for both

-- What must look across tenants does so as clm_lookup, through functions that say what they look for.
create policy lookup on api_key for select to clm_lookup using (true);
create policy lookup on tenant for select to clm_lookup using (true);
grant select on api_key, tenant to clm_lookup;

create function clm_key_by_hash(hash bytea)
    returns table (tenant_id uuid, key_id uuid, scopes text[], test_clock boolean)
    language sql stable security definer set search_path = public
    as $$ select k.tenant_id, k.id, k.scopes, t.test_now is not null
            from api_key k join tenant t on t.tenant_id = k.tenant_id
           where k.key_hash = hash and k.revoked_at is null $$;
