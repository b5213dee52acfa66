-- Tries to loosen the protection of an item by a key without clearance are on record beside those to read its files: one
-- row for each file, and one without a file for an item that has none.
alter table attachment_access
    alter column attachment_id drop not null,
    alter column no drop not null,
    add column item_id uuid,
    add constraint access_of_a_file_or_an_item check (attachment_id is not null or item_id is not null),
    add constraint access_of_a_version check ((attachment_id is null) = (no is null)),
    add foreign key (tenant_id, item_id) references confidential_item,
    drop constraint attachment_access_how_check,
    add constraint attachment_access_how check (how in ('content', 'link', 'text', 'comparison', 'search', 'release',
                                                        'confirm-release', 'permit', 'confirm-return', 'end-toll',
                                                        'correct'));

-- Files with personal information stay closed though the agreed duty was released: the law protects them whatever is agreed.
alter table confidential_item no force row level security;
alter table confidential_log no force row level security;
update confidential_item i set protected = true
 where i.class = 'personal_info' and not i.protected
   and exists (select from confidential_log l where l.tenant_id = i.tenant_id and l.item_id = i.id
                                                and l.kind = 'disclose' and l.superseded_at is null);
alter table confidential_item force row level security;
alter table confidential_log force row level security;
