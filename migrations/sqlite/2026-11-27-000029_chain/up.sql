-- What a change made of a case is bound into the chain by a commitment: SHA-256 over the salt, which
-- lies with the history entry and goes with it, and the entry itself. What came before has neither.
ALTER TABLE case_history ADD COLUMN salt BLOB;
ALTER TABLE audit_entries ADD COLUMN commitment BLOB;

-- The chain over audit and access entries: each hash is made of the one before and of the entry. A job
-- writes it after the fact; entries are never touched.
CREATE TABLE chain_links (
    tenant_id BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    log TEXT NOT NULL,
    entry_id BLOB NOT NULL,
    format INTEGER NOT NULL,
    linked_at INTEGER NOT NULL,
    hash BLOB NOT NULL,
    CONSTRAINT chain_links_sequence_key PRIMARY KEY (tenant_id, sequence),
    CONSTRAINT chain_links_entry_id_key UNIQUE (tenant_id, entry_id),
    CONSTRAINT chain_links_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id),
    CONSTRAINT chain_links_sequence_check CHECK (sequence >= 1),
    CONSTRAINT chain_links_log_check CHECK (log IN ('audit', 'access')),
    CONSTRAINT chain_links_hash_check CHECK (length(hash) = 32)
) STRICT;

-- Where the chain of a tenant ends: of two who lengthen it at once, one finds that it has moved.
CREATE TABLE chain_heads (
    tenant_id BLOB NOT NULL,
    sequence INTEGER NOT NULL,
    hash BLOB NOT NULL,
    linked_at INTEGER NOT NULL,
    CONSTRAINT chain_heads_key PRIMARY KEY (tenant_id),
    CONSTRAINT chain_heads_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
) STRICT;
