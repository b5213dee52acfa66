-- What leaves the service: mail of notices, and what carriers say of items on their way. Evidence and tasks of notices.

-- An outbox row is written with the decision that it follows from, and sent by a worker afterwards. Leases and retries
-- run on the wall clock: outside, no test clock is known.
create table outbox (
    tenant_id    uuid not null default clm_tenant(),
    id           uuid not null,
    kind         text not null,
    subject_id   uuid not null,
    status       text not null default 'queued' check (status in ('queued', 'sent', 'failed', 'cancelled')),
    attempts     int not null default 0,
    next_at      timestamptz not null default clock_timestamp(),
    leased_until timestamptz,
    token        text not null,
    data         jsonb not null default '{}',
    last_error   text,
    unsure       boolean not null default false,  -- an attempt ended without anybody knowing how
    actor        uuid,
    queued_at    timestamptz not null default clm_now(),
    ended_at     timestamptz,
    recorded_at  timestamptz,  -- what came of it is on the record of its subject
    filed_at     timestamptz,  -- what shows that it was sent is kept with the contract's files
    primary key (tenant_id, id),
    constraint outbox_ended check ((status = 'queued') = (ended_at is null))
);
create unique index outbox_one_at_a_time on outbox (tenant_id, kind, subject_id) where status = 'queued';
create unique index outbox_by_token on outbox (tenant_id, token);
create index outbox_by_subject on outbox (tenant_id, subject_id);
create index outbox_due on outbox (next_at) where status = 'queued';
create index outbox_unrecorded on outbox (next_at) where status in ('sent', 'failed') and recorded_at is null;
create index outbox_unfiled on outbox (next_at) where status = 'sent' and filed_at is null;
call clm_guard('outbox');
grant update (status, attempts, next_at, leased_until, data, last_error, unsure, ended_at, recorded_at, filed_at) on outbox to clm_service;

-- The number under which a carrier knows an item.
alter table notice_delivery add column waybill_no text check (waybill_no ~ '^[0-9A-Za-z-]{4,64}$');
create index notice_delivery_by_waybill on notice_delivery (tenant_id, waybill_no) where waybill_no is not null;

create table notice_evidence (
    tenant_id     uuid not null default clm_tenant(),
    notice_id     uuid not null,
    no            int not null,
    channel       text not null,
    item          text not null,
    attachment_id uuid not null,
    version_no    int not null,
    sha256        text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    source        text not null check (source in ('user', 'mail', 'bounce', 'carrier')),
    delivery_no   int,
    actor         uuid,
    recorded_at   timestamptz not null,
    primary key (tenant_id, notice_id, no),
    constraint notice_evidence_once unique (tenant_id, notice_id, channel, item, attachment_id, version_no),
    foreign key (tenant_id, notice_id) references notice,
    foreign key (tenant_id, attachment_id, version_no) references attachment_version
);
create index notice_evidence_by_file on notice_evidence (tenant_id, attachment_id, version_no);
call clm_guard('notice_evidence');

-- Evidence that was named with a step before now is held from now on.
alter table notice no force row level security;
alter table notice_delivery no force row level security;
alter table notice_evidence no force row level security;
alter table attachment_version no force row level security;
insert into notice_evidence (tenant_id, notice_id, no, channel, item, attachment_id, version_no, sha256, source, delivery_no,
                             actor, recorded_at)
select one.tenant_id, one.notice_id, row_number() over (partition by one.tenant_id, one.notice_id order by one.no, one.attachment_id),
       one.channel, 'other', one.attachment_id, one.version_no, one.sha256, 'user', one.no, one.actor, one.recorded_at
  from (select distinct on (d.tenant_id, d.notice_id, d.channel, v.attachment_id)
               d.tenant_id, d.notice_id, d.no, d.channel, v.attachment_id, v.no as version_no, v.sha256, d.actor, d.recorded_at
          from notice_delivery d
          cross join lateral unnest(d.evidence) e (attachment_id)
          join attachment_version v on v.tenant_id = d.tenant_id and v.attachment_id = e.attachment_id
         order by d.tenant_id, d.notice_id, d.channel, v.attachment_id, (v.at <= d.recorded_at) desc, v.no desc, d.no) one;

-- What somebody has to do about a notice. Derived with every judgement, so a correction undoes it too.
create table notice_task (
    tenant_id   uuid not null default clm_tenant(),
    id          uuid not null,
    notice_id   uuid not null,
    kind        text not null check (kind in ('review', 'fallback')),
    cause       text not null,
    explanation text not null,
    rule        text not null,
    channels    text[] not null,
    opened_at   timestamptz not null,
    closed_at   timestamptz,
    closed_for  text check (closed_for in ('resent', 'arrived', 'withdrawn', 'corrected', 'dismissed')),
    reason      text,
    actor       uuid,
    primary key (tenant_id, id),
    constraint notice_task_once unique (tenant_id, notice_id, kind, cause),
    constraint notice_task_closed check ((closed_at is null) = (closed_for is null)),
    constraint notice_task_dismissed check ((closed_for is not distinct from 'dismissed') = (reason is not null)),
    foreign key (tenant_id, notice_id) references notice
);
create index notice_task_open on notice_task (tenant_id, id) where closed_at is null;
call clm_guard('notice_task');
grant update (explanation, channels, opened_at, closed_at, closed_for, reason, actor) on notice_task to clm_service;

