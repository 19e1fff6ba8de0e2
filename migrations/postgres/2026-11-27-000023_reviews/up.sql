-- Half-yearly reviews of units: one of each half and unit, or of small units together. What was written and
-- decided is a document; what lists and rules ask for stands in columns.
CREATE TABLE reviews (
    tenant_id uuid NOT NULL,
    review_id uuid NOT NULL,
    half text COLLATE "C" NOT NULL,
    subject_key text COLLATE "C" NOT NULL,
    unit_id uuid NOT NULL,
    status text COLLATE "C" NOT NULL,
    due_on date NOT NULL,
    signed_at timestamptz,
    signed_by uuid,
    owed integer NOT NULL,
    document jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT reviews_review_id_key PRIMARY KEY (tenant_id, review_id),
    CONSTRAINT reviews_half_subject_key_key UNIQUE (tenant_id, half, subject_key),
    CONSTRAINT reviews_unit_fk FOREIGN KEY (tenant_id, unit_id) REFERENCES units (tenant_id, unit_id),
    CONSTRAINT reviews_signed_by_fk FOREIGN KEY (tenant_id, signed_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT reviews_half_check CHECK (length(half) = 7 AND substr(half, 5, 2) = '-H' AND substr(half, 7, 1) IN ('1', '2')),
    CONSTRAINT reviews_status_check CHECK (status IN ('open', 'written', 'signed')),
    CONSTRAINT reviews_signed_check CHECK ((status = 'signed') = (signed_at IS NOT NULL) AND (signed_at IS NULL) = (signed_by IS NULL)),
    CONSTRAINT reviews_owed_check CHECK (owed >= 0),
    CONSTRAINT reviews_version_check CHECK (version >= 1)
);
CREATE INDEX reviews_awaiting_ix ON reviews (tenant_id, due_on) WHERE status <> 'signed' OR owed > 0;
CREATE INDEX reviews_subject_ix ON reviews (tenant_id, subject_key, half);

CREATE TABLE review_history (
    tenant_id uuid NOT NULL,
    review_id uuid NOT NULL,
    version bigint NOT NULL,
    at timestamptz NOT NULL,
    staff_id uuid,
    command text COLLATE "C" NOT NULL,
    from_status text COLLATE "C",
    to_status text COLLATE "C" NOT NULL,
    changes jsonb NOT NULL,
    reason text,
    CONSTRAINT review_history_review_id_version_key PRIMARY KEY (tenant_id, review_id, version),
    CONSTRAINT review_history_review_fk FOREIGN KEY (tenant_id, review_id) REFERENCES reviews (tenant_id, review_id),
    CONSTRAINT review_history_staff_fk FOREIGN KEY (tenant_id, staff_id) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT review_history_made_check CHECK ((command = 'create') = (from_status IS NULL))
);

-- The figures a signature binds, by the version that was signed. They never change.
CREATE TABLE review_figures (
    tenant_id uuid NOT NULL,
    review_id uuid NOT NULL,
    version bigint NOT NULL,
    page jsonb NOT NULL,
    CONSTRAINT review_figures_review_id_version_key PRIMARY KEY (tenant_id, review_id, version),
    CONSTRAINT review_figures_review_fk FOREIGN KEY (tenant_id, review_id) REFERENCES reviews (tenant_id, review_id)
);

-- A review whose day has passed unsigned climbs, too.
ALTER TABLE ladder_rungs DROP CONSTRAINT ladder_rungs_step_check;
ALTER TABLE ladder_rungs ADD CONSTRAINT ladder_rungs_step_check CHECK (step IN ('triage', 'investigation', 'measures', 'follow_up', 'duty', 'escalation', 'review'));
