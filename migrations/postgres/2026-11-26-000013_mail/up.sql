-- What delivering a notice needs. `next_try_at` stands in the rows that wait and in no others, so a
-- row without a notice costs nothing more than before; what earlier releases queued waits for nobody.
ALTER TABLE outbox ADD COLUMN next_try_at timestamptz;
ALTER TABLE outbox ADD COLUMN attempts integer NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN settled_at timestamptz;
ALTER TABLE outbox ADD COLUMN outcome text COLLATE "C" CONSTRAINT outbox_outcome_check CHECK (
    outcome IN ('sent', 'spread', 'nobody', 'no_address', 'may_not_read', 'ended', 'refused', 'given_up', 'switched_off', 'no_mail')
);
ALTER TABLE outbox ADD CONSTRAINT outbox_settled_check CHECK (
    (settled_at IS NULL) = (outcome IS NULL) AND (next_try_at IS NULL OR settled_at IS NULL)
);
CREATE INDEX outbox_waiting_ix ON outbox (tenant_id, next_try_at, message_id) WHERE next_try_at IS NOT NULL;

-- Who does a tenant's jobs, where several instances could: whoever holds the lease, until it ends.
CREATE TABLE leases (
    tenant_id uuid NOT NULL,
    job text COLLATE "C" NOT NULL,
    holder uuid NOT NULL,
    ends_at timestamptz NOT NULL,
    CONSTRAINT leases_job_key PRIMARY KEY (tenant_id, job),
    CONSTRAINT leases_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
);

-- Whether somebody wants the daily digest, and the last day that had one.
ALTER TABLE staff ADD COLUMN digest boolean NOT NULL DEFAULT true;
ALTER TABLE staff ADD COLUMN digest_on date;
