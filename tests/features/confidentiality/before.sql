-- name: before
-- The tables as they were before steps had numbers, with one item released.
drop table attachment_access, confidential_attachment;
drop policy lookup on confidential_item;
alter table confidential_item no force row level security;
alter table confidential_log no force row level security;
alter table confidential_item drop column protected, add column released_for text;
update confidential_item i set released_for = 'consent'
 where exists (select from confidential_log l where l.item_id = i.id and l.kind = 'release');
delete from confidential_log where kind in ('disclose', 'release');
delete from confidential_log where kind <> 'permit';
alter table confidential_log
    drop constraint confidential_log_kind, drop constraint step_superseded_for_a_reason,
    drop column fact_id, drop column superseded_at, drop column superseded_by, drop column superseded_for,
    add constraint confidential_log_kind_check check (kind in ('permit', 'return'));
alter table api_key drop column clearance;
alter table confidential_item force row level security;
alter table confidential_log force row level security;
