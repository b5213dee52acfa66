-- Run once, in single-user mode, on a cluster that no one else has seen. Statements end at an empty line.
-- $owner and $service are replaced by random hexadecimal passwords.

create role clm_lookup nologin;

create role clm_owner login nosuperuser nocreatedb nocreaterole nobypassrls password '$owner';

create role clm_service login nosuperuser nocreatedb nocreaterole nobypassrls noinherit password '$service';

-- The owner hands the functions that look across tenants to clm_lookup, without enjoying its rights itself.
grant clm_lookup to clm_owner with inherit false, set true;

create database clm owner clm_owner;

revoke all on database clm from public;

revoke all on database postgres from public;

revoke all on database template1 from public;

grant connect on database clm to clm_service;

