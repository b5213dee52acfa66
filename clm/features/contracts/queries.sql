-- name: create_contract
-- The contract with its parties, references, first terms version, first fact, event and timers: one round trip.
with n as materialized (
    select clm_now() as now
), c as (
    insert into contract (id, number, title, type_key, type_version, time_zone, status, configuration, terms,
                          terms_version, metadata, state, next_due_at, fact_no, event_no, created_at, updated_at,
                          legal_edition)
    select $1, $2, $3, $4, $5, $6, 'draft', array['draft.drafting'], $7, 1, $8, $9, $10, 1, $15, n.now, n.now, $18 from n
    returning id, created_at
), p as (
    insert into contract_party (contract_id, role, party_id)
    select c.id, x.role, x.party_id from c, jsonb_to_recordset($11) x(role text, party_id uuid)
), r as (
    insert into contract_reference (system, external_id, contract_id)
    select x.system, x.id, c.id from c, jsonb_to_recordset($12) x(system text, id text)
), v as (
    insert into terms_version (contract_id, id, no, title, terms, sections, recorded_at)
    select c.id, $1, 1, $3, $7, '{}', c.created_at from c
), f as (
    insert into fact (id, contract_id, no, kind, at, recorded_at, actor, data)
    select $13, c.id, 1, 'create', c.created_at, c.created_at, $14, '{}' from c
), e as (
    insert into event (id, contract_id, no, type, at, recorded_at, fact_id, timer_key, actor, transition, rule,
                       explanation, status, configuration, outcome, terms_version, evidence, data)
    select x.id, c.id, x.no, x.type, c.created_at, c.created_at, x.fact_id, x.timer_key, $14, x.transition, x.rule,
           x.explanation, x.status, x.configuration, x.outcome, x.terms_version, x.evidence, x.data
      from c, jsonb_to_recordset($16) x(id uuid, no int, type text, fact_id uuid, timer_key text, transition text,
           rule text, explanation text, status text, configuration text[], outcome text, terms_version int,
           evidence uuid[], data jsonb)
), t as (
    insert into timer (id, contract_id, key, kind, status, due_at, certain, assumed, legal_date, rule, basis, subject,
                       terms_version, armed_at)
    select x.id, c.id, x.key, x.kind, 'armed', x.due_at, x.certain, x.assumed, x.legal_date, x.rule, x.basis, x.subject,
           1, c.created_at
      from c, jsonb_to_recordset($17) x(id uuid, key text, kind text, due_at timestamptz, certain boolean,
           assumed boolean, legal_date date, rule text, basis jsonb, subject jsonb)
)
select created_at from c;

-- name: get_contract
-- With the flag that says a timer is due, and the edition of the calendars that it rests on: where it is due or behind,
-- the caller brings it up to date and reads again.
select c.id, c.number, c.title, c.type_key, c.type_version, c.status, c.configuration, c.outcome, c.terms_version,
       c.terms::text as terms, c.metadata::text as metadata, c.time_zone, c.formed_at, c.effective_at, c.ended_at,
       c.closed_at, c.created_at, c.updated_at, c.row_version,
       (select json_agg(json_build_object('role', p.role, 'party_id', p.party_id) order by p.role)::text
          from contract_party p where p.tenant_id = c.tenant_id and p.contract_id = c.id) as parties,
       (select json_agg(json_build_object('system', r.system, 'id', r.external_id) order by r.system, r.external_id)::text
          from contract_reference r where r.tenant_id = c.tenant_id and r.contract_id = c.id) as external_refs,
       case when c.next_due_at is null then false else c.next_due_at <= clm_now() end as due, c.legal_edition
  from contract c
 where c.id = $1;

