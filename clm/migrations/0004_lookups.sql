-- The three functions that look across tenants run as clm_lookup, which may select these rows and do nothing else.

do $$
begin
    if not pg_has_role(current_user, 'clm_lookup', 'member') then
        execute format('grant clm_lookup to %I', current_user);
    end if;
end $$;
grant create on schema public to clm_lookup;
alter function clm_key_by_hash(bytea) owner to clm_lookup;
alter function clm_tenants_with_due_work() owner to clm_lookup;
alter function clm_object_references(uuid, text[]) owner to clm_lookup;
revoke create on schema public from clm_lookup;

revoke execute on procedure clm_guard(regclass) from public;

-- The functions belong to clm_lookup by now, whose rights the owner of the schema need not inherit: only under that
-- role does closing them to everybody take effect.
set local role clm_lookup;
revoke execute on function clm_key_by_hash(bytea), clm_tenants_with_due_work(), clm_object_references(uuid, text[])
    from public;
grant execute on function clm_key_by_hash(bytea), clm_tenants_with_due_work(), clm_object_references(uuid, text[])
    to clm_service;
reset role;

-- The service compares what is applied with what its package carries before it calls itself ready.
grant select on schema_migration to clm_service;
