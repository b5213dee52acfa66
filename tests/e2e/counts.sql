-- name: fired
select count(*)::int from timer where status = 'fired' and kind = $1;

-- name: live_in_real_time
update tenant set test_now = null;

-- name: events_of
select count(*)::int from event where type = any($1::text[]);

-- name: doubled
-- Contracts at which one thing happened twice.
select count(*)::int from (select contract_id from event where superseded_at is null and type = any($1::text[])
                            group by contract_id, type having count(*) > 1) twice;

-- name: halved_firings
-- Timers that fired and left no event, or left one and are armed still.
select count(*)::int from timer t
 where t.status in ('fired', 'armed')
   and (t.status = 'fired') <> exists (select from event e where e.contract_id = t.contract_id and e.timer_key = t.key);

-- name: halves
-- Contracts that lack their fact, event, terms version or timer, and rows of these without their contract.
select (select count(*) from contract c
         where not exists (select from fact f where f.contract_id = c.id and f.kind = 'create')
            or not exists (select from event e where e.contract_id = c.id and e.type = 'contract.created')
            or not exists (select from terms_version v where v.contract_id = c.id)
            or not exists (select from timer t where t.contract_id = c.id and t.kind = 'term'))::int;

-- name: contracts
select count(*)::int from contract;

-- name: connections_cut
-- Every connection of the service, as a failing network would.
select count(pg_terminate_backend(pid))::int from pg_stat_activity where usename = 'clm_service';

-- name: behind
select count(*)::int from contract c where c.legal_edition < (select e.calendar_edition from legal_edition e);
