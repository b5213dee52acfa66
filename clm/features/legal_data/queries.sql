-- name: edition
select edition from legal_edition;

-- name: everything
-- Calendars and rates of one edition: one statement sees one moment.
select e.edition, e.calendar_edition, e.loaded_at,
       (select coalesce(jsonb_agg(to_jsonb(h) order by h.jurisdiction, h.year, h.date), '[]') from holiday h) as holidays,
       (select coalesce(jsonb_agg(jsonb_set(to_jsonb(r), '{rate}', to_jsonb(r.rate::text)) order by r.series, r.date),
                        '[]')
          from lending_rate r) as rates
  from legal_edition e;

-- name: load_holidays
select as_of, changed from clm_load_holidays($1, $2);

-- name: load_rates
select as_of, changed from clm_load_rates($1, $2, $3);

-- name: tenants_behind
select tenant_id, contracts from clm_tenants_behind();
