-- name: feed
-- Nothing of a transaction is shown while an older one is still open: a row that commits late would be passed over.
-- The watermark is always there, in a row without an event where none is due.
select w.watermark, e.*, c.time_zone
  from (select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as watermark) w
  left join lateral (
       select txid::text::bigint as txid, id, contract_id, no, type, at, recorded_at, status, configuration, outcome,
              transition, rule, explanation, terms_version, fact_id, timer_key, actor, superseded_at, superseded_by,
              evidence, data as details
         from event
        where (txid, id) > ($1::bigint::text::xid8, $2::uuid)
          and txid < pg_snapshot_xmin(pg_current_snapshot())
          and ($3::uuid is null or contract_id = $3)
          and ($4::text is null or type = $4)
        order by event.txid, event.id
        limit $5) e on true
  left join contract c on c.id = e.contract_id
 order by e.txid, e.id;