-- Notices from before now that need somebody.
alter table notice_task no force row level security;
insert into notice_task (tenant_id, id, notice_id, kind, cause, explanation, rule, channels, opened_at)
select n.tenant_id, gen_random_uuid(), n.id, 'review', 'defects',
       'The notice does not name its ground and has no effect. Withdraw it, and send one that does.', 'R-N11', '{}', n.recorded_at
  from notice n where n.validity = 'defective' and n.withdrawn_at is null;

insert into notice_task (tenant_id, id, notice_id, kind, cause, explanation, rule, channels, opened_at)
select n.tenant_id, gen_random_uuid(), n.id, 'fallback', 'step:' || d.no,
       'It did not get through: ' || d.event || ' by ' || d.channel || '. Send it by another channel.', 'R-N6', '{}', d.recorded_at
  from notice n
  join lateral (select one.no, one.event, one.channel, one.recorded_at from notice_delivery one
                 where one.tenant_id = n.tenant_id and one.notice_id = n.id and one.superseded_at is null
                   and one.event in ('bounced', 'returned')
                 order by one.no desc limit 1) d on true
 where n.arrival ->> 'status' = 'failed' and n.withdrawn_at is null;

alter table notice force row level security;
alter table notice_delivery force row level security;
alter table notice_evidence force row level security;
alter table attachment_version force row level security;
alter table notice_task force row level security;

create table carrier (
    tenant_id  uuid not null default clm_tenant(),
    id         uuid not null,
    name       text not null,
    secret     bytea not null,  -- wrapped under the tenant's key
    created_at timestamptz not null,
    ended_at   timestamptz,
    primary key (tenant_id, id),
    constraint carrier_name_once unique (tenant_id, name)
);
create index carrier_by_id on carrier (id);
call clm_guard('carrier');
grant update (secret, ended_at) on carrier to clm_service;

-- Whose reports move the item; where nobody said, any carrier's of the tenant.
alter table notice_delivery add column carrier_id uuid,
    add constraint notice_delivery_carrier foreign key (tenant_id, carrier_id) references carrier;

-- Append-only but for what became of it: what a carrier says is lost in no case.
create table carrier_event (
    tenant_id   uuid not null default clm_tenant(),
    id          uuid not null,
    carrier_id  uuid not null,
    message_id  text not null,
    waybill_no  text not null,
    event       text not null,
    at          timestamptz not null,
    body        text not null,
    status      text not null check (status in ('recorded', 'noted', 'unmatched', 'refused')),
    notice_id   uuid,
    delivery_no int,
    problem     text,
    recorded_at timestamptz not null,
    primary key (tenant_id, id),
    constraint carrier_event_once unique (tenant_id, carrier_id, message_id),
    foreign key (tenant_id, carrier_id) references carrier,
    foreign key (tenant_id, notice_id) references notice
);
create index carrier_event_unmatched on carrier_event (tenant_id, waybill_no) where status = 'unmatched';
call clm_guard('carrier_event');
grant update (status, notice_id, delivery_no, problem) on carrier_event to clm_service;

create policy lookup on carrier_event for select to clm_lookup using (true);
create policy lookup on notice_delivery for select to clm_lookup using (true);
grant select on carrier_event, notice_delivery to clm_lookup;
create policy lookup on outbox for select to clm_lookup using (true);
create policy lookup on carrier for select to clm_lookup using (true);
grant select on outbox, carrier to clm_lookup;

create function clm_tenants_with_outgoing(kinds text[]) returns table (tenant_id uuid)
    language sql volatile security definer set search_path = public
    as $$ select distinct o.tenant_id from outbox o
           where (o.status = 'queued' or (o.status = 'sent' and o.filed_at is null)
                  or (o.status in ('sent', 'failed') and o.recorded_at is null))
             and o.kind = any(kinds) and o.next_at <= clock_timestamp()
             and (o.leased_until is null or o.leased_until <= clock_timestamp()) $$;
create function clm_carrier_tenant(carrier uuid) returns uuid
    language sql stable security definer set search_path = public
    as $$ select c.tenant_id from carrier c where c.id = carrier $$;
create function clm_tenants_with_matches() returns table (tenant_id uuid)
    language sql stable security definer set search_path = public
    as $$ select distinct e.tenant_id from carrier_event e
            join notice_delivery d on d.tenant_id = e.tenant_id and d.waybill_no = e.waybill_no
           where e.status = 'unmatched' and d.superseded_at is null $$;
grant create on schema public to clm_lookup;
alter function clm_tenants_with_matches() owner to clm_lookup;
alter function clm_tenants_with_outgoing(text[]) owner to clm_lookup;
alter function clm_carrier_tenant(uuid) owner to clm_lookup;
set local role clm_lookup;
create or replace function clm_tenants_with_files() returns table (tenant_id uuid)
    language sql stable security definer set search_path = public
    as $$ select v.tenant_id from attachment_version v union select c.tenant_id from carrier c $$;
reset role;
revoke create on schema public from clm_lookup;
set local role clm_lookup;
revoke execute on function clm_tenants_with_outgoing(text[]), clm_carrier_tenant(uuid), clm_tenants_with_matches() from public;
grant execute on function clm_tenants_with_outgoing(text[]), clm_carrier_tenant(uuid), clm_tenants_with_matches() to clm_service;
reset role;
