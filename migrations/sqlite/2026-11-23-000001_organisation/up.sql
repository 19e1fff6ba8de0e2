-- The tenant, its units, its staff and what they may do.
-- Every unique constraint is named <table>_<columns without tenant_id>_key: the store tells them apart by that name.

CREATE TABLE tenants (
    tenant_id BLOB NOT NULL,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    suspended_at INTEGER,
    config_version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT tenants_key PRIMARY KEY (tenant_id),
    CONSTRAINT tenants_slug_key UNIQUE (slug),
    CONSTRAINT tenants_slug_check CHECK (slug <> '' AND slug NOT GLOB '*[^a-z0-9-]*')
) STRICT, WITHOUT ROWID;

CREATE TABLE units (
    tenant_id BLOB NOT NULL,
    unit_id BLOB NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    area TEXT,
    parent_id BLOB,
    successor_id BLOB,
    valid_from TEXT,
    valid_to TEXT,
    is_unknown INTEGER NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT units_unit_id_key PRIMARY KEY (tenant_id, unit_id),
    CONSTRAINT units_code_key UNIQUE (tenant_id, code),
    CONSTRAINT units_tenants_fk FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id),
    CONSTRAINT units_parent_fk FOREIGN KEY (tenant_id, parent_id) REFERENCES units (tenant_id, unit_id),
    CONSTRAINT units_successor_fk FOREIGN KEY (tenant_id, successor_id) REFERENCES units (tenant_id, unit_id),
    CONSTRAINT units_validity_check CHECK (valid_from <= valid_to),
    CONSTRAINT units_is_unknown_check CHECK (is_unknown IN (0, 1)),
    CONSTRAINT units_self_check CHECK (parent_id <> unit_id AND successor_id <> unit_id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX units_is_unknown_key ON units (tenant_id, is_unknown) WHERE is_unknown;

CREATE TABLE staff (
    tenant_id BLOB NOT NULL,
    staff_id BLOB NOT NULL,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    name TEXT,
    profession TEXT,
    email TEXT,
    deactivated_at INTEGER,
    version INTEGER NOT NULL,
    CONSTRAINT staff_staff_id_key PRIMARY KEY (tenant_id, staff_id),
    CONSTRAINT staff_issuer_subject_key UNIQUE (tenant_id, issuer, subject),
    CONSTRAINT staff_tenants_fk FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE grants (
    tenant_id BLOB NOT NULL,
    grant_id BLOB NOT NULL,
    staff_id BLOB NOT NULL,
    role TEXT NOT NULL,
    laws TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    valid_to TEXT,
    stands_in_for BLOB,
    revoked_at INTEGER,
    version INTEGER NOT NULL,
    CONSTRAINT grants_grant_id_key PRIMARY KEY (tenant_id, grant_id),
    CONSTRAINT grants_staff_fk FOREIGN KEY (tenant_id, staff_id) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT grants_stands_in_for_fk FOREIGN KEY (tenant_id, stands_in_for) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT grants_role_check CHECK (role IN (
        'intake', 'team', 'deputy', 'unit_manager', 'area_manager', 'director', 'registrator', 'mas', 'mar', 'sas',
        'decider', 'board', 'analyst', 'auditor', 'privacy', 'admin'
    )),
    CONSTRAINT grants_laws_check CHECK (laws IN (
        '', 'HSL', 'SOL', 'LSS', 'HSL,SOL', 'HSL,LSS', 'SOL,LSS', 'HSL,SOL,LSS'
    )),
    CONSTRAINT grants_validity_check CHECK (valid_from <= valid_to)
) STRICT, WITHOUT ROWID;

CREATE INDEX grants_staff_index ON grants (tenant_id, staff_id);

CREATE TABLE grant_units (
    tenant_id BLOB NOT NULL,
    grant_id BLOB NOT NULL,
    unit_id BLOB NOT NULL,
    CONSTRAINT grant_units_grant_id_unit_id_key PRIMARY KEY (tenant_id, grant_id, unit_id),
    CONSTRAINT grant_units_grants_fk FOREIGN KEY (tenant_id, grant_id) REFERENCES grants (tenant_id, grant_id),
    CONSTRAINT grant_units_units_fk FOREIGN KEY (tenant_id, unit_id) REFERENCES units (tenant_id, unit_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX grant_units_unit_index ON grant_units (tenant_id, unit_id);
