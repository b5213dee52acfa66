-- name: tenant_tables
-- Every table of the schema with what guards it.
select c.relname as name, c.relrowsecurity as secured, c.relforcerowsecurity as forced,
       exists (select from pg_attribute a
                where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped and a.attnotnull) as tenanted,
       coalesce((select array_agg(p.polname::text || ':' || (p.polroles = array['clm_service'::regrole::oid])::text
                                  || ':' || (p.polqual is not null and p.polwithcheck is not null)::text)
                   from pg_policy p where p.polrelid = c.oid), '{}') as policies
  from pg_class c
 where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
 order by c.relname;

-- name: keys_without_tenant_first
-- Unique and primary keys whose first column is not the tenant.
select i.indexrelid::regclass::text as name
  from pg_index i join pg_class c on c.oid = i.indrelid
 where c.relnamespace = 'public'::regnamespace and i.indisunique
   and c.relname not in ('schema_migration', 'legal_edition', 'holiday', 'lending_rate')
   and (select a.attname from pg_attribute a where a.attrelid = c.oid and a.attnum = i.indkey[0]) is distinct from 'tenant_id';

-- name: definers
select p.proname as name, p.proowner::regrole::text as owner,
       p.proconfig is not null as pinned, has_function_privilege('public', p.oid, 'execute') as open_to_all
  from pg_proc p
 where p.pronamespace = 'public'::regnamespace and p.prosecdef
 order by 1;

-- name: lookup_privileges
-- What the definers' role may do with tables.
select table_name, privilege_type from information_schema.role_table_grants
 where grantee = 'clm_lookup' order by 1, 2;

-- name: disable_security
alter table party no force row level security;

-- name: become_owner
set role clm_owner;

-- name: all_parties
select tenant_id, legal_name from party;

-- name: whose
select current_setting('clm.tenant', true);

-- name: foreign_insert
insert into party (tenant_id, id, legal_name, kind) values ($1, $2, 'x', 'legal_person');

-- name: slow_parties
select pg_sleep($1), count(*) from party;

-- name: count_parties
select count(*) from party;

-- name: age_answers
update idempotency set created_at = created_at - interval '2 days';

-- name: keep_answers
select key, status, convert_from(body, 'UTF8') as body from idempotency order by key;

-- name: drop_holidays
delete from holiday;

-- name: forge_rate
insert into lending_rate (series, date, rate, source, edition) values ('LPR_1Y', '2026-01-20', 0.9, 'x', 1);

-- name: move_edition
update legal_edition set edition = edition + 1;
