-- name: open_version
-- A second version of the same contract, in force from $2 until $3.
insert into terms_version (contract_id, id, no, title, terms, sections, valid_from, valid_to, recorded_at)
values ($1, gen_random_uuid(), $4, 'x', '{}', '{}', $2, $3, clock_timestamp());

-- name: change_fact
update fact set data = '{"party": "Z"}' where contract_id = $1;

-- name: backdate_fact
update fact set at = at - interval '1 day' where contract_id = $1;

-- name: delete_facts
delete from fact where contract_id = $1;

-- name: delete_events
delete from event where contract_id = $1;

-- name: change_event
update event set explanation = 'x' where contract_id = $1;

-- name: delete_contract
delete from contract where id = $1;

-- name: delete_timers
delete from timer where contract_id = $1;

-- name: change_timer
update timer set due_at = now() where contract_id = $1;

-- name: change_version
update terms_version set terms = '{}' where contract_id = $1;

-- name: delete_versions
delete from terms_version where contract_id = $1;

-- name: second_open_amendment
insert into amendment (id, contract_id, no, changes, effective, base_version, status, recorded_at)
values (gen_random_uuid(), $1, 99, '[]', '{}', 1, 'proposed', clock_timestamp());

-- name: second_armed_timer
insert into timer (id, contract_id, key, kind, status, due_at, certain, assumed, rule, basis, subject, terms_version,
                   armed_at)
select gen_random_uuid(), contract_id, key, kind, 'armed', due_at, certain, assumed, rule, basis, subject, 1, armed_at
  from timer where contract_id = $1 and status = 'armed' limit 1;

-- name: foreign_event
-- An event of another tenant's contract.
insert into event (tenant_id, id, contract_id, no, type, at, recorded_at, rule, explanation, status, configuration,
                   terms_version, data)
values ($2, gen_random_uuid(), $1, 99, 'x', now(), now(), 'x', 'x', 'draft', '{}', 1, '{}');

-- name: count_facts
select count(*) from fact where contract_id = $1;

-- name: effective_without_start
update contract set status = 'effective', effective_at = null, outcome = null where id = $1;

-- name: terminated_without_outcome
update contract set status = 'terminated', outcome = null where id = $1;

-- name: forget_digest
update contract set timers_digest = null where id = $1;
