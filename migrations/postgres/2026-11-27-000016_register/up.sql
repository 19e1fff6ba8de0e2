-- The number of the matter in the municipality's register. Most cases have none, and pay nothing.
ALTER TABLE cases ADD COLUMN diary_number text COLLATE "C";
CREATE UNIQUE INDEX cases_diary_number_key ON cases (tenant_id, diary_number) WHERE diary_number IS NOT NULL;

-- What the senders of opinions said of the answer, and what the patientnämnd calls an opinion.
ALTER TABLE case_facts ADD COLUMN understood text COLLATE "C" CONSTRAINT case_facts_understood_check CHECK (understood IN ('yes', 'partly', 'no'));
ALTER TABLE case_facts ADD COLUMN helped text COLLATE "C" CONSTRAINT case_facts_helped_check CHECK (helped IN ('yes', 'partly', 'no'));
ALTER TABLE case_facts ADD COLUMN patientnamnd text COLLATE "C";

-- When they said it: once.
ALTER TABLE opinions ADD COLUMN surveyed_at timestamptz;

-- What is published of an opinion and its answer, without persons.
CREATE TABLE publications (
    tenant_id uuid NOT NULL,
    case_id uuid NOT NULL,
    question text COLLATE "C" NOT NULL,
    answer text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    written_by uuid NOT NULL,
    written_at timestamptz NOT NULL,
    approved_by uuid,
    approved_at timestamptz,
    withdrawn_by uuid,
    withdrawn_at timestamptz,
    withdrawn_reason text COLLATE "C",
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
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
);
CREATE INDEX publications_published_ix ON publications (tenant_id, approved_at, case_id) WHERE status = 'published';
