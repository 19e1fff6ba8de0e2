-- Which words of a year's report may go out: by SHA-256 over where they stand and what they say, so that
-- words that are changed are nobody's word any more.
CREATE TABLE report_confirmations (
    tenant_id uuid NOT NULL,
    year smallint NOT NULL,
    sha256 text COLLATE "C" NOT NULL,
    kind text NOT NULL,
    section text NOT NULL,
    found jsonb NOT NULL,
    confirmed_by uuid NOT NULL,
    confirmed_at timestamptz NOT NULL,
    withdrawn_by uuid,
    withdrawn_at timestamptz,
    CONSTRAINT report_confirmations_year_sha256_key PRIMARY KEY (tenant_id, year, sha256),
    CONSTRAINT report_confirmations_confirmed_by_fk FOREIGN KEY (tenant_id, confirmed_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT report_confirmations_withdrawn_by_fk FOREIGN KEY (tenant_id, withdrawn_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT report_confirmations_kind_check CHECK (kind IN ('section', 'paragraph', 'goal', 'decided')),
    CONSTRAINT report_confirmations_sha256_check CHECK (length(sha256) = 64),
    CONSTRAINT report_confirmations_withdrawn_check CHECK ((withdrawn_by IS NULL) = (withdrawn_at IS NULL))
);

-- A provider may take back what it shared: the nämnd keeps what it was given, and is told.
ALTER TABLE shared_reports ADD COLUMN withdrawn_at timestamptz;
ALTER TABLE shared_reports ADD COLUMN withdrawn_reason text;
