-- Whether a date that a decision of the contract rests on ever waited for a holiday notice, armed as a timer or not: what
-- was decided meanwhile is decided again when that is loaded.
alter table contract add column waited boolean not null default false;
update contract c set waited = true
 where exists (select from timer t where t.tenant_id = c.tenant_id and t.contract_id = c.id and not t.certain);
