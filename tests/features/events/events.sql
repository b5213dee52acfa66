-- name: add
with numbered as (
     update contract set event_no = event_no + 1 where id = $2 returning *
)
insert into event (id, contract_id, no, type, at, recorded_at, rule, explanation, status, configuration, outcome,
                   terms_version, data)
select $1, id, event_no, $3, clm_now(), clm_now(), 'T05', 'because', status, configuration, outcome, terms_version,
       '{"key": "值"}'
  from numbered;

-- name: supersede
update event set superseded_at = clm_now(), superseded_by = $2 where id = $1;
