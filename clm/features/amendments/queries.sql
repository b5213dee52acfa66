-- name: add_amendment
insert into amendment (id, contract_id, no, changes, rationale, effective, proposed_by, base_version, status, state,
                       recorded_at)
select $1, $2, coalesce(max(no), 0) + 1, $3, $4, $5, $6, $7, $8, $9, $10 from amendment where contract_id = $2;

-- name: get_amendment
select a.*, c.time_zone, c.type_key, c.type_version, case when c.next_due_at is null then false else c.next_due_at <= clm_now() end as due
  from amendment a join contract c on c.tenant_id = a.tenant_id and c.id = a.contract_id
 where a.id = $1;

-- name: list_amendments
select a.*, c.time_zone, c.type_key, c.type_version, case when c.next_due_at is null then false else c.next_due_at <= clm_now() end as due
  from amendment a join contract c on c.tenant_id = a.tenant_id and c.id = a.contract_id
 where a.contract_id = $1 and a.no > $2
 order by a.no limit $3;

-- name: contract_of
select contract_id from amendment where id = $1;
