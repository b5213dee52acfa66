-- name: tables
-- Every table that the service may read.
select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where n.nspname = 'public' and c.relkind = 'r' and has_table_privilege(c.oid, 'select') order by 1;

-- name: whole_table
select coalesce(string_agg(t::text, E'\n' order by t::text), '') from contract t;
