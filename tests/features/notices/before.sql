-- name: before
-- As it was before notices were sent from here: no outbox, no evidence of its own, no tasks, no carriers.
set local role clm_lookup;
drop function clm_tenants_with_outgoing(text[]);
drop function clm_carrier_tenant(uuid);
drop function clm_tenants_with_matches();
reset role;
drop policy lookup on notice_delivery;
alter table notice_delivery drop column carrier_id;
drop table carrier_event, carrier, notice_task, notice_evidence, outbox;
alter table notice_delivery drop column waybill_no;

-- name: evidence
select e.channel, e.item, e.attachment_id, e.version_no, e.sha256, e.source, e.delivery_no
  from notice_evidence e where e.notice_id = $1 order by e.no;

-- name: tasks
select kind, cause, rule, closed_at from notice_task where notice_id = $1;
