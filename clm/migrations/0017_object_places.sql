-- Where the bytes of a hash lie in a store that cannot move objects. Without a row, their key is `<tenant>/<sha256>`.
create table stored_object (
    tenant_id uuid not null default clm_tenant(),
    sha256    text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    key       text not null,
    primary key (tenant_id, sha256),
    unique (tenant_id, key)
);
call clm_guard('stored_object');
grant update (key), delete on stored_object to clm_service;

-- The row is read by a statement of its own: only then does it show what whoever held the lock before has stored.
create function clm_lock_object(of_sha256 text) returns text language plpgsql as $$
begin
    perform pg_advisory_xact_lock(hashtextextended(clm_tenant()::text || '/' || of_sha256, 0));
    return (select o.key from stored_object o where o.sha256 = of_sha256);
end $$;

create function clm_object_key(v attachment_version) returns text language sql stable
    as $$ select coalesce((select o.key from stored_object o
                            where o.tenant_id = v.tenant_id and o.sha256 = coalesce(v.sealed_sha256, v.sha256)),
                          v.tenant_id || '/' || coalesce(v.sealed_sha256, v.sha256)) $$;
