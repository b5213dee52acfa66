-- name: stands
-- The contract's row, and how much hangs on it.
select c.status, c.configuration, c.outcome, c.title, c.terms, c.terms_version, c.formed_at, c.effective_at, c.ended_at,
       c.closed_at, c.next_due_at, c.fact_no, c.event_no, c.row_version, c.state, c.origin, c.updated_at,
       clm_now() as now,
       (select count(*) from fact f where f.contract_id = c.id) as facts,
       (select count(*) from event e where e.contract_id = c.id) as events,
       (select count(*) from event e where e.contract_id = c.id and e.superseded_at is not null) as superseded,
       (select count(*) from timer t where t.contract_id = c.id) as timers,
       (select count(*) from timer t where t.contract_id = c.id and t.status = 'armed') as armed,
       (select count(*) from terms_version v where v.contract_id = c.id) as versions,
       (select coalesce(sum(a.row_version), 0) from amendment a where a.contract_id = c.id) as amendments,
       (select count(*) from notice n where n.contract_id = c.id) as notices,
       (select count(*) from notice_delivery d join notice n on n.tenant_id = d.tenant_id and n.id = d.notice_id
         where n.contract_id = c.id) as deliveries,
       (select count(*) from confidential_item i where i.contract_id = c.id) as items
  from contract c where c.id = $1;

-- name: versions
select no, title, terms, sections, amendment_id, valid_from, valid_to, recorded_at, superseded_at
  from terms_version where contract_id = $1 order by no, recorded_at;

-- name: amendments
select id, no, status, state from amendment where contract_id = $1 order by no;

-- name: timers
select key, kind, status, due_at, legal_date, certain, assumed, basis, subject, rule
  from timer where contract_id = $1 order by due_at, key;

-- name: events
select * from event where contract_id = $1 order by no;

-- name: facts
select id, no, kind, at, recorded_at, data from fact where contract_id = $1 order by no;
