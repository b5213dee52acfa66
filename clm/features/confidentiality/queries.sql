-- name: add_item
insert into confidential_item (id, contract_id, name, class, owner, recipients, carrier, marked, disclosed_at,
                               recorded_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: contract
-- What the duty is computed from, with the flag that says a timer is due.
select c.id, c.state, c.type_key, c.type_version, c.row_version, t.now,
       coalesce(c.next_due_at <= t.now, false) as due
  from (select clm_now() as now) t, contract c
 where c.id = $1;

-- name: list_items
-- One item ($2), or a contract's from the one after $3 on.
select i.*,
       (select jsonb_agg(jsonb_build_object('kind', l.kind, 'at', l.at) || l.data order by l.at, l.no)
          from confidential_log l where l.tenant_id = i.tenant_id and l.item_id = i.id) as log
  from confidential_item i
 where i.contract_id = $1 and ($2::uuid is null or i.id = $2) and ($3::uuid is null or i.id > $3)
 order by i.id limit $4;

-- name: contract_of
select contract_id from confidential_item where id = $1;

-- name: note_release
update confidential_item set released_for = $2, row_version = row_version + 1 where id = $1;

-- name: add_to_log
-- The contract is locked, so that entries are numbered without gaps.
with i as (update confidential_item set row_version = row_version + 1 where id = $1 returning id)
insert into confidential_log (item_id, no, kind, at, data, actor, recorded_at)
select i.id, (select coalesce(max(no), 0) + 1 from confidential_log where item_id = $1), $2, $3, $4, $5, $6 from i;
