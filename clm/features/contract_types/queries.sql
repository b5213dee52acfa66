-- name: latest_type
select document, version from contract_type where key = $1 order by version desc limit 1;

-- name: type_version
select document, version from contract_type where key = $1 and version = $2;

-- name: list_types
select distinct on (key) key, version, document from contract_type
 where $1::text is null or key > $1
 order by key, version desc limit $2;

-- name: add_type
insert into contract_type (key, version, document)
select $1::text, coalesce(max(version), 0) + 1, $2::jsonb from contract_type where key = $1
returning version;
