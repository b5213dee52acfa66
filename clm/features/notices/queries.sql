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
          from notice_delivery d where d.tenant_id = n.tenant_id and d.notice_id = n.id) as deliveries,
       (select jsonb_agg(jsonb_build_object('id', o.id, 'status', o.status, 'to', o.data ->> 'to', 'attempts', o.attempts,
                                            'unsure', o.unsure, 'last_error', o.last_error,
                                            'doubted', o.data ? 'doubted', 'queued_at', o.queued_at,
                                            'next_at', case when o.status = 'queued' then o.next_at end,
                                            'after_step', (o.data ->> 'after_step')::int, 'ended_at', o.ended_at)
                         order by o.id)
          from outbox o where o.tenant_id = n.tenant_id and o.subject_id = n.id and o.kind = 'notice.mail') as outgoing,
       (select jsonb_agg(to_jsonb(k) || jsonb_build_object('contract_id', n.contract_id) order by k.id)
          from notice_task k where k.tenant_id = n.tenant_id and k.notice_id = n.id) as tasks
  from (select clm_now() as now) t,
       notice n join contract c on c.tenant_id = n.tenant_id and c.id = n.contract_id
 where n.id = $1;

-- name: list_notices
select n.*, clm_notice_status(n, t.now) as status, t.now, c.time_zone, coalesce(c.next_due_at <= t.now, false) as due,
       (select jsonb_agg(to_jsonb(d) - 'tenant_id' - 'notice_id' - 'actor' - 'superseded_by' order by d.no)
          from notice_delivery d where d.tenant_id = n.tenant_id and d.notice_id = n.id) as deliveries,
       (select jsonb_agg(jsonb_build_object('id', o.id, 'status', o.status, 'to', o.data ->> 'to', 'attempts', o.attempts,
                                            'unsure', o.unsure, 'last_error', o.last_error,
                                            'doubted', o.data ? 'doubted', 'queued_at', o.queued_at,
                                            'next_at', case when o.status = 'queued' then o.next_at end,
                                            'after_step', (o.data ->> 'after_step')::int, 'ended_at', o.ended_at)
                         order by o.id)
          from outbox o where o.tenant_id = n.tenant_id and o.subject_id = n.id and o.kind = 'notice.mail') as outgoing,
       (select jsonb_agg(to_jsonb(k) || jsonb_build_object('contract_id', n.contract_id) order by k.id)
          from notice_task k where k.tenant_id = n.tenant_id and k.notice_id = n.id) as tasks
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
insert into notice_delivery (notice_id, no, channel, event, at, evidence, note, actor, recorded_at, waybill_no,
                             carrier_id)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: supersede_delivery
update notice_delivery set superseded_at = $3, superseded_by = $4, superseded_for = $5 where notice_id = $1 and no = $2;

-- name: party_with_role
select party_id from contract_party where contract_id = $1 and role = $2;

-- name: unsettled_address_changes
-- Announcements of a new address that have arrived and are not in the address book yet.
select id, from_role, to_role, details, arrival, rules from notice
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

-- name: named_by
-- The notice that another notice of the same sender names as the one that it takes back.
select id from notice where contract_id = $1 and from_role = $2 and id::text = $3 and type <> 'withdrawal';

-- name: letterhead
-- The contract and the names of sender and addressee.
select c.number, c.title, s.legal_name as sender, a.legal_name as addressee
  from contract c
  join contract_party cs on cs.tenant_id = c.tenant_id and cs.contract_id = c.id and cs.role = $2
  join party s on s.tenant_id = cs.tenant_id and s.id = cs.party_id
  join contract_party ca on ca.tenant_id = c.tenant_id and ca.contract_id = c.id and ca.role = $3
  join party a on a.tenant_id = ca.tenant_id and a.id = ca.party_id
 where c.id = $1;

-- name: add_evidence
-- The newest version, as it is now; what is held under the same item already stays.
insert into notice_evidence (notice_id, no, channel, item, attachment_id, version_no, sha256, source, delivery_no, actor,
                             recorded_at)
select $1, (select coalesce(max(e.no), 0) + 1 from notice_evidence e where e.notice_id = $1), $2, $3, v.attachment_id, v.no,
       v.sha256, $5, $6, $7, $8
  from attachment_version v where v.attachment_id = $4 order by v.no desc limit 1
on conflict on constraint notice_evidence_once do nothing;

-- name: evidence
select e.no, e.item, e.channel, e.attachment_id, e.version_no as version, a.name, e.sha256, e.source, e.delivery_no,
       e.recorded_at, c.time_zone
  from notice_evidence e
  join attachment a on a.tenant_id = e.tenant_id and a.id = e.attachment_id
  join contract c on c.tenant_id = a.tenant_id and c.id = a.contract_id
 where e.notice_id = $1 order by e.no;

-- name: tasks_of_notice
select id, kind, cause, closed_at, closed_for from notice_task where notice_id = $1 order by id;

-- name: open_task
-- One that was closed, and is called for again, opens again.
insert into notice_task as t (id, notice_id, kind, cause, explanation, rule, channels, opened_at)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict on constraint notice_task_once do update
   set explanation = excluded.explanation, channels = excluded.channels, opened_at = excluded.opened_at,
       closed_at = null, closed_for = null, reason = null, actor = null
returning t.id;

-- name: close_task
update notice_task set closed_at = $2, closed_for = $3, reason = $4, actor = $5 where id = $1;

-- name: contract_of_task
select n.contract_id from notice_task t join notice n on n.tenant_id = t.tenant_id and n.id = t.notice_id where t.id = $1;

-- name: get_task
select t.*, n.contract_id, c.time_zone
  from notice_task t
  join notice n on n.tenant_id = t.tenant_id and n.id = t.notice_id
  join contract c on c.tenant_id = n.tenant_id and c.id = n.contract_id
 where t.id = $1;

-- name: list_tasks
select t.*, n.contract_id, c.time_zone
  from notice_task t
  join notice n on n.tenant_id = t.tenant_id and n.id = t.notice_id
  join contract c on c.tenant_id = n.tenant_id and c.id = n.contract_id
 where ($1::uuid is null or t.id > $1)
   and ($2::uuid is null or n.contract_id = $2)
   and ($3::text is null or t.kind = $3)
   and ($4::text is null or (t.closed_at is null) = ($4 = 'open'))
 order by t.id limit $5;

-- name: touch_notice
update notice set row_version = row_version + 1 where id = $1;

-- name: dispatched_with
-- The notice whose newest counting dispatch went under a carrier's number.
select d.notice_id, d.channel, n.contract_id
  from notice_delivery d join notice n on n.tenant_id = d.tenant_id and n.id = d.notice_id
 where d.waybill_no = $1 and d.superseded_at is null and coalesce(d.carrier_id, $2) = $2
 order by d.recorded_at desc, d.notice_id desc limit 1;

-- name: judged_by
select n.rules, c.time_zone, c.type_key, c.type_version
  from notice n join contract c on c.tenant_id = n.tenant_id and c.id = n.contract_id
 where n.id = $1;
