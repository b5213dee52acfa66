-- name: contract
select type_key, type_version from contract where id = $1;

-- name: lock_object
-- Held until the unit ends: nobody sweeps these bytes between their binding and the commit of the row that needs them.
-- Answers with the key that they have, if a row says so.
select clm_lock_object($1);

-- name: try_lock_object
select pg_try_advisory_xact_lock(hashtextextended(clm_tenant()::text || '/' || $1, 0));

-- name: keep_place
insert into stored_object (sha256, key) values ($1, $2) on conflict (tenant_id, sha256) do update set key = excluded.key;

-- name: forget_place
delete from stored_object where sha256 = $1;

-- name: placed
select key, sha256 from stored_object where key = any($1::text[]);

-- name: referenced
select sha256 from clm_object_references(clm_tenant(), $1::text[]);

-- name: insert_first
-- A new attachment with its first version, as `attachment` reads it; its bytes are locked as `lock_object` locks them.
with a as (
    insert into attachment (id, contract_id, kind, name, latest_no, recorded_at) values ($1, $2, $3, $4, 1, clm_now())
    returning *
), v as (
    insert into attachment_version (attachment_id, no, size, sha256, sealed_sha256, media_type, at, actor)
    values ($1, 1, $5, $6, $7, $8, coalesce($9, clm_now()), $10)
    returning at, attachment_version as stored
)
select clm_claim_object(coalesce($7, $6), $11) as key, v.at,
       a.id, a.contract_id, a.kind, a.name, a.row_version, a.recorded_at, c.time_zone,
       jsonb_build_array(clm_version_out(v.stored)) as versions,
       c.type_key, c.type_version, c.formed_at, c.effective_at, c.ended_at, clm_now() as now,
       c.next_due_at <= clm_now() as due,
       c.terms #> '{attachments,update_rules}' as update_rules,
       (select array_agg(p.role order by p.role) from contract_party p where p.contract_id = c.id) as roles,
       null::jsonb as said, null::jsonb as amended
  from a, v, contract c
 where c.id = $2;

-- name: next_version
-- The row stays locked, so that versions sent at once get consecutive numbers.
update attachment
   set latest_no = latest_no + 1, row_version = row_version + 1
 where id = $1
returning latest_no, row_version, contract_id, kind, name;

-- name: insert_version
insert into attachment_version (attachment_id, no, size, sha256, sealed_sha256, media_type, at, actor)
values ($1, $2, $3, $4, $5, $6, coalesce($7, clm_now()), $8)
returning at,
          (select c.time_zone
             from attachment a
             join contract c on c.tenant_id = a.tenant_id and c.id = a.contract_id
            where a.id = $1) as time_zone;

-- name: attachment
select a.id, a.contract_id, a.kind, a.name, a.row_version, a.recorded_at, c.time_zone,
       (select jsonb_agg(clm_version_out(v) order by v.no)
          from attachment_version v
         where v.tenant_id = a.tenant_id and v.attachment_id = a.id) as versions,
       c.type_key, c.type_version, c.formed_at, c.effective_at, c.ended_at, clm_now() as now,
       c.next_due_at <= clm_now() as due,
       c.terms #> '{attachments,update_rules}' as update_rules,
       (select array_agg(p.role order by p.role) from contract_party p where p.contract_id = c.id) as roles,
       (select jsonb_agg(jsonb_build_object('no', w.no, 'word', w.word, 'party', w.party, 'at', w.at, 'note', w.note)
                         order by w.word_no)
          from attachment_word w where w.attachment_id = a.id) as said,
       (select jsonb_agg(jsonb_build_object('no', n.v -> 'attachments' -> a.id::text, 'at', n.v -> 'valid_from'))
          from jsonb_array_elements(c.state -> 'versions') n (v)
         where n.v -> 'attachments' ? a.id::text and n.v ->> 'valid_from' is not null
           and exists (select from amendment m, jsonb_array_elements(m.changes) changed
                        where m.id = (n.v ->> 'amendment_id')::uuid
                          and changed ->> 'path' = '/attachments/' || a.id and changed ->> 'op' <> 'test')) as amended
  from attachment a
  join contract c on c.tenant_id = a.tenant_id and c.id = a.contract_id
 where a.id = $1;

