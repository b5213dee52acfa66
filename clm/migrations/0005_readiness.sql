-- The service compares what is applied with what its package carries before it calls itself ready.
grant select on schema_migration to clm_service;
