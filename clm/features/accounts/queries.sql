-- name: find_actor
select tenant_id, key_id, scopes, test_clock, clearance from clm_key_by_hash($1);

-- name: add_tenant
-- The tenant is the one the session is set to; a second try with the same id changes nothing.
insert into tenant (tenant_id, name, test_now) values (clm_tenant(), $1, $2) on conflict (tenant_id) do nothing;

-- name: add_key
insert into api_key (id, name, key_hash, scopes, clearance) values ($1, $2, $3, $4, $5)
on conflict (tenant_id, key_hash) do nothing
returning id, name, scopes, clearance, created_at, revoked_at;

-- name: list_keys
select id, name, scopes, clearance, created_at, revoked_at from api_key
 where $1::uuid is null or id > $1
 order by id limit $2;

-- name: revoke_key
-- Revoking twice keeps the first instant.
update api_key set revoked_at = coalesce(revoked_at, clock_timestamp()) where id = $1
returning id, name, scopes, clearance, created_at, revoked_at;
