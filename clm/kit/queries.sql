-- name: set_tenant
-- For the session, not the transaction: a pooled connection that serves the same tenant again needs no round trip.
select set_config('clm.tenant', $1, false);

-- name: ping
select 1;

-- name: now
-- The tenant's clock: the test clock where it has one, else the database's own.
select clm_now();

-- name: claim_key
-- For what commits on its own. It does not wait: who waits holds the connection that the first needs for its commits.
select pg_try_advisory_xact_lock(hashtextextended(clm_tenant()::text || '/' || $1, 1));

-- name: forget_answers
-- Answers two days old, a few at a time, and none that somebody else is forgetting just now.
delete from idempotency
 where key in (select key from idempotency where created_at < statement_timestamp() - interval '2 days'
                order by created_at limit 100 for update skip locked);

-- name: stored_answer
select request_hash, status, headers, body from idempotency where key = $1;

-- name: store_answer
-- A second request with the same key waits here until the first one has committed or rolled back.
insert into idempotency (key, request_hash, status, headers, body) values ($1, $2, $3, $4, $5) on conflict do nothing;

-- name: role
-- What the service role could do that row-level security is there to prevent.
select current_user as name,
       r.rolsuper or r.rolbypassrls as bypasses,
       exists (select from pg_class c
                where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
                  and pg_has_role(current_user, c.relowner, 'member')) as owns_tables,
       current_setting('server_version_num')::int as server_version
  from pg_roles r
 where r.rolname = current_user;

-- name: migrations_table
create table if not exists schema_migration (
    name        text primary key,
    checksum    text not null,
    applied_at  timestamptz not null default clock_timestamp()
);

-- name: lock_migrations
select pg_advisory_lock(hashtext('clm.migrations'));

-- name: applied_migrations
select name, checksum from schema_migration order by name;

-- name: record_migration
insert into schema_migration (name, checksum) values ($1, $2);

-- name: migration_limits
-- A migration that cannot get its lock gives up rather than queue every reader behind it.
set local lock_timeout = '5s';