-- name: attachments
select a.id, a.contract_id, a.kind, a.name, a.row_version, a.recorded_at, c.time_zone,
       (select jsonb_agg(clm_version_out(v) order by v.no)
          from attachment_version v
         where v.tenant_id = a.tenant_id and v.attachment_id = a.id) as versions,
       c.type_key, c.type_version, c.formed_at, c.effective_at, c.ended_at, clm_now() as now,
       c.terms #> '{attachments,update_rules}' as update_rules,
       (select array_agg(p.role order by p.role) from contract_party p where p.contract_id = c.id) as roles,
       (select jsonb_agg(jsonb_build_object('no', w.no, 'word', w.word, 'party', w.party, 'at', w.at, 'note', w.note)
                         order by w.word_no)
          from attachment_word w where w.attachment_id = a.id) as said,
       (select jsonb_agg(jsonb_build_object('no', n.v -> 'attachments' -> a.id::text, 'at', n.v -> 'valid_from'))
          from jsonb_array_elements(c.state -> 'versions') n (v)
         where n.v -> 'attachments' ? a.id::text and n.v ->> 'valid_from' is not null
           and exists (select from amendment m, jsonb_array_elements(m.changes) changed
                        where m.id = (n.v ->> 'amendment_id')::uuid
                          and changed ->> 'path' = '/attachments/' || a.id and changed ->> 'op' <> 'test')) as amended
  from attachment a
  join contract c on c.tenant_id = a.tenant_id and c.id = a.contract_id
 where a.contract_id = $1 and ($2::uuid is null or a.id > $2) and ($3::text is null or a.kind = $3)
 order by a.id
 limit $4;

-- name: known
select c.time_zone
  from attachment a
  join contract c on c.tenant_id = a.tenant_id and c.id = a.contract_id
 where a.id = $1;

-- name: versions
select v.no, clm_version_out(v) as version
  from attachment_version v
 where v.attachment_id = $1 and v.no > $2
 order by v.no
 limit $3;

-- name: content
select a.name, c.time_zone, v.no, v.size, v.sha256, v.sealed_sha256, v.media_type, k.wrapped as wrapped_key,
       clm_object_key(v) as key, clm_is_withheld(a.id) as withheld,
       (select t.wrapped from tenant_key t where v.sealed_sha256 is not null) as tenant_key,
       gone.kind as gone, gone.at as gone_at, gone.reason as gone_reason
  from attachment_version v
  join attachment a on a.tenant_id = v.tenant_id and a.id = v.attachment_id
  join contract c on c.tenant_id = a.tenant_id and c.id = a.contract_id
  left join data_key k on k.tenant_id = v.tenant_id and k.attachment_id = v.attachment_id and k.no = v.no
  left join tombstone gone on gone.tenant_id = v.tenant_id and gone.attachment_id = v.attachment_id and gone.no = v.no
 where v.attachment_id = $1 and v.no = $2;

-- name: add_tenant_key
insert into tenant_key (wrapped, created_at) values ($1, clock_timestamp()) on conflict do nothing;

-- name: tenant_key
select wrapped from tenant_key;

-- name: rewrap_tenant_key
update tenant_key set wrapped = $1 where wrapped = $2;

-- name: add_data_key
insert into data_key (attachment_id, no, wrapped) values ($1, $2, $3);

-- name: destroy_data_key
delete from data_key where attachment_id = $1 and no = $2;

-- name: kept
-- What decides how long a version is kept: its kind, its contract, and whether something holds it.
select a.kind, a.name, a.contract_id, v.no, v.at, v.size, v.sha256, v.sealed_sha256 is not null as sealed,
       c.type_key, c.type_version, c.time_zone, c.formed_at, c.ended_at,
       c.terms #> '{personal_information,retention}' as agreed, clm_now() as now,
       (select t.kind from tombstone t where t.attachment_id = v.attachment_id and t.no = v.no) as gone,
       (select jsonb_agg(h.name order by h.id) from legal_hold h
         where h.attachment_id = a.id and h.released_at is null) as holds,
       (select array_agg(distinct n.no order by n.no)
          from notice_evidence e join notice n on n.tenant_id = e.tenant_id and n.id = e.notice_id
         where e.attachment_id = v.attachment_id and e.version_no = v.no and n.withdrawn_at is null) as proves
  from attachment_version v
  join attachment a on a.tenant_id = v.tenant_id and a.id = v.attachment_id
  join contract c on c.tenant_id = a.tenant_id and c.id = a.contract_id
 where v.attachment_id = $1 and v.no = $2;

-- name: lock_contract_of
-- Whatever changes about a file takes its contract first, so that no two writes wait for each other.
select a.contract_id, a.kind, a.name
  from attachment a
  join contract c on c.tenant_id = a.tenant_id and c.id = a.contract_id
 where a.id = $1
   for update of c;

