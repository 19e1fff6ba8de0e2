-- A tenant's keys, each wrapped by a master key that the database does not hold. The keys of records are
-- wrapped by the newest; master keys change without touching those.
CREATE TABLE tenant_keys (
    tenant_id uuid NOT NULL,
    number integer NOT NULL,
    master_version integer NOT NULL,
    wrapped_key bytea NOT NULL,
    made_at timestamptz NOT NULL,
    CONSTRAINT tenant_keys_number_key PRIMARY KEY (tenant_id, number),
    CONSTRAINT tenant_keys_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id),
    CONSTRAINT tenant_keys_number_check CHECK (number >= 1)
);

-- The keys of records about persons, apart from the records: a backup leaves this table out, so that
-- whose row here is erased is erased in backups, too.
CREATE TABLE record_keys (
    tenant_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    record_id uuid NOT NULL,
    key_version integer NOT NULL,
    wrapped_key bytea NOT NULL,
    CONSTRAINT record_keys_kind_record_id_key PRIMARY KEY (tenant_id, kind, record_id),
    CONSTRAINT record_keys_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id),
    CONSTRAINT record_keys_kind_check CHECK (kind IN ('subject', 'sender', 'forwarding', 'person'))
);
