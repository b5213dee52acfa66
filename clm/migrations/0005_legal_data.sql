-- Calendars and rates: public law, so the same for every tenant, and no tenant's. The service role may read them; it
-- writes through two functions that belong to the owner, compare what is there, and count the edition.

create table legal_edition (
    only_row         boolean primary key default true check (only_row),
    edition          bigint not null,
    calendar_edition bigint not null,
    loaded_at        timestamptz not null default clock_timestamp(),
    constraint calendars_are_part_of_the_edition check (calendar_edition <= edition)
);
insert into legal_edition (edition, calendar_edition) values (0, 0);

-- What a year's notice moves. A notice may reach back into the last week of the year before (R-T10) and a little ahead.
create table holiday (
    jurisdiction text not null check (jurisdiction = 'CN'),
    year         int not null check (year between 1990 and 2100),
    date         date not null,
    kind         text not null check (kind in ('rest', 'makeup')),
    name         text not null check (name <> ''),
    source       text not null check (source <> ''),
    edition      bigint not null,
    loaded_at    timestamptz not null default clock_timestamp(),
    primary key (jurisdiction, year, date),
    constraint holiday_near_its_year check (date between make_date(year - 1, 12, 25) and make_date(year + 1, 1, 10))
);

-- A rate applies from the day of its publication on until the next.
create table lending_rate (
    series    text not null check (series = 'LPR_1Y'),
    date      date not null check (date between '1990-01-01' and '2100-12-31'),
    rate      numeric not null check (rate > 0 and rate < 1),
    source    text not null check (source <> ''),
    edition   bigint not null,
    loaded_at timestamptz not null default clock_timestamp(),
    primary key (series, date)
);
grant select on legal_edition, holiday, lending_rate to clm_service;

-- Loads take turns at the row of the edition. A notice that is there already, word for word, changes nothing.
create function clm_load_holidays(notices jsonb, only_absent boolean) returns table (as_of bigint, changed int[])
    language plpgsql security definer set search_path = public
as $$
declare
    notice record;
    following bigint;
    touched int[] := '{}';
begin
    select e.edition + 1 into strict following from legal_edition e for update;
    for notice in
        select * from jsonb_to_recordset(notices) x(jurisdiction text, year int, source text, days jsonb)
    loop
        if only_absent and exists (select from holiday h
                                    where h.jurisdiction = notice.jurisdiction and h.year = notice.year) then
            continue;
        end if;
        if not exists (
            select from (select h.date, h.kind, h.name, h.source from holiday h
                          where h.jurisdiction = notice.jurisdiction and h.year = notice.year) h
              full join (select d.date, d.kind, d.name, notice.source as source
                           from jsonb_to_recordset(notice.days) d(date date, kind text, name text)) d
                on d.date = h.date
             where (h.kind, h.name, h.source) is distinct from (d.kind, d.name, d.source)
        ) then
            continue;
        end if;
        delete from holiday h where h.jurisdiction = notice.jurisdiction and h.year = notice.year;
        insert into holiday (jurisdiction, year, date, kind, name, source, edition)
        select notice.jurisdiction, notice.year, d.date, d.kind, d.name, notice.source, following
          from jsonb_to_recordset(notice.days) d(date date, kind text, name text);
        touched := touched || notice.year;
    end loop;
    if touched = '{}' then
        return query select following - 1, touched;
    else
        update legal_edition set edition = following, calendar_edition = following, loaded_at = clock_timestamp();
        return query select following, touched;
    end if;
end $$;

-- Publications are added or corrected by their date; those that the call does not name stay.
create function clm_load_rates(wanted text, rates jsonb, only_absent boolean) returns table (as_of bigint, changed date[])
    language plpgsql security definer set search_path = public
as $$
declare
    following bigint;
    touched date[];
begin
    select e.edition + 1 into strict following from legal_edition e for update;
    with loaded as (
        insert into lending_rate as l (series, date, rate, source, edition)
        select wanted, x.date, x.rate, x.source, following
          from jsonb_to_recordset(rates) x(date date, rate numeric, source text)
        on conflict (series, date) do update
           set rate = excluded.rate, source = excluded.source, edition = excluded.edition, loaded_at = excluded.loaded_at
         where not only_absent and (l.rate, l.source) is distinct from (excluded.rate, excluded.source)
        returning l.date
    )
    select coalesce(array_agg(loaded.date order by loaded.date), '{}') into touched from loaded;
    if touched = '{}' then
        return query select following - 1, touched;
    else
        update legal_edition set edition = following, loaded_at = clock_timestamp();
        return query select following, touched;
    end if;
end $$;
revoke execute on function clm_load_holidays(jsonb, boolean), clm_load_rates(text, jsonb, boolean) from public;
grant execute on function clm_load_holidays(jsonb, boolean), clm_load_rates(text, jsonb, boolean) to clm_service;

-- The edition that a contract's timers were last computed with, or brought in step with.
alter table contract add column legal_edition bigint not null default 0;
create index contract_by_legal_edition on contract (legal_edition, tenant_id);

create function clm_tenants_behind() returns table (tenant_id uuid, contracts bigint)
    language sql stable security definer set search_path = public
    as $$ select c.tenant_id, count(*) from contract c
           where c.legal_edition < (select e.calendar_edition from legal_edition e)
           group by c.tenant_id $$;
grant select on legal_edition to clm_lookup;
grant create on schema public to clm_lookup;
alter function clm_tenants_behind() owner to clm_lookup;
revoke create on schema public from clm_lookup;
set local role clm_lookup;
revoke execute on function clm_tenants_behind() from public;
grant execute on function clm_tenants_behind() to clm_service;
reset role;
