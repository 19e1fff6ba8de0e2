-- Half-yearly reviews of units: one of each half and unit, or of small units together. What was written and
-- decided is a document; what lists and rules ask for stands in columns.
CREATE TABLE reviews (
    tenant_id BLOB NOT NULL,
    review_id BLOB NOT NULL,
    half TEXT NOT NULL,
    subject_key TEXT NOT NULL,
    unit_id BLOB NOT NULL,
    status TEXT NOT NULL,
    due_on TEXT NOT NULL,
    signed_at INTEGER,
    signed_by BLOB,
    owed INTEGER NOT NULL,
    document TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CONSTRAINT reviews_review_id_key PRIMARY KEY (tenant_id, review_id),
    CONSTRAINT reviews_half_subject_key_key UNIQUE (tenant_id, half, subject_key),
    CONSTRAINT reviews_unit_fk FOREIGN KEY (tenant_id, unit_id) REFERENCES units (tenant_id, unit_id),
    CONSTRAINT reviews_signed_by_fk FOREIGN KEY (tenant_id, signed_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT reviews_half_check CHECK (length(half) = 7 AND substr(half, 5, 2) = '-H' AND substr(half, 7, 1) IN ('1', '2')),
    CONSTRAINT reviews_status_check CHECK (status IN ('open', 'written', 'signed')),
    CONSTRAINT reviews_signed_check CHECK ((status = 'signed') = (signed_at IS NOT NULL) AND (signed_at IS NULL) = (signed_by IS NULL)),
    CONSTRAINT reviews_owed_check CHECK (owed >= 0),
    CONSTRAINT reviews_version_check CHECK (version >= 1)
) STRICT;
CREATE INDEX reviews_awaiting_ix ON reviews (tenant_id, due_on) WHERE status <> 'signed' OR owed > 0;
CREATE INDEX reviews_subject_ix ON reviews (tenant_id, subject_key, half);

CREATE TABLE review_history (
    tenant_id BLOB NOT NULL,
    review_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    at INTEGER NOT NULL,
    staff_id BLOB,
    command TEXT NOT NULL,
    from_status TEXT,
    to_status TEXT NOT NULL,
    changes TEXT NOT NULL,
    reason TEXT,
    CONSTRAINT review_history_review_id_version_key PRIMARY KEY (tenant_id, review_id, version),
    CONSTRAINT review_history_review_fk FOREIGN KEY (tenant_id, review_id) REFERENCES reviews (tenant_id, review_id),
    CONSTRAINT review_history_staff_fk FOREIGN KEY (tenant_id, staff_id) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT review_history_made_check CHECK ((command = 'create') = (from_status IS NULL))
) STRICT;

-- The figures a signature binds, by the version that was signed. They never change.
CREATE TABLE review_figures (
    tenant_id BLOB NOT NULL,
    review_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    page TEXT NOT NULL,
    CONSTRAINT review_figures_review_id_version_key PRIMARY KEY (tenant_id, review_id, version),
    CONSTRAINT review_figures_review_fk FOREIGN KEY (tenant_id, review_id) REFERENCES reviews (tenant_id, review_id)
) STRICT;

-- A review whose day has passed unsigned climbs, too.
ALTER TABLE ladder_rungs RENAME TO ladder_rungs_before;
CREATE TABLE ladder_rungs (
    tenant_id BLOB NOT NULL,
    matter_id BLOB NOT NULL,
    step TEXT NOT NULL,
    version INTEGER NOT NULL,
    rung TEXT NOT NULL,
    role TEXT NOT NULL,
    told_at INTEGER NOT NULL,
    CONSTRAINT ladder_rungs_matter_id_step_version_rung_key PRIMARY KEY (tenant_id, matter_id, step, version, rung),
    CONSTRAINT ladder_rungs_step_check CHECK (step IN ('triage', 'investigation', 'measures', 'follow_up', 'duty', 'escalation', 'review')),
    CONSTRAINT ladder_rungs_rung_check CHECK (rung IN ('unit_manager', 'area_manager', 'expert', 'director'))
) STRICT, WITHOUT ROWID;
INSERT INTO ladder_rungs (tenant_id, matter_id, step, version, rung, role, told_at)
SELECT tenant_id, matter_id, step, version, rung, role, told_at FROM ladder_rungs_before;
DROP TABLE ladder_rungs_before;
