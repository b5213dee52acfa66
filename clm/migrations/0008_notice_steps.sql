-- The dispatch of a notice in person, and the arrival of its withdrawal, are steps of its way like any other: with a
-- number, by which they can be corrected. What was recorded before gets its row; who recorded it is told by the events.
alter table notice no force row level security;
alter table notice_delivery no force row level security;

insert into notice_delivery (tenant_id, notice_id, no, channel, event, at, evidence, recorded_at)
select n.tenant_id, n.id, coalesce(d.last_no, 0) + row_number() over (partition by n.tenant_id, n.id order by step.rank),
       step.channel, step.event, step.at, '{}', greatest(step.at, n.recorded_at)
  from notice n
  left join lateral (
      select max(one.no) as last_no,
             min(one.at) filter (where one.event in ('posted', 'sent', 'published') and one.superseded_at is null) as sent_at
        from notice_delivery one where one.tenant_id = n.tenant_id and one.notice_id = n.id) d on true
  cross join lateral (values (1, 'personal', 'dispatched', case when n.sent_at < coalesce(d.sent_at, 'infinity') then n.sent_at end),
                             (2, n.channel, 'withdrawn', n.withdrawn_at)) step (rank, channel, event, at)
 where step.at is not null;

alter table notice force row level security;
alter table notice_delivery force row level security;
