-- name: as_it_is
select pg_get_functiondef('clm_is_withheld'::regproc);

-- name: withhold_all
create or replace function clm_is_withheld(attachment uuid) returns boolean
    language sql stable set search_path = public
    as $$ select attachment is not null $$;
