-- name: behind
select count(*) from contract c where c.legal_edition < (select e.calendar_edition from legal_edition e);

-- name: editions
select distinct legal_edition from contract;

-- name: forget_editions
update contract set legal_edition = 0;

-- name: live_in_real_time
update tenant set test_now = null;

-- name: changed_twice
-- Timers of which more than one event tells a change.
select count(*) from (select contract_id, data #>> '{timer,key}' from event where type = 'deadline.changed'
                       group by 1, 2 having count(*) > 1) twice;

-- name: told
select count(*) from event where type = 'deadline.changed';

-- name: hold
select id from contract where id = $1 for update;

-- name: databases_rows
select jurisdiction, year, date, kind, name, source from holiday order by year, date;