-- name: list_contracts
select c.id, c.number, c.title, c.type_key, c.type_version, c.status, c.configuration, c.outcome, c.terms_version,
       c.terms::text as terms, c.metadata::text as metadata, c.time_zone, c.formed_at, c.effective_at, c.ended_at,
       c.closed_at, c.created_at, c.updated_at, c.row_version,
       (select json_agg(json_build_object('role', p.role, 'party_id', p.party_id) order by p.role)::text
          from contract_party p where p.tenant_id = c.tenant_id and p.contract_id = c.id) as parties,
       (select json_agg(json_build_object('system', r.system, 'id', r.external_id) order by r.system, r.external_id)::text
          from contract_reference r where r.tenant_id = c.tenant_id and r.contract_id = c.id) as external_refs,
       case when c.next_due_at is null then false else c.next_due_at <= (select clm_now()) end as due
  from contract c
 where c.id > $1 and ($2::text is null or c.status = $2) and ($3::text is null or c.number = $3)
   and ($4::uuid is null or exists (select from contract_party p
                                     where p.tenant_id = c.tenant_id and p.contract_id = c.id and p.party_id = $4))
   and ($6::uuid[] is null or c.id = any($6))
 order by c.id
 limit $5;

-- name: first_found
-- The contracts with all terms among the passages that come first: there are enough of them where the terms are common.
select contract_id from clm_first_contracts_with($1, $2, $3, $4);

-- name: all_found
select contract_id from clm_contracts_with($1, $2, $3, $4);

-- name: by_reference
select contract_id from contract_reference where system = $1 and external_id = $2;

-- name: lock_reference
-- Two upserts of one external id take turns, also while neither has a row to lock.
select pg_advisory_xact_lock(hashtextextended(clm_tenant()::text || '/' || $1 || '/' || $2, 0));

-- name: lock_contract
-- The row stays locked until the decision is stored; the clock is read after the wait.
select id, number, type_key, type_version, own_text, time_zone, state::text as state, origin::text as origin, metadata,
       fact_no, event_no, row_version, legal_edition, timers_digest, waited, (select e.edition from legal_edition e) as loaded_edition,
       clm_now() as now
  from contract where id = $1 for update;

-- name: standing_copy
-- What a trial starts from: the same as a decision, without the lock.
select type_key, type_version, own_text, time_zone, state, origin, fact_no, row_version,
       (select e.edition from legal_edition e) as loaded_edition, clm_now() as now
  from contract where id = $1;

-- name: in_step
update contract set legal_edition = $2 where id = $1;

-- name: pass_over_behind
-- Contracts without a timer rest on no calendar, so they are in step with any; but not those where a date once waited.
update contract set legal_edition = $1
 where id in (select c.id from contract c
               where c.legal_edition < $1 and not c.waited
                 and not exists (select from timer t
                                  where t.tenant_id = c.tenant_id and t.contract_id = c.id and t.status = 'armed')
               limit 500 for update skip locked);

-- name: claim_behind
-- Two workers never bring one contract in step together: what one holds the other skips.
select id from contract
 where legal_edition < (select e.calendar_edition from legal_edition e) and id <> all($1::uuid[])
 order by id limit 1 for update skip locked;

-- name: facts_since
select id, no, kind, at, recorded_at, data from fact where contract_id = $1 and no > $2 order by no;

-- name: decided_events
-- What a late fact may supersede: decisions, not mere records.
select e.*, c.time_zone from event e join contract c on c.tenant_id = e.tenant_id and c.id = e.contract_id
 where e.contract_id = $1 and e.superseded_at is null and e.no > $2 and (e.fact_id is not null or e.timer_key is not null)
 order by e.no;

-- name: all_events
select e.*, c.time_zone from event e join contract c on c.tenant_id = e.tenant_id and c.id = e.contract_id
 where e.contract_id = $1
 order by e.no;

-- name: submitted_by
-- Whose key submitted the draft last: what was waived then was waived by it.
select actor from event where contract_id = $1 and type = 'contract.submitted' order by no desc limit 1;

-- name: armed_timers
select t.*, c.time_zone from timer t join contract c on c.tenant_id = t.tenant_id and c.id = t.contract_id
 where t.contract_id = $1 and t.status = 'armed';

-- name: end_things
-- What a decision takes away: timers that fired, were cancelled or voided, events and versions superseded.
with t as (
    update timer set status = x.status, ended_at = $2
      from jsonb_to_recordset($3) x(id uuid, status text)
     where timer.id = x.id and timer.contract_id = $1
), f as (
    update timer set status = 'voided'
      from jsonb_to_recordset($4) x(key text, due_at timestamptz)
     where timer.contract_id = $1 and timer.status = 'fired' and timer.key = x.key and timer.due_at = x.due_at
    returning timer.id
), v as (
    update terms_version set superseded_at = $2
     where contract_id = $1 and superseded_at is null and no = any($5::int[])
), e as (
    update event set superseded_at = $2, superseded_by = $6
     where contract_id = $1 and id = any($7::uuid[])
), a as (
    update amendment set status = x.status
      from jsonb_to_recordset($8) x(id uuid, status text)
     where amendment.id = x.id and amendment.contract_id = $1
)
select id from f;

