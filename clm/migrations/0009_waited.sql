-- Whether a date that a decision of the contract rests on ever waited for a holiday notice, armed as a timer or not: what
-- was decided meanwhile is decided again when that is loaded.
alter table contract add column waited boolean not null default false;

alter table contract no force row level security;
alter table timer no force row level security;

update contract c set waited = true
 where exists (select from timer t where t.tenant_id = c.tenant_id and t.contract_id = c.id and not t.certain);

alter table contract force row level security;
alter table timer force row level security;
