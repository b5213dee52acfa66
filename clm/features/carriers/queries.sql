-- name: add
insert into carrier (id, name, secret, created_at) values ($1, $2, $3, clm_now());

-- name: get
select id, name, secret, created_at, ended_at from carrier where id = $1;

-- name: page
select id, name, created_at, ended_at from carrier where $1::uuid is null or id > $1 order by id limit $2;

-- name: set_secret
update carrier set secret = $2 where id = $1 and ended_at is null;

-- name: end_carrier
update carrier set ended_at = coalesce(ended_at, clm_now()) where id = $1;

-- name: tenant_of
select clm_carrier_tenant($1);

-- name: add_event
insert into carrier_event (id, carrier_id, message_id, waybill_no, event, at, body, status, recorded_at)
values ($1, $2, $3, $4, $5, $6, $7, 'unmatched', clm_now())
on conflict on constraint carrier_event_once do nothing;

-- name: event_of_message
select * from carrier_event where carrier_id = $1 and message_id = $2;

-- name: lock_event
select * from carrier_event where id = $1 for update;

-- name: settle_event
update carrier_event set status = $2, notice_id = $3, delivery_no = $4, problem = $5 where id = $1;

-- name: events
select * from carrier_event
 where carrier_id = $1 and ($2::uuid is null or id > $2) and ($3::text is null or status = $3)
 order by id limit $4;

-- name: matches
-- Reports that came before the notice that they are about was recorded as sent.
select e.id from carrier_event e
 where e.status = 'unmatched' and e.at <= clm_now() + interval '5 minutes'
   and exists (select from notice_delivery d where d.waybill_no = e.waybill_no and d.superseded_at is null
                  and coalesce(d.carrier_id, e.carrier_id) = e.carrier_id)
 order by e.at, e.id limit 50;

-- name: tenants_with_matches
select tenant_id from clm_tenants_with_matches();
