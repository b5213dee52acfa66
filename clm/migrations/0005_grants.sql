-- The service compares what is applied with what its package carries before it calls itself ready.
grant select on schema_migration to clm_service;

-- The functions belong to clm_lookup by now, whose rights the owner of the schema need not inherit: only under that
-- role does closing them to everybody take effect.
set local role clm_lookup;
revoke execute on function clm_key_by_hash(bytea), clm_tenants_with_due_work(), clm_object_references(uuid, text[])
    from public;
grant execute on function clm_key_by_hash(bytea), clm_tenants_with_due_work(), clm_object_references(uuid, text[])
    to clm_service;
reset role;
