-- Lock the bytes of a hash, and say where they lie unless a row says so already: a new file needs no statement of its
-- own for its place. Answers with the key they had before, if any.
create function clm_claim_object(of_sha256 text, staged text) returns text language plpgsql as $$
declare
    known text := clm_lock_object(of_sha256);
begin
    if known is null and staged is not null then
        insert into stored_object (sha256, key) values (of_sha256, staged);
    end if;
    return known;
end $$;
