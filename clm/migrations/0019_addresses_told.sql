-- An address that a notice announced holds toward who got the notice, not toward others (R-N5; Civil Code 137, 529).
alter table party_address add column told uuid;
alter table party_address add foreign key (tenant_id, told) references party;
