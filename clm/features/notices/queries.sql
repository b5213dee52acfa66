-- name: add_notice
insert into notice (id, contract_id, no, type, from_role, to_role, channel, subject, body, ground, clause, cure, details,
                    validity, arrival, recorded_at)
select $1, $2, coalesce(max(no), 0) + 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15
  from notice where contract_id = $2;

-- name: contract_of
select contract_id from notice where id = $1;

-- name: get_notice
select n.*, clm_notice_status(n, t.now) as status, t.now, c.time_zone, coalesce(c.next_due_at <= t.now, false) as due,
       (select jsonb_agg(to_jsonb(d) - 'tenant_id' - 'notice_id' - 'actor' - 'superseded_by' order by d.no)
          from notice_delivery d where d.tenant_id = n.tenant_id and d.notice_id = n.id) as deliveries
  from (select clm_now() as now) t,
       notice n join contract c on c.tenant_id = n.tenant_id and c.id = n.contract_id
 where n.id = $1;

-- name: list_notices
select n.*, clm_notice_status(n, t.now) as status, t.now, c.time_zone, coalesce(c.next_due_at <= t.now, false) as due,
       (select jsonb_agg(to_jsonb(d) - 'tenant_id' - 'notice_id' - 'actor' - 'superseded_by' order by d.no)
          from notice_delivery d where d.tenant_id = n.tenant_id and d.notice_id = n.id) as deliveries
  from (select clm_now() as now) t,
       notice n join contract c on c.tenant_id = n.tenant_id and c.id = n.contract_id
 where n.contract_id = $1 and n.no > $2
   and ($3::text is null or n.type = $3)
   and ($4::text is null or clm_notice_status(n, t.now) = $4)
 order by n.no limit $5;

-- name: store_notice
update notice
   set address = $2, rules = $3, sent_at = $4, arrival = $5, arrives_at = $6, withdrawn_at = $7, judgements = $8,
       row_version = row_version + 1
 where id = $1;

-- name: add_delivery
-- The contract is locked, so that events are numbered without gaps.
insert into notice_delivery (notice_id, no, channel, event, at, evidence, note, actor, recorded_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: supersede_delivery
update notice_delivery set superseded_at = $3, superseded_by = $4, superseded_for = $5 where notice_id = $1 and no = $2;

-- name: party_with_role
select party_id from contract_party where contract_id = $1 and role = $2;

-- name: unsettled_address_changes
-- Announcements of a new address that have arrived and are not in the address book yet.
select id, from_role, details, arrival, rules from notice
 where contract_id = $1 and type = 'address_change' and settled_at is null
   and clm_notice_status(notice, $2) = 'arrived'
 order by arrives_at, no;

-- name: announced_before
-- The days from which an announced address stood in the book by mistake.
select distinct (data ->> 'address_from')::date as first_day from event
 where contract_id = $1 and type = 'notice.delivery_corrected' and data ->> 'notice_id' = $2 and data ? 'address_from'
 order by first_day;

-- name: settle
update notice set settled_at = $2, row_version = row_version + 1 where id = $1;

-- name: on_their_way
-- Notices whose arrival a newly loaded calendar may move: dispatched, not taken back, not arrived yet.
select id from notice
 where contract_id = $1 and rules is not null and withdrawn_at is null
   and (arrives_at is null or arrives_at > clm_now())
 order by no;
