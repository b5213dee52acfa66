-- name: add_item
insert into confidential_item (id, contract_id, name, class, owner, recipients, carrier, marked, disclosed_at,
                               recorded_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- name: change_item
update confidential_item
   set name = $2, class = $3, owner = $4, recipients = $5, carrier = $6, marked = $7, disclosed_at = $8
 where id = $1;

-- name: protect
update confidential_item set protected = $2 where id = $1 and protected <> $2;

-- name: contract
-- What the duty is computed from, with the flag that says a timer is due, and when compelled disclosures were told.
select c.id, c.state, c.type_key, c.type_version, c.row_version, t.now,
       coalesce(c.next_due_at <= t.now, false) as due,
       (select jsonb_object_agg(n.id, jsonb_build_object('from', n.from_role, 'to', n.to_role, 'arrived_at',
               case when clm_notice_status(n, t.now) = 'arrived' then n.arrives_at end))
          from notice n
         where n.tenant_id = c.tenant_id and n.contract_id = c.id and n.type = 'compelled_disclosure') as notices
  from (select clm_now() as now) t, contract c
 where c.id = $1;

-- name: list_items
-- One item ($2), or a contract's from the one after $3 on.
select i.*,
       (select jsonb_agg(jsonb_build_object('no', l.no, 'kind', l.kind, 'at', l.at, 'data', l.data, 'actor', l.actor,
               'recorded_at', l.recorded_at, 'fact_id', l.fact_id, 'superseded_at', l.superseded_at,
               'superseded_for', l.superseded_for) order by l.no)
          from confidential_log l where l.tenant_id = i.tenant_id and l.item_id = i.id) as log,
       (select array_agg(a.attachment_id order by a.attachment_id) from confidential_attachment a
         where a.tenant_id = i.tenant_id and a.item_id = i.id and a.counts) as attachments
  from confidential_item i
 where i.contract_id = $1 and ($2::uuid is null or i.id = $2) and ($3::uuid is null or i.id > $3)
 order by i.id limit $4;

-- name: contract_of
select contract_id from confidential_item where id = $1;

-- name: add_to_log
-- The contract is locked, so that entries are numbered without gaps.
with i as (update confidential_item set row_version = row_version + 1 where id = $1 returning id)
insert into confidential_log (item_id, no, kind, at, data, actor, recorded_at, fact_id)
select i.id, (select coalesce(max(no), 0) + 1 from confidential_log where item_id = $1), $2, $3, $4, $5, $6, $7 from i;

-- name: supersede_step
with i as (update confidential_item set row_version = row_version + 1 where id = $1 returning id)
update confidential_log l set superseded_at = $3, superseded_by = $4, superseded_for = $5
  from i where l.item_id = i.id and l.no = $2;

-- name: fact_no
select no from fact where id = $1;

-- name: files
select id, kind from attachment where contract_id = $1 and id = any($2::uuid[]);

-- name: add_files
insert into confidential_attachment (item_id, attachment_id) select $1, x.id from unnest($2::uuid[]) x(id)
on conflict (tenant_id, item_id, attachment_id) do update set counts = true;

-- name: drop_files
update confidential_attachment set counts = false where item_id = $1 and attachment_id <> all($2::uuid[]);

-- name: withheld
-- Those of some files that only cleared keys may read.
select a.id, a.contract_id from attachment a where a.id = any($1::uuid[]) and clm_is_withheld(a.id);

-- name: log_accesses
insert into attachment_access (id, contract_id, attachment_id, no, actor, how, granted, at)
select x.id, a.contract_id, a.id, x.no, $4, $5, $6, clm_now()
  from unnest($1::uuid[], $2::uuid[], $3::int[]) x(id, attachment_id, no) join attachment a on a.id = x.attachment_id;

-- name: files_of_item
-- Each with its latest version; one row without a file for an item that has none.
select i.contract_id, a.id, a.latest_no
  from confidential_item i
  left join (confidential_attachment f join attachment a on a.tenant_id = f.tenant_id and a.id = f.attachment_id)
    on f.tenant_id = i.tenant_id and f.item_id = i.id and f.counts
 where i.id = $1 order by a.id;

-- name: log_refused
insert into attachment_access (id, contract_id, item_id, attachment_id, no, actor, how, granted, at)
select x.id, $4, $5, x.attachment_id, x.no, $6, $7, false, clm_now()
  from unnest($1::uuid[], $2::uuid[], $3::int[]) x(id, attachment_id, no);

-- name: accesses
-- Of a contract ($1) or of one file ($2), oldest first.
select x.id, x.attachment_id, x.item_id, coalesce(a.name, i.name) as name, x.no as version, x.how, x.actor as "by", k.name as key_name, x.granted, x.at,
       c.time_zone
  from attachment_access x
  left join attachment a on a.tenant_id = x.tenant_id and a.id = x.attachment_id
  left join confidential_item i on i.tenant_id = x.tenant_id and i.id = x.item_id
  join contract c on c.tenant_id = x.tenant_id and c.id = x.contract_id
  left join api_key k on k.tenant_id = x.tenant_id and k.id = x.actor
 where ($1::uuid is null or x.contract_id = $1) and ($2::uuid is null or x.attachment_id = $2)
   and ($3::uuid is null or x.id > $3)
 order by x.id limit $4;

-- name: is_attachment
select 1 from attachment where id = $1;

-- name: is_contract
select 1 from contract where id = $1;
