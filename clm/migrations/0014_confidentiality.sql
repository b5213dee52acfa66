-- Confidentiality: every step of an item has a number and can be corrected, files belong to items, keys have a clearance,
-- and whoever reads a confidential file is on record.

alter table api_key add column clearance text not null default 'confidential'
    check (clearance in ('none', 'confidential'));

set local role clm_lookup;
drop function clm_key_by_hash(bytea);
reset role;

create function clm_key_by_hash(hash bytea)
    returns table (tenant_id uuid, key_id uuid, scopes text[], test_clock boolean, clearance text)
    language sql stable security definer set search_path = public
    as $$ select k.tenant_id, k.id, k.scopes, t.test_now is not null, k.clearance
            from api_key k join tenant t on t.tenant_id = k.tenant_id
           where k.key_hash = hash and k.revoked_at is null $$;

-- A step that was recorded by mistake stays on record; it only counts no longer, and says since when and why.
alter table confidential_log
    drop constraint confidential_log_kind_check,
    add constraint confidential_log_kind check (kind in ('disclose', 'attach', 'request', 'release', 'reject', 'permit',
                                                         'return', 'toll', 'end-toll')),
    add column fact_id        uuid,
    add column superseded_at  timestamptz,
    add column superseded_by  uuid,
    add column superseded_for text,
    add constraint step_superseded_for_a_reason check ((superseded_at is null) = (superseded_for is null));
grant update (superseded_at, superseded_by, superseded_for) on confidential_log to clm_service;

-- Protected until it is released, or turns out not to have been disclosed: what the duty is now is in the contract.
alter table confidential_item add column protected boolean not null default true;
grant update (name, class, owner, recipients, carrier, marked, disclosed_at, protected) on confidential_item to clm_service;

alter table confidential_item no force row level security;
alter table confidential_log no force row level security;
alter table fact no force row level security;

update confidential_item set protected = false where released_for is not null;
alter table confidential_item drop column released_for;  -- the step of the release says why

insert into confidential_log (tenant_id, item_id, no, kind, at, data, actor, recorded_at, fact_id)
select f.tenant_id, i.id, 0, 'disclose', f.at,
       jsonb_build_object('name', i.name, 'class', i.class, 'owner', i.owner, 'recipients', i.recipients,
                          'carrier', i.carrier, 'marked', i.marked),
       f.actor, f.recorded_at, f.id
  from fact f join confidential_item i on i.tenant_id = f.tenant_id and i.id = (f.data ->> 'item_id')::uuid
 where f.kind = 'item.disclose';

insert into confidential_log (tenant_id, item_id, no, kind, at, data, actor, recorded_at, fact_id)
select f.tenant_id, i.id,
       (select max(l.no) from confidential_log l where l.tenant_id = i.tenant_id and l.item_id = i.id)
           + row_number() over (partition by f.tenant_id, i.id order by f.no),
       'release', f.at, f.data - 'item_id', f.actor, f.recorded_at, f.id
  from fact f join confidential_item i on i.tenant_id = f.tenant_id and i.id = (f.data ->> 'item_id')::uuid
 where f.kind = 'item.release';

alter table confidential_item force row level security;
alter table confidential_log force row level security;
alter table fact force row level security;

create table confidential_attachment (
    tenant_id     uuid not null default clm_tenant(),
    item_id       uuid not null,
    attachment_id uuid not null,
    counts        boolean not null default true,  -- false where it was named by mistake
    primary key (tenant_id, item_id, attachment_id),
    foreign key (tenant_id, item_id) references confidential_item,
    foreign key (tenant_id, attachment_id) references attachment
);
create index confidential_attachment_by_file on confidential_attachment (tenant_id, attachment_id);
call clm_guard('confidential_attachment');
grant update (counts) on confidential_attachment to clm_service;

-- Append-only: no grant to change or delete.
create table attachment_access (
    tenant_id     uuid not null default clm_tenant(),
    id            uuid not null,
    contract_id   uuid not null,
    attachment_id uuid not null,
    no            int not null,
    actor         uuid not null,
    how           text not null check (how in ('content', 'link', 'text', 'comparison', 'search')),
    granted       boolean not null,
    at            timestamptz not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, attachment_id) references attachment
);
create index attachment_access_by_contract on attachment_access (tenant_id, contract_id, id);
create index attachment_access_by_attachment on attachment_access (tenant_id, attachment_id, id);
call clm_guard('attachment_access');

-- What a key without clearance is not shown, by the search neither: not even that a term stands in such a file.
create policy lookup on confidential_attachment for select to clm_lookup using (true);
create policy lookup on confidential_item for select to clm_lookup using (true);
grant select on confidential_attachment, confidential_item to clm_lookup;

create or replace function clm_is_withheld(attachment uuid) returns boolean
    language sql stable set search_path = public
    as $$ select exists (select from confidential_attachment a
                           join confidential_item i on i.tenant_id = a.tenant_id and i.id = a.item_id and i.protected
                          where a.tenant_id = clm_tenant() and a.attachment_id = attachment and a.counts) $$;

grant create on schema public to clm_lookup;
alter function clm_key_by_hash(bytea) owner to clm_lookup;
revoke create on schema public from clm_lookup;
set local role clm_lookup;
revoke execute on function clm_key_by_hash(bytea) from public;
grant execute on function clm_key_by_hash(bytea) to clm_service;
reset role;
