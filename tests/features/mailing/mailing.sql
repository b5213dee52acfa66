-- name: due_now
update outbox set next_at = clock_timestamp() where status = 'queued';

-- name: all_due_now
update outbox set next_at = clock_timestamp();

-- name: lease_lapses
update outbox set leased_until = clock_timestamp() - interval '1 second' where status = 'queued';

-- name: tried_often
update outbox set attempts = 11, next_at = clock_timestamp() where status = 'queued';

-- name: token
select token from outbox where subject_id = $1 order by queued_at desc limit 1;

-- name: rows
select id, status, attempts, unsure, filed_at, data from outbox where subject_id = $1 order by id;