-- name: timers_by_id
select t.*, c.time_zone from timer t join contract c on c.tenant_id = t.tenant_id and c.id = t.contract_id
 where t.id = any($1::uuid[]);

-- name: store_decision
-- The contract row, the fact, the events, the timers and versions that a decision brings, in one round trip; returns
-- the contract as `get_contract` does. Terms ($8) and origin ($7, where $26 says so) are written where they change.
with c as (
    update contract
       set title = $2, status = $3, configuration = $4, outcome = $5, state = $6,
           origin = case when $26::boolean then $7 else origin end, terms = coalesce($8, terms), terms_version = $9, formed_at = $10, effective_at = $11, ended_at = $12, closed_at = $13, next_due_at = $14,
           fact_no = $15, event_no = $16, row_version = row_version + 1, updated_at = $17, time_zone = $18,
           legal_edition = $25, timers_digest = $27, waited = waited or $28
     where id = $1
    returning contract.*
), f as (
    insert into fact (id, contract_id, no, kind, at, recorded_at, actor, data)
    select x.id, c.id, x.no, x.kind, x.at, $17, $19, x.data
      from c, jsonb_to_recordset($20) x(id uuid, no int, kind text, at timestamptz, data jsonb)
), e as (
    insert into event (id, contract_id, no, type, at, recorded_at, fact_id, timer_key, actor, transition, rule,
                       explanation, status, configuration, outcome, terms_version, evidence, data)
    select x.id, c.id, x.no, x.type, x.at, $17, x.fact_id, x.timer_key, $19, x.transition, x.rule, x.explanation,
           x.status, x.configuration, x.outcome, x.terms_version, x.evidence, x.data
      from c, jsonb_to_recordset($21) x(id uuid, no int, type text, at timestamptz, fact_id uuid, timer_key text,
           transition text, rule text, explanation text, status text, configuration text[], outcome text,
           terms_version int, evidence uuid[], data jsonb)
), t as (
    insert into timer (id, contract_id, key, kind, status, due_at, certain, assumed, legal_date, rule, basis, subject,
                       terms_version, armed_at)
    select x.id, c.id, x.key, x.kind, 'armed', x.due_at, x.certain, x.assumed, x.legal_date, x.rule, x.basis, x.subject,
           $9, $17
      from c, jsonb_to_recordset($22) x(id uuid, key text, kind text, due_at timestamptz, certain boolean,
           assumed boolean, legal_date date, rule text, basis jsonb, subject jsonb)
), v as (
    insert into terms_version (contract_id, id, no, title, terms, sections, amendment_id, valid_from, valid_to,
                               recorded_at)
    select c.id, x.id, x.no, x.title, x.terms, x.sections, x.amendment_id, x.valid_from, x.valid_to, $17
      from c, jsonb_to_recordset($23) x(id uuid, no int, title text, terms jsonb, sections jsonb, amendment_id uuid,
           valid_from timestamptz, valid_to timestamptz)
), a as (
    update amendment set status = x.status, state = x.state, row_version = amendment.row_version + 1
      from jsonb_to_recordset($24) x(id uuid, status text, state jsonb)
     where amendment.id = x.id and amendment.contract_id = $1
)
select c.id, c.number, c.title, c.type_key, c.type_version, c.status, c.configuration, c.outcome, c.terms_version,
       c.terms::text as terms, c.metadata::text as metadata, c.time_zone, c.formed_at, c.effective_at, c.ended_at,
       c.closed_at, c.created_at, c.updated_at, c.row_version,
       (select json_agg(json_build_object('role', p.role, 'party_id', p.party_id) order by p.role)::text
          from contract_party p where p.tenant_id = c.tenant_id and p.contract_id = c.id) as parties,
       (select json_agg(json_build_object('system', r.system, 'id', r.external_id) order by r.system, r.external_id)::text
          from contract_reference r where r.tenant_id = c.tenant_id and r.contract_id = c.id) as external_refs
  from c;

