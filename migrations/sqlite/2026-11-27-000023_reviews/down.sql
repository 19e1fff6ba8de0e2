ALTER TABLE ladder_rungs RENAME TO ladder_rungs_after;
CREATE TABLE ladder_rungs (
    tenant_id BLOB NOT NULL,
    matter_id BLOB NOT NULL,
    step TEXT NOT NULL,
    version INTEGER NOT NULL,
    rung TEXT NOT NULL,
    role TEXT NOT NULL,
    told_at INTEGER NOT NULL,
    CONSTRAINT ladder_rungs_matter_id_step_version_rung_key PRIMARY KEY (tenant_id, matter_id, step, version, rung),
    CONSTRAINT ladder_rungs_step_check CHECK (step IN ('triage', 'investigation', 'measures', 'follow_up', 'duty', 'escalation')),
    CONSTRAINT ladder_rungs_rung_check CHECK (rung IN ('unit_manager', 'area_manager', 'expert', 'director'))
) STRICT, WITHOUT ROWID;
INSERT INTO ladder_rungs (tenant_id, matter_id, step, version, rung, role, told_at)
SELECT tenant_id, matter_id, step, version, rung, role, told_at FROM ladder_rungs_after WHERE step <> 'review';
DROP TABLE ladder_rungs_after;
DROP TABLE review_figures;
DROP TABLE review_history;
DROP TABLE reviews;