-- name: version_before
-- What the next version of a file follows: when its last one came to be, and when the contract was formed.
select v.at, c.formed_at, c.time_zone
  from attachment a
  join attachment_version v on v.tenant_id = a.tenant_id and v.attachment_id = a.id and v.no = a.latest_no
  join contract c on c.tenant_id = a.tenant_id and c.id = a.contract_id
 where a.id = $1;

-- name: add_tombstone
insert into tombstone (attachment_id, no, kind, reason, at, actor) values ($1, $2, $3, $4, clm_now(), $5);

-- name: touch
update attachment set row_version = row_version + 1 where id = $1;

-- name: add_hold
insert into legal_hold (id, attachment_id, name, reason, placed_at, placed_by) values ($1, $2, $3, $4, clm_now(), $5);

-- name: hold
select h.*, c.time_zone, a.contract_id, a.name as file, a.kind
  from legal_hold h
  join attachment a on a.tenant_id = h.tenant_id and a.id = h.attachment_id
  join contract c on c.tenant_id = a.tenant_id and c.id = a.contract_id
 where h.id = $1;

-- name: lock_hold
select id from legal_hold where id = $1 for update;

-- name: holds
select h.*, c.time_zone
  from legal_hold h
  join attachment a on a.tenant_id = h.tenant_id and a.id = h.attachment_id
  join contract c on c.tenant_id = a.tenant_id and c.id = a.contract_id
 where h.attachment_id = $1 and ($2::uuid is null or h.id > $2)
 order by h.id
 limit $3;

-- name: release_hold
update legal_hold
   set released_at = clm_now(), released_by = $2, release_reason = $3, row_version = row_version + 1
 where id = $1;

-- name: tenants_with_files
select tenant_id from clm_tenants_with_files();

-- name: files
-- What the store must hold for a tenant, in pages.
select v.attachment_id, v.no, v.size, coalesce(v.sealed_sha256, v.sha256) as stored_sha256,
       v.sealed_sha256 is not null as sealed, k.no is not null as has_key, clm_object_key(v) as key
  from attachment_version v
  left join data_key k on k.tenant_id = v.tenant_id and k.attachment_id = v.attachment_id and k.no = v.no
 where (v.attachment_id, v.no) > ($1, $2)
   and not exists (select from tombstone t where t.attachment_id = v.attachment_id and t.no = v.no)
 order by v.attachment_id, v.no
 limit $3;

-- name: add_word
-- The attachment is locked, so that words are numbered without gaps.
insert into attachment_word (attachment_id, word_no, no, word, party, at, note, evidence, actor, recorded_at)
select $1, coalesce(max(word_no), 0) + 1, $2, $3, $4, $5, $6, $7, $8, clm_now()
  from attachment_word where attachment_id = $1;

-- name: version_of_contract
select 1 from attachment a
  join attachment_version v on v.tenant_id = a.tenant_id and v.attachment_id = a.id
 where a.id = $1 and a.contract_id = $2 and v.no = $3;

-- name: documents
-- What a contract consists of beside its attachments.
select type_key, type_version, time_zone, clm_now() as now, state -> 'versions' as versions from contract where id = $1;

-- name: add_upload
insert into upload (id, contract_id, attachment_id, kind, name, size, media_type, sha256, at, part_size, store_upload,
                    expires_at, actor)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, clock_timestamp() + $12::interval, $13);

-- name: upload
select u.*, u.status = 'open' and u.expires_at < clock_timestamp() as late, c.time_zone
  from upload u join contract c on c.tenant_id = u.tenant_id and c.id = u.contract_id
 where u.id = $1;

-- name: lock_upload
select status, expires_at from upload where id = $1 for update;

-- name: note_found
update upload set found_sha256 = $2, found_media_type = $3 where id = $1 and status = 'open';

-- name: complete_upload
update upload set status = 'completed', attachment_id = $2, no = $3, row_version = row_version + 1 where id = $1;

-- name: end_upload
update upload set status = $2, findings = $3, row_version = row_version + 1 where id = $1 and status = 'open';

-- name: tenants_with_late_uploads
select tenant_id from clm_tenants_with_late_uploads();

-- name: late_uploads
-- An hour later, so that no completion that began in time is under way.
select id, store_upload from upload where status = 'open' and expires_at < clock_timestamp() - interval '1 hour' limit 200;

-- name: lock_late_upload
select id from upload where id = $1 and status = 'open' for update skip locked;
