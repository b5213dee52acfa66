-- A delivery event that was recorded by mistake stays on record; it only counts no longer, and says since when and why.
alter table notice_delivery
    add column superseded_at  timestamptz,
    add column superseded_by  uuid,
    add column superseded_for text,
    add constraint delivery_superseded_for_a_reason check ((superseded_at is null) = (superseded_for is null));
grant update (superseded_at, superseded_by, superseded_for) on notice_delivery to clm_service;
