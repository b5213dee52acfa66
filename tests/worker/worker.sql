-- name: live_in_real_time
update tenant set test_now = null;

-- name: fired
select count(*) from timer where status = 'fired' and kind = $1;

-- name: doubled
select count(*) from (select contract_id, timer_key from event where timer_key is not null
                       group by contract_id, timer_key having count(*) > 1) twice;
