-- What a decision compares first: while the armed timers digest to the same, they need not be read. Null: not known.
alter table contract add column timers_digest bytea;
