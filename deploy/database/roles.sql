-- Run once by psql, as a superuser, in the empty database `clm` of a PostgreSQL 16 or later. On 15, leave out the words
-- `with inherit false, set true`.
\set ON_ERROR_STOP on
\getenv owner OWNER_PASSWORD
\getenv service SERVICE_PASSWORD

create role clm_lookup nologin;
create role clm_owner login nosuperuser nocreatedb nocreaterole nobypassrls password :'owner';
create role clm_service login nosuperuser nocreatedb nocreaterole nobypassrls noinherit password :'service';

-- The owner hands the functions that look across tenants to clm_lookup, without enjoying its rights itself.
grant clm_lookup to clm_owner with inherit false, set true;

alter database clm owner to clm_owner;
revoke all on database clm from public;
grant connect on database clm to clm_service;
