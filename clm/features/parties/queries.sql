-- name: add_party
insert into party (id, legal_name, kind, uscc, size_class, details, created_at, updated_at)
select $1::uuid, $2::text, $3::text, $4::text, $5::text, $6::jsonb, now, now from clm_now() as now;

-- name: lock_party
-- The row stays locked until the change is stored, so that addresses are numbered without gaps.
select id, legal_name, kind, uscc, size_class, details, row_version, created_at, updated_at
  from party where id = $1 for update;

-- name: parties
select id, legal_name, kind, uscc, size_class, details, row_version, created_at, updated_at
  from party where id = any($1::uuid[]);

-- name: list_parties
select id, legal_name, kind, uscc, size_class, details, row_version, created_at, updated_at from party
 where ($1::uuid is null or id > $1)
   and ($2::text is null or uscc = $2)
   and ($3::text is null or starts_with(legal_name, $3))
 order by id limit $4;

-- name: update_party
update party
   set legal_name = $2, kind = $3, uscc = $4, size_class = $5, details = $6,
       row_version = row_version + 1, updated_at = clm_now()
 where id = $1
returning row_version;

-- name: touch_party
update party set row_version = row_version + 1, updated_at = clm_now() where id = $1;

-- name: add_address
insert into party_address (party_id, no, channel, address, recipient, operates_from, told, recorded_at)
values ($1, $2, $3, $4, $5, $6, $7, clm_now());

-- name: addresses
select party_id, no, channel, address, recipient, operates_from, told, recorded_at
  from party_address where party_id = any($1::uuid[])
 order by party_id, no;

-- name: address_on
-- The address that operates on a day toward another party ($4): of those from that day or before, the latest; of two
-- from one day, the later one. One that a notice announced operates toward who got the notice.
select party_id, no, channel, address, recipient, operates_from, told, recorded_at
  from party_address
 where party_id = $1 and channel = $2 and operates_from <= $3 and (told is null or told = $4)
 order by operates_from desc, no desc limit 1;
