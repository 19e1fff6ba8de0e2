ALTER TABLE staff DROP COLUMN digest_on;
ALTER TABLE staff DROP COLUMN digest;
DROP TABLE leases;
DROP INDEX outbox_waiting_ix;
ALTER TABLE outbox DROP CONSTRAINT outbox_settled_check;
ALTER TABLE outbox DROP COLUMN outcome;
ALTER TABLE outbox DROP COLUMN settled_at;
ALTER TABLE outbox DROP COLUMN attempts;
ALTER TABLE outbox DROP COLUMN next_try_at;
