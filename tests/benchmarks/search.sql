-- name: tenant
select tenant_id from tenant limit 1;

-- name: index
select indexdef from pg_indexes where indexname = 'passage_by_grams';

-- name: drop_index
drop index passage_by_grams;

-- name: analyze
vacuum analyze passage;

-- name: size
select pg_total_relation_size('passage');

-- name: like
select id from passage where tenant_id = $1 and folded like $2 order by id desc;

-- name: as_tenant
select set_config('clm.tenant', $1, false);

-- name: all_hits
select id from clm_passages($1, $2, null, null, null, true, 1000000);
