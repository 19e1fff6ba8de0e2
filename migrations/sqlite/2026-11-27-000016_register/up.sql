-- The number of the matter in the municipality's register. Most cases have none, and pay nothing.
ALTER TABLE cases ADD COLUMN diary_number TEXT;
CREATE UNIQUE INDEX cases_diary_number_key ON cases (tenant_id, diary_number) WHERE diary_number IS NOT NULL;

-- What the senders of opinions said of the answer, and what the patientnämnd calls an opinion.
ALTER TABLE case_facts ADD COLUMN understood TEXT CONSTRAINT case_facts_understood_check CHECK (understood IN ('yes', 'partly', 'no'));
ALTER TABLE case_facts ADD COLUMN helped TEXT CONSTRAINT case_facts_helped_check CHECK (helped IN ('yes', 'partly', 'no'));
ALTER TABLE case_facts ADD COLUMN patientnamnd TEXT;

-- When they said it: once.
ALTER TABLE opinions ADD COLUMN surveyed_at INTEGER;

-- What is published of an opinion and its answer, without persons.
CREATE TABLE publications (
    tenant_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    question TEXT NOT NULL,
    answer TEXT NOT NULL,
    status TEXT NOT NULL,
    written_by BLOB NOT NULL,
    written_at INTEGER NOT NULL,
    approved_by BLOB,
    approved_at INTEGER,
    withdrawn_by BLOB,
    withdrawn_at INTEGER,
    withdrawn_reason TEXT,
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CONSTRAINT publications_case_id_key PRIMARY KEY (tenant_id, case_id),
    CONSTRAINT publications_case_fk FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id),
    CONSTRAINT publications_written_by_fk FOREIGN KEY (tenant_id, written_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT publications_approved_by_fk FOREIGN KEY (tenant_id, approved_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT publications_withdrawn_by_fk FOREIGN KEY (tenant_id, withdrawn_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT publications_status_check CHECK (status IN ('draft', 'published', 'withdrawn')),
    CONSTRAINT publications_approved_check CHECK (
        (approved_at IS NULL) = (approved_by IS NULL) AND (status <> 'draft' OR approved_at IS NULL)
        AND (status <> 'published' OR approved_at IS NOT NULL) AND (approved_by IS NULL OR approved_by <> written_by)
    ),
    CONSTRAINT publications_withdrawn_check CHECK (
        (status = 'withdrawn') = (withdrawn_at IS NOT NULL) AND (withdrawn_at IS NULL) = (withdrawn_by IS NULL)
        AND (withdrawn_at IS NULL) = (withdrawn_reason IS NULL)
    ),
    CONSTRAINT publications_version_check CHECK (version >= 1)
) STRICT;
CREATE INDEX publications_published_ix ON publications (tenant_id, approved_at, case_id) WHERE status = 'published';
