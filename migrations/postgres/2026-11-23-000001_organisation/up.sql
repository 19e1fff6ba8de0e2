-- The tenant, its units, its staff and what they may do.
-- Every unique constraint is named <table>_<columns without tenant_id>_key: the store tells them apart by that name.

CREATE TABLE tenants (
    tenant_id uuid NOT NULL,
    slug text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    suspended_at timestamptz,
    config_version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT tenants_key PRIMARY KEY (tenant_id),
    CONSTRAINT tenants_slug_key UNIQUE (slug),
    CONSTRAINT tenants_slug_check CHECK (slug ~ '^[a-z0-9-]+$')
);

CREATE TABLE units (
    tenant_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    code text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    area text COLLATE "C",
    parent_id uuid,
    successor_id uuid,
    valid_from date,
    valid_to date,
    is_unknown boolean NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT units_unit_id_key PRIMARY KEY (tenant_id, unit_id),
    CONSTRAINT units_code_key UNIQUE (tenant_id, code),
    CONSTRAINT units_tenants_fk FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id),
    CONSTRAINT units_parent_fk FOREIGN KEY (tenant_id, parent_id) REFERENCES units (tenant_id, unit_id),
    CONSTRAINT units_successor_fk FOREIGN KEY (tenant_id, successor_id) REFERENCES units (tenant_id, unit_id),
    CONSTRAINT units_validity_check CHECK (valid_from <= valid_to),
    CONSTRAINT units_self_check CHECK (parent_id <> unit_id AND successor_id <> unit_id)
);

CREATE UNIQUE INDEX units_is_unknown_key ON units (tenant_id, is_unknown) WHERE is_unknown;

CREATE TABLE staff (
    tenant_id uuid NOT NULL,
    staff_id uuid NOT NULL,
    issuer text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    name text COLLATE "C",
    profession text COLLATE "C",
    email text COLLATE "C",
    deactivated_at timestamptz,
    version bigint NOT NULL,
    CONSTRAINT staff_staff_id_key PRIMARY KEY (tenant_id, staff_id),
    CONSTRAINT staff_issuer_subject_key UNIQUE (tenant_id, issuer, subject),
    CONSTRAINT staff_tenants_fk FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
);

CREATE TABLE grants (
    tenant_id uuid NOT NULL,
    grant_id uuid NOT NULL,
    staff_id uuid NOT NULL,
    role text COLLATE "C" NOT NULL,
    laws text COLLATE "C" NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    stands_in_for uuid,
    revoked_at timestamptz,
    version bigint NOT NULL,
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
);

CREATE INDEX grants_staff_index ON grants (tenant_id, staff_id);

CREATE TABLE grant_units (
    tenant_id uuid NOT NULL,
    grant_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    CONSTRAINT grant_units_grant_id_unit_id_key PRIMARY KEY (tenant_id, grant_id, unit_id),
    CONSTRAINT grant_units_grants_fk FOREIGN KEY (tenant_id, grant_id) REFERENCES grants (tenant_id, grant_id),
    CONSTRAINT grant_units_units_fk FOREIGN KEY (tenant_id, unit_id) REFERENCES units (tenant_id, unit_id)
);

CREATE INDEX grant_units_unit_index ON grant_units (tenant_id, unit_id);
