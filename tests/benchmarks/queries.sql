-- name: plain_copies
-- Copies of contracts that stand in the database are consistent by construction; checking a million foreign keys again
-- would take the better part of a benchmark's time.
set session_replication_role = replica;

-- name: ids
-- Thing `no` of contract `i`, in the order of `i`, as version 7 ids are in the order of time.
create function pg_temp.an_id(no bigint, i int) returns text language sql immutable
    as $$ select '01970000-0000-7000-8' || lpad(to_hex(no), 3, '0') || '-' || lpad(to_hex(i), 12, '0') $$;

-- name: choose
-- Every fifth contract is a draft, the others are in force.
create temporary table chosen as
select i, c.id as model
  from generate_series(1, $1::int) i
  join contract c on c.number = case when i % 5 = 0 then $2 else $3 end;

-- name: copy_contracts
insert into contract
select r.*
  from chosen join contract m on m.id = model
  cross join lateral jsonb_populate_record(m, jsonb_build_object(
      'id', pg_temp.an_id(0, i), 'number', 'OC-2026-' || lpad(i::text, 6, '0'))) r;

-- name: copy_parties
insert into contract_party
select r.*
  from chosen join contract_party m on m.contract_id = model
  cross join lateral jsonb_populate_record(m, jsonb_build_object('contract_id', pg_temp.an_id(0, i))) r;

-- name: copy_references
insert into contract_reference
select r.*
  from chosen join contract_reference m on m.contract_id = model
  cross join lateral jsonb_populate_record(m, jsonb_build_object(
      'contract_id', pg_temp.an_id(0, i), 'external_id', lpad(i::text, 10, '0'))) r;

-- name: copy_facts
insert into fact
select r.*
  from chosen join fact m on m.contract_id = model
  cross join lateral jsonb_populate_record(m, jsonb_build_object(
      'contract_id', pg_temp.an_id(0, i), 'id', pg_temp.an_id(m.no, i))) r;

-- name: copy_events
insert into event
select r.*
  from chosen join event m on m.contract_id = model
  left join fact f on f.id = m.fact_id
  cross join lateral jsonb_populate_record(m, jsonb_build_object(
      'contract_id', pg_temp.an_id(0, i), 'id', pg_temp.an_id(m.no, i), 'fact_id', pg_temp.an_id(f.no, i))) r;

-- name: copy_versions
insert into terms_version
select r.*
  from chosen
  join (select contract_id, id, row_number() over (partition by contract_id order by id) as place
          from terms_version) n on n.contract_id = model
  join terms_version m on m.id = n.id
  cross join lateral jsonb_populate_record(m, jsonb_build_object(
      'contract_id', pg_temp.an_id(0, i), 'id', pg_temp.an_id(n.place, i))) r;

-- name: copy_timers
insert into timer
select r.*
  from chosen
  join (select contract_id, id, row_number() over (partition by contract_id order by id) as place
          from timer) n on n.contract_id = model
  join timer m on m.id = n.id
  cross join lateral jsonb_populate_record(m, jsonb_build_object(
      'contract_id', pg_temp.an_id(0, i), 'id', pg_temp.an_id(n.place, i))) r;

-- name: mark_indexed
-- The copies count as indexed, so that the worker does not read them while others are measured.
insert into search_cursor (tenant_id, txid, event_id)
select tenant_id, max(txid::text::bigint), (array_agg(id order by txid desc, id desc))[1] from event group by tenant_id
on conflict (tenant_id) do update set txid = excluded.txid, event_id = excluded.event_id;

-- name: settle
vacuum analyze;

-- name: counts
select (select count(*) from contract) as contracts, (select count(*) from event) as events,
       (select count(*) from timer) as timers, pg_database_size(current_database()) as bytes;

-- name: server
select current_setting('server_version') as version, current_setting('shared_buffers') as shared_buffers,
       current_setting('fsync') as fsync, current_setting('synchronous_commit') as synchronous_commit;

-- name: tenant
select tenant_id from tenant;

-- name: model
select id from contract where number = $1;

-- name: transition
-- What a transition writes, by hand: the contract as it stands then, the fact, the event.
with c as (
    update contract
       set configuration = $2, state = $3, fact_no = fact_no + 1, event_no = event_no + 1,
           row_version = row_version + 1, updated_at = clm_now()
     where id = $1
    returning id, status, terms_version, fact_no, event_no, updated_at
), f as (
    insert into fact (id, contract_id, no, kind, at, recorded_at, actor, data)
    select $4, c.id, c.fact_no, $5, c.updated_at, c.updated_at, $6, $7 from c
), e as (
    insert into event (id, contract_id, no, type, at, recorded_at, fact_id, actor, transition, rule, explanation,
                       status, configuration, terms_version, data)
    select $8, c.id, c.event_no, $9, c.updated_at, c.updated_at, $4, $6, $10, $11, $12, c.status, $2, c.terms_version,
           $13
      from c
)
select fact_no from c;
