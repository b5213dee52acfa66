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
