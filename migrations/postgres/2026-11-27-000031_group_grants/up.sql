-- What groups of an identity provider give, and which grants came so.

CREATE TABLE group_grants (
    tenant_id uuid NOT NULL,
    group_grant_id uuid NOT NULL,
    issuer text COLLATE "C" NOT NULL,
    group_name text COLLATE "C" NOT NULL,
    role text COLLATE "C" NOT NULL,
    laws text COLLATE "C" NOT NULL,
    ended_at timestamptz,
    version bigint NOT NULL,
    CONSTRAINT group_grants_group_grant_id_key PRIMARY KEY (tenant_id, group_grant_id),
    CONSTRAINT group_grants_tenants_fk FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id),
    CONSTRAINT group_grants_role_check CHECK (role IN (
        'intake', 'team', 'deputy', 'unit_manager', 'area_manager', 'director', 'registrator', 'mas', 'mar', 'sas',
        'decider', 'board', 'analyst', 'auditor', 'privacy', 'admin'
    )),
    CONSTRAINT group_grants_laws_check CHECK (laws IN (
        '', 'HSL', 'SOL', 'LSS', 'HSL,SOL', 'HSL,LSS', 'SOL,LSS', 'HSL,SOL,LSS'
    ))
);

CREATE TABLE group_grant_units (
    tenant_id uuid NOT NULL,
    group_grant_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    CONSTRAINT group_grant_units_group_grant_id_unit_id_key PRIMARY KEY (tenant_id, group_grant_id, unit_id),
    CONSTRAINT group_grant_units_group_grants_fk FOREIGN KEY (tenant_id, group_grant_id)
        REFERENCES group_grants (tenant_id, group_grant_id),
    CONSTRAINT group_grant_units_units_fk FOREIGN KEY (tenant_id, unit_id) REFERENCES units (tenant_id, unit_id)
);

-- A grant that came by a group; one without a row was given by somebody.
CREATE TABLE grants_by_group (
    tenant_id uuid NOT NULL,
    grant_id uuid NOT NULL,
    group_grant_id uuid NOT NULL,
    CONSTRAINT grants_by_group_grant_id_key PRIMARY KEY (tenant_id, grant_id),
    CONSTRAINT grants_by_group_grants_fk FOREIGN KEY (tenant_id, grant_id) REFERENCES grants (tenant_id, grant_id),
    CONSTRAINT grants_by_group_group_grants_fk FOREIGN KEY (tenant_id, group_grant_id)
        REFERENCES group_grants (tenant_id, group_grant_id)
);

CREATE INDEX grants_by_group_group_grant_index ON grants_by_group (tenant_id, group_grant_id);

-- The youngest token that changed what somebody holds by groups: what an older one says no longer counts.
CREATE TABLE group_tokens (
    tenant_id uuid NOT NULL,
    staff_id uuid NOT NULL,
    issued_at timestamptz NOT NULL,
    CONSTRAINT group_tokens_staff_id_key PRIMARY KEY (tenant_id, staff_id),
    CONSTRAINT group_tokens_staff_fk FOREIGN KEY (tenant_id, staff_id) REFERENCES staff (tenant_id, staff_id)
);