-- name: edit_contract
update contract set number = $2, metadata = $3 where id = $1;

-- name: replace_parties
with gone as (delete from contract_party where contract_id = $1 and role <> all($3::text[]))
insert into contract_party (contract_id, role, party_id)
select $1, x.role, x.party_id from jsonb_to_recordset($2) x(role text, party_id uuid)
on conflict (tenant_id, contract_id, role) do update set party_id = excluded.party_id;

-- name: drop_references
delete from contract_reference where contract_id = $1;

-- name: add_references
insert into contract_reference (system, external_id, contract_id)
select x.system, x.id, $1 from jsonb_to_recordset($2) x(system text, id text);

-- name: record_event
-- Nothing where something due has not fired yet: it comes first.
with c as (
    update contract set event_no = event_no + 1
     where id = $2 and (next_due_at <= clm_now()) is not true
    returning event_no, status, configuration, outcome, terms_version, clm_now() as now
)
insert into event (id, contract_id, no, type, at, recorded_at, actor, rule, explanation, status, configuration,
                   outcome, terms_version, data, evidence)
select $1, $2, event_no, $3, now, now, $4, $5, $6, status, configuration, outcome, terms_version, $7, $8 from c;

-- name: standing
-- How the contract stood at $2 as known at $3. Review comes before signature whatever its clock time says, so the last
-- transition of the signed contract by legal time decides, and only without one the last step of review.
select e.status, e.configuration, e.outcome
  from event e
 where e.contract_id = $1 and e.at <= $2 and e.recorded_at <= $3 and e.transition is not null
   and (e.superseded_at is null or e.superseded_at > $3)
 order by e.transition not in ('T01', 'T02', 'W01') desc,
          case when e.transition in ('T01', 'T02', 'W01') then null else e.at end desc nulls last, e.no desc
 limit 1;

-- name: milestones
-- When the contract was formed, took effect, ended and was closed, of what had happened at $2 as known at $3.
select max(e.at) filter (where e.transition in ('T04', 'T05')) as formed_at,
       max(e.at) filter (where e.transition = 'T06') as effective_at,
       max(e.at) filter (where e.type = 'contract.terminated') as ended_at,
       max(e.at) filter (where e.transition = 'T50') as closed_at
  from event e
 where e.contract_id = $1 and e.at <= $2 and e.recorded_at <= $3
   and (e.superseded_at is null or e.superseded_at > $3);

-- name: version_in_force
select no, title, terms, sections, amendment_id, valid_from, valid_to
  from terms_version
 where contract_id = $1 and recorded_at <= $3 and (superseded_at is null or superseded_at > $3)
   and valid_from <= $2 and (valid_to is null or valid_to > $2)
 order by no desc
 limit 1;

-- name: due_contract
select next_due_at <= clm_now() as due, legal_edition from contract where id = $1;

-- name: party_roles
select p.role, x.kind, x.size_class
  from contract_party p join party x on x.tenant_id = p.tenant_id and x.id = p.party_id
 where p.contract_id = $1
 order by p.role;

-- name: reading
-- What the explanations are made of, with what the review asks of the parties.
select c.id, c.title, c.type_key, c.type_version, c.own_text, c.time_zone, c.state, c.terms_version, c.created_at, clm_now() as now,
       (select json_object_agg(p.role, json_build_object('id', p.party_id, 'kind', x.kind, 'size_class', x.size_class))
          from contract_party p join party x on x.tenant_id = p.tenant_id and x.id = p.party_id
         where p.tenant_id = c.tenant_id and p.contract_id = c.id) as parties
  from contract c
 where c.id = $1;

-- name: unknown_attachments
select x.id from unnest($2::uuid[]) x(id)
 where not exists (select from attachment a where a.id = x.id and a.contract_id = $1);

-- name: add_document
-- A second one for the same contract breaks the primary key.
with d as (
    insert into contract_document (contract_id, sha256, media_type, language, sections, preamble, closing, report,
                                   imported_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, clm_now())
    returning contract_id
)
update contract set own_text = true where id = (select contract_id from d);

-- name: own_sections
select sections from contract_document where contract_id = $1;

-- name: document
select sha256, media_type, language, sections, preamble, closing, report from contract_document where contract_id = $1;

-- name: is_contract
select 1 from contract where id = $1;
