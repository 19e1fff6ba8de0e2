-- What a tenant decides for itself; a tenant without a row has the defaults of the program.
CREATE TABLE settings (
    tenant_id BLOB NOT NULL,
    document TEXT NOT NULL,
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CONSTRAINT settings_key PRIMARY KEY (tenant_id),
    CONSTRAINT settings_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id),
    CONSTRAINT settings_version_check CHECK (version >= 1)
) STRICT;
