-- Which words of a year's report may go out: by SHA-256 over where they stand and what they say, so that
-- words that are changed are nobody's word any more.
CREATE TABLE report_confirmations (
    tenant_id BLOB NOT NULL,
    year INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    kind TEXT NOT NULL,
    section TEXT NOT NULL,
    found TEXT NOT NULL,
    confirmed_by BLOB NOT NULL,
    confirmed_at INTEGER NOT NULL,
    withdrawn_by BLOB,
    withdrawn_at INTEGER,
    CONSTRAINT report_confirmations_year_sha256_key PRIMARY KEY (tenant_id, year, sha256),
    CONSTRAINT report_confirmations_confirmed_by_fk FOREIGN KEY (tenant_id, confirmed_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT report_confirmations_withdrawn_by_fk FOREIGN KEY (tenant_id, withdrawn_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT report_confirmations_kind_check CHECK (kind IN ('section', 'paragraph', 'goal', 'decided')),
    CONSTRAINT report_confirmations_sha256_check CHECK (length(sha256) = 64),
    CONSTRAINT report_confirmations_withdrawn_check CHECK ((withdrawn_by IS NULL) = (withdrawn_at IS NULL))
) STRICT;

-- A provider may take back what it shared: the nämnd keeps what it was given, and is told.
ALTER TABLE shared_reports ADD COLUMN withdrawn_at INTEGER;
ALTER TABLE shared_reports ADD COLUMN withdrawn_reason TEXT;
