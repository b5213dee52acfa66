-- name: tenants_to_index
select tenant_id from clm_tenants_to_index();

-- name: start_cursor
insert into search_cursor (txid, event_id) values (0, '00000000-0000-0000-0000-000000000000') on conflict do nothing;

-- name: claim_cursor
-- One process reads on at a time; another that comes meanwhile finds no row and has nothing to do.
select txid, event_id from search_cursor for update skip locked;

-- name: news
select e.txid::text::bigint as txid, e.id, e.contract_id
  from event e
 where (e.txid, e.id) > ($1::bigint::text::xid8, $2::uuid) and e.txid < pg_snapshot_xmin(pg_current_snapshot())
 order by e.txid, e.id
 limit $3;

-- name: move_cursor
update search_cursor set txid = $1, event_id = $2;

-- name: sources
-- What a contract and its notices say: title, number, names, agreed terms, texts of its own as amended.
select c.id, c.number, c.title, c.terms, c.state #> '{versions,-1,sections}' as sections,
       (select jsonb_agg(r.external_id order by r.system) from contract_reference r where r.contract_id = c.id) as refs,
       (select jsonb_agg(p.legal_name order by cp.role)
          from contract_party cp join party p on p.tenant_id = cp.tenant_id and p.id = cp.party_id
         where cp.contract_id = c.id) as parties,
       (select jsonb_agg(jsonb_build_object('id', n.id, 'subject', n.subject, 'body', n.body) order by n.no)
          from notice n where n.contract_id = c.id) as notices,
       d.sections as own_sections, d.preamble, d.closing
  from contract c left join contract_document d on d.tenant_id = c.tenant_id and d.contract_id = c.id
 where c.id = $1;

-- name: passages_of
select id, kind, ref, part, folded from passage where contract_id = $1 and kind <> 'attachment';

-- name: drop_passages
delete from passage where id = any($1::uuid[]);

-- name: add_passages
insert into passage (id, contract_id, kind, ref, part, text, folded, grams)
select (x.value ->> 'id')::uuid, $1, x.value ->> 'kind', x.value ->> 'ref', (x.value ->> 'part')::int,
       x.value ->> 'text', x.value ->> 'folded',
       (select array_agg(e.value::int4) from jsonb_array_elements_text(x.value -> 'grams') e)
  from jsonb_array_elements($2::jsonb) x
on conflict do nothing;

-- name: expect_texts
-- Every version that is not known yet waits to be read; those of sealed kinds are not read at all.
insert into attachment_text (attachment_id, no, contract_id, status)
select v.attachment_id, v.no, a.contract_id, case when v.sealed_sha256 is null then 'pending' else 'sealed' end
  from attachment a join attachment_version v on v.tenant_id = a.tenant_id and v.attachment_id = a.id
 where a.contract_id = $1
on conflict do nothing;

-- name: forget_gone
-- Text goes with the bytes that it was read from.
with gone as (
    update attachment_text x set status = 'gone', problem = null
      from tombstone t
     where x.contract_id = $1 and t.attachment_id = x.attachment_id and t.no = x.no and x.status <> 'gone'
    returning x.attachment_id, x.no)
delete from passage p using gone
 where p.contract_id = $1 and p.kind = 'attachment' and p.ref = gone.attachment_id || '/' || gone.no;

-- name: claim_text
-- A worker that dies while it reads loses its claim after five minutes.
update attachment_text x set claimed_until = clock_timestamp() + interval '5 minutes'
 where (x.attachment_id, x.no) = (
       select y.attachment_id, y.no from attachment_text y
        where y.status = 'pending' and (y.claimed_until is null or y.claimed_until < clock_timestamp())
        order by y.attachment_id, y.no limit 1 for update skip locked)
returning x.attachment_id, x.no, x.contract_id;

-- name: settle_text
-- Nothing where another settled it first, or where the bytes went meanwhile.
update attachment_text x set status = $3, problem = $4, truncated = $5
 where x.attachment_id = $1 and x.no = $2 and x.status = 'pending'
   and not exists (select from tombstone t where t.attachment_id = $1 and t.no = $2)
returning x.contract_id;

-- name: text_status
select x.status, x.problem, x.truncated from attachment_text x where x.attachment_id = $1 and x.no = $2;

-- name: version
select exists (select from tombstone t where t.attachment_id = v.attachment_id and t.no = v.no) as gone
  from attachment_version v
 where v.attachment_id = $1 and v.no = $2;

-- name: text_of_version
select p.text, p.part from passage p
 where p.contract_id = (select a.contract_id from attachment a where a.id = $1)
   and p.kind = 'attachment' and p.ref = $2
 order by p.part;

-- name: recent_hits
select p.id from clm_recent_passages($1, $2, $3, $4, $5, $6, $7) f join passage p on p.id = f.id order by p.id desc;

-- name: hits
select p.id from clm_passages($1, $2, $3, $4, $5, $6, $7) f join passage p on p.id = f.id order by p.id desc;

-- name: told
select p.id, p.contract_id, p.kind, p.ref, p.text, c.number, c.title,
       a.id as attachment_id, a.name as file, split_part(p.ref, '/', 2) as version
  from passage p
  join contract c on c.tenant_id = p.tenant_id and c.id = p.contract_id
  left join attachment a on a.tenant_id = p.tenant_id
                        and a.id = case when p.kind = 'attachment' then split_part(p.ref, '/', 1)::uuid end
 where p.id = any($1::uuid[])
 order by p.id desc;

-- name: is_behind
select exists (select from attachment_text where status = 'pending')
    or exists (select from event e, (select coalesce(max(txid), 0) as txid, (array_agg(event_id))[1] as event_id
                                       from search_cursor) s
                where (e.txid, e.id) > (s.txid::text::xid8,
                                        coalesce(s.event_id, '00000000-0000-0000-0000-000000000000'))) as behind;
