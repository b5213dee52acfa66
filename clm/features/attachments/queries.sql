-- name: contract
select type_key, type_version from contract where id = $1;

-- name: lock_object
-- Held until the unit ends: nobody sweeps these bytes between their binding and the commit of the row that needs them.
select pg_advisory_xact_lock(hashtextextended(clm_tenant()::text || '/' || $1, 0));

-- name: try_lock_object
select pg_try_advisory_xact_lock(hashtextextended(clm_tenant()::text || '/' || $1, 0));

-- name: referenced
select sha256 from clm_object_references(clm_tenant(), $1::text[]);

-- name: insert_attachment
insert into attachment (id, contract_id, kind, name, latest_no, recorded_at) values ($1, $2, $3, $4, 1, clm_now());

-- name: next_version
-- The row stays locked, so that versions sent at once get consecutive numbers.
update attachment
   set latest_no = latest_no + 1, row_version = row_version + 1
 where id = $1
returning latest_no, row_version, contract_id, kind, name;

-- name: insert_version
insert into attachment_version (attachment_id, no, size, sha256, media_type, at, actor)
values ($1, $2, $3, $4, $5, coalesce($6, clm_now()), $7)
returning at,
          (select c.time_zone
             from attachment a
             join contract c on c.tenant_id = a.tenant_id and c.id = a.contract_id
            where a.id = $1) as time_zone;

-- name: attachment
select a.id, a.contract_id, a.kind, a.name, a.row_version, c.time_zone,
       (select jsonb_agg(jsonb_build_object('no', v.no, 'size', v.size, 'sha256', v.sha256,
                                            'media_type', v.media_type, 'at', v.at) order by v.no)
          from attachment_version v
         where v.tenant_id = a.tenant_id and v.attachment_id = a.id) as versions
  from attachment a
  join contract c on c.tenant_id = a.tenant_id and c.id = a.contract_id
 where a.id = $1;

-- name: attachments
select a.id, a.contract_id, a.kind, a.name, a.row_version, c.time_zone,
       (select jsonb_agg(jsonb_build_object('no', v.no, 'size', v.size, 'sha256', v.sha256,
                                            'media_type', v.media_type, 'at', v.at) order by v.no)
          from attachment_version v
         where v.tenant_id = a.tenant_id and v.attachment_id = a.id) as versions
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
select no, size, sha256, media_type, at
  from attachment_version
 where attachment_id = $1 and no > $2
 order by no
 limit $3;

-- name: content
select a.name, v.size, v.sha256, v.media_type
  from attachment_version v
  join attachment a on a.tenant_id = v.tenant_id and a.id = v.attachment_id
 where v.attachment_id = $1 and v.no = $2;
