-- One investigation over several cases has a version of its own, says what its cases have in common
-- and, where they lie in both branches, on what grounds the other one reads.
ALTER TABLE investigations ADD COLUMN in_common TEXT CONSTRAINT investigations_in_common_check CHECK (in_common IN ('same_person', 'place', 'round', 'cause'));
ALTER TABLE investigations ADD COLUMN grounds TEXT NOT NULL DEFAULT '[]';
ALTER TABLE investigations ADD COLUMN version INTEGER NOT NULL DEFAULT 1;

-- The simple closings that are shown to MAS, MAR or SAS: picked when the case is closed, and what
-- whoever looked said. A case that is reopened and closed again may be picked again.
CREATE TABLE samples (
    tenant_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    closed_at INTEGER NOT NULL,
    closed_by BLOB NOT NULL,
    verdict TEXT,
    text TEXT,
    looked_by BLOB,
    looked_at INTEGER,
    CONSTRAINT samples_case_id_closed_at_key PRIMARY KEY (tenant_id, case_id, closed_at),
    CONSTRAINT samples_case_fk FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id),
    CONSTRAINT samples_closed_by_fk FOREIGN KEY (tenant_id, closed_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT samples_looked_by_fk FOREIGN KEY (tenant_id, looked_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT samples_verdict_check CHECK (verdict IN ('fine', 'talk', 'reopen')),
    CONSTRAINT samples_looked_check CHECK ((verdict IS NULL) = (looked_by IS NULL) AND (verdict IS NULL) = (looked_at IS NULL) AND (verdict IS NOT NULL OR text IS NULL) AND (verdict IS NULL OR verdict = 'fine' OR text IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX samples_open_ix ON samples (tenant_id, closed_at, case_id) WHERE verdict IS NULL;
