-- name: put
insert into outbox (id, kind, subject_id, token, data, actor) values ($1, $2, $3, $4, $5, $6);

-- name: cancel
-- What a worker has in hand is not called back any more: it may be out already.
update outbox set status = 'cancelled', ended_at = clm_now()
 where kind = $1 and subject_id = $2 and status = 'queued' and (leased_until is null or leased_until <= clock_timestamp());

-- name: claim
-- A lease that ran out leaves open whether its holder got through. Materialized: a join that asked for the next row
-- once more would lease another, and nobody would send it.
with one as materialized (
    select w.id from outbox w
     where w.kind = $1 and w.status = 'queued' and w.next_at <= clock_timestamp()
       and (w.leased_until is null or w.leased_until <= clock_timestamp())
     order by w.next_at limit 1 for update skip locked)
update outbox o
   set leased_until = clock_timestamp() + $2, attempts = o.attempts + 1, unsure = o.unsure or o.leased_until is not null
  from one where o.id = one.id
returning o.id, o.subject_id, o.token, o.attempts, o.data, o.actor, o.unsure, o.queued_at;

-- name: finish
-- Only whoever holds the lease now says how it ended.
update outbox
   set status = $3, last_error = $4, data = data || $5::jsonb, leased_until = null, ended_at = clm_now()
 where id = $1 and attempts = $2 and status = 'queued';

-- name: again
update outbox set last_error = $3, next_at = clock_timestamp() + $4, leased_until = null, unsure = unsure or $5
 where id = $1 and attempts = $2 and status = 'queued';

-- name: worn_out
-- Whoever dies with it again and again sends it without end otherwise.
update outbox
   set status = 'failed', ended_at = clm_now(), leased_until = null, unsure = true,
       last_error = coalesce(last_error, 'every attempt broke off')
 where kind = $1 and status = 'queued' and attempts >= $2 and leased_until <= clock_timestamp();

-- name: in_hand
-- A worker has it, or what came of it is not on record yet.
select exists (select from outbox
                where kind = $1 and subject_id = $2
                  and (status = 'queued' or (status in ('sent', 'failed') and recorded_at is null)));

-- name: unrecorded
select id, subject_id, status, data, ended_at, last_error from outbox
 where kind = $1 and status in ('sent', 'failed') and recorded_at is null and next_at <= clock_timestamp()
 order by next_at limit 1;

-- name: record
update outbox set recorded_at = clock_timestamp(), data = data || $2::jsonb where id = $1 and recorded_at is null;

-- name: later
update outbox set next_at = clock_timestamp() + $2 where id = $1;

-- name: unfiled
select id, subject_id, status, data, ended_at, last_error from outbox
 where kind = $1 and status = 'sent' and recorded_at is not null and filed_at is null and next_at <= clock_timestamp()
 order by next_at limit 1;

-- name: file
update outbox set filed_at = clock_timestamp(), data = data - $2::text[] where id = $1 and filed_at is null;

-- name: note
update outbox set data = data || $2::jsonb where id = $1;

-- name: by_token
select id, subject_id, case when recorded_at is null then 'queued' else status end as status, data, ended_at, last_error
  from outbox where kind = $1 and token = any($2::text[]) limit 1;

-- name: by_name
select id, subject_id, case when recorded_at is null then 'queued' else status end as status, data, ended_at, last_error
  from outbox
 where kind = $1 and id = any($2::uuid[]) limit 1;

-- name: tenants
select tenant_id from clm_tenants_with_outgoing($1);
