-- Texts to be searched: what a contract says of itself, its notices, and what its files hold.

create table passage (
    tenant_id   uuid not null default clm_tenant(),
    id          uuid not null,
    contract_id uuid not null,
    kind        text not null check (kind in ('contract', 'section', 'notice', 'attachment')),
    ref         text not null,
    part        int not null,
    text        text not null,
    folded      text not null,
    grams       int4[] not null,
    primary key (tenant_id, id),
    constraint passage_once unique (tenant_id, contract_id, kind, ref, part),
    foreign key (tenant_id, contract_id) references contract
);
create index passage_by_grams on passage using gin (grams) with (fastupdate = off);
call clm_guard('passage');
grant delete on passage to clm_service;

-- How far the feed of events has been read into passages.
create table search_cursor (
    tenant_id uuid primary key default clm_tenant() references tenant,
    txid      bigint not null,
    event_id  uuid not null
);
call clm_guard('search_cursor');
grant update on search_cursor to clm_service;

-- What became of the text of a file.
create table attachment_text (
    tenant_id     uuid not null default clm_tenant(),
    attachment_id uuid not null,
    no            int not null,
    contract_id   uuid not null,
    status        text not null check (status in ('pending', 'indexed', 'unsupported', 'failed', 'sealed', 'gone')),
    problem       text,
    truncated     boolean not null default false,
    claimed_until timestamptz,
    primary key (tenant_id, attachment_id, no),
    foreign key (tenant_id, attachment_id, no) references attachment_version
);
create index attachment_text_pending on attachment_text (tenant_id, attachment_id, no) where status = 'pending';
call clm_guard('attachment_text');
grant update (status, problem, truncated, claimed_until) on attachment_text to clm_service;

create policy lookup on passage for select to clm_lookup using (true);
create policy lookup on search_cursor for select to clm_lookup using (true);
create policy lookup on attachment_text for select to clm_lookup using (true);
create policy lookup on event for select to clm_lookup using (true);
grant select on passage, search_cursor, attachment_text, event to clm_lookup;

create function clm_tenants_to_index() returns table (tenant_id uuid)
    language sql stable security definer set search_path = public
    as $$ select t.tenant_id from tenant t left join search_cursor s on s.tenant_id = t.tenant_id
           where exists (select from event e
                          where e.tenant_id = t.tenant_id
                            and (e.txid, e.id) > (coalesce(s.txid, 0)::text::xid8,
                                                  coalesce(s.event_id, '00000000-0000-0000-0000-000000000000'))
                            and e.txid < pg_snapshot_xmin(pg_current_snapshot()))
              or exists (select from attachment_text a where a.tenant_id = t.tenant_id and a.status = 'pending') $$;

-- Whether only those may read a file who are cleared for it. Until something is confidential nothing is withheld.
create function clm_is_withheld(attachment uuid) returns boolean
    language sql stable set search_path = public
    as $$ select false $$;

create function clm_is_hit_withheld(kind text, ref text) returns boolean
    language sql stable set search_path = public
    as $$ select case when kind = 'attachment' then clm_is_withheld(split_part(ref, '/', 1)::uuid) else false end $$;

-- Under row-level security an operator that is not leakproof cannot use an index, and none of arrays is. These
-- run as a role whose policy lets all through, and say themselves which tenant is meant.
create function clm_recent_passages(terms text[], kinds text[], contract uuid, before uuid, cleared boolean,
                                    looked_at int, at_most int)
    returns table (id uuid)
    language sql stable security definer set search_path = public
    as $$ select p.id
            from (select q.id, q.kind, q.ref, q.contract_id, q.folded
                    from passage q
                   where q.tenant_id = clm_tenant() and (before is null or q.id < before)
                   order by q.tenant_id desc, q.id desc limit looked_at) p
           where (kinds is null or p.kind = any(kinds)) and (contract is null or p.contract_id = contract)
             and not exists (select from unnest(terms) t (term) where strpos(p.folded, t.term) = 0)
             and (cleared or not clm_is_hit_withheld(p.kind, p.ref))
           order by p.id desc limit at_most $$;

create function clm_passages(wanted int4[], terms text[], kinds text[], contract uuid, before uuid, cleared boolean,
                             at_most int)
    returns table (id uuid)
    language sql stable security definer set search_path = public set enable_seqscan = off
    as $$ with held as materialized (
              select q.id, q.tenant_id, q.kind, q.ref, q.contract_id, q.folded from passage q where q.grams @> wanted)
          select p.id from held p
           where p.tenant_id = clm_tenant() and (before is null or p.id < before)
             and (kinds is null or p.kind = any(kinds)) and (contract is null or p.contract_id = contract)
             and not exists (select from unnest(terms) t (term) where strpos(p.folded, t.term) = 0)
             and (cleared or not clm_is_hit_withheld(p.kind, p.ref))
           order by p.id desc limit at_most $$;

create function clm_first_contracts_with(terms text[], after uuid, cleared boolean, looked_at int)
    returns table (contract_id uuid)
    language sql stable security definer set search_path = public
    as $$ select distinct p.contract_id
            from (select q.kind, q.ref, q.contract_id, q.folded from passage q
                   where q.tenant_id = clm_tenant() and q.contract_id > after
                   order by q.tenant_id, q.contract_id limit looked_at) p
           where not exists (select from unnest(terms) t (term) where strpos(p.folded, t.term) = 0)
             and (cleared or not clm_is_hit_withheld(p.kind, p.ref)) $$;

create function clm_contracts_with(wanted int4[], terms text[], after uuid, cleared boolean)
    returns table (contract_id uuid)
    language sql stable security definer set search_path = public set enable_seqscan = off
    as $$ with held as materialized (
              select q.tenant_id, q.kind, q.ref, q.contract_id, q.folded from passage q where q.grams @> wanted)
          select distinct p.contract_id from held p
           where p.tenant_id = clm_tenant() and p.contract_id > after
             and not exists (select from unnest(terms) t (term) where strpos(p.folded, t.term) = 0)
             and (cleared or not clm_is_hit_withheld(p.kind, p.ref)) $$;

do $$
declare each regprocedure;
begin
    grant create on schema public to clm_lookup;
    foreach each in array array[
        'clm_tenants_to_index()', 'clm_recent_passages(text[], text[], uuid, uuid, boolean, int, int)',
        'clm_passages(int4[], text[], text[], uuid, uuid, boolean, int)',
        'clm_first_contracts_with(text[], uuid, boolean, int)',
        'clm_contracts_with(int4[], text[], uuid, boolean)']::regprocedure[] loop
        execute format('alter function %s owner to clm_lookup', each);
        set local role clm_lookup;
        execute format('revoke execute on function %s from public', each);
        execute format('grant execute on function %s to clm_service', each);
        reset role;
    end loop;
    revoke create on schema public from clm_lookup;
end $$;
