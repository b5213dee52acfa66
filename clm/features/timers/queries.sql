-- name: list_timers
select t.*, c.time_zone
  from timer t join contract c on c.tenant_id = t.tenant_id and c.id = t.contract_id
 where ($1::uuid is null or t.contract_id = $1)
   and ($2::text is null or t.status = $2)
   and ($3::text is null or t.kind = $3)
   and ($4::timestamptz is null or (t.due_at, t.id) > ($4, $5))
 order by t.due_at, t.id
 limit $6;

-- name: overdue_contracts
-- Contracts with a timer that is due: whoever reads first fires it.
select id from contract
 where next_due_at <= (select clm_now()) and ($1::uuid is null or id = $1) and id <> all($2::uuid[])
 order by next_due_at limit 200;

-- name: contract_exists
select true from contract where id = $1;

-- name: next_due
select id, contract_id, due_at from timer
 where status = 'armed' and certain and due_at <= $1
 order by due_at, id limit 1;

-- name: claim_overdue
-- Two workers never wait for each other: a contract that one holds is skipped by the other.
select id from contract where next_due_at <= (select clm_now()) and id <> all($1::uuid[])
 order by next_due_at limit 1 for update skip locked;

-- name: test_now
select test_now from tenant;

-- name: move_clock
-- Two calls at once never move it back.
update tenant set test_now = greatest(test_now, $1) where test_now is not null;

-- name: tenants_with_due_work
select tenant_id from clm_tenants_with_due_work();
