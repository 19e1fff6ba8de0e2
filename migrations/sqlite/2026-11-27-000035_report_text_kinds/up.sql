-- The names of own figures, and why a series of years breaks, are words of a report, too.
CREATE TABLE report_confirmations_anew (
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
    CONSTRAINT report_confirmations_kind_check CHECK (kind IN ('section', 'paragraph', 'goal', 'decided', 'own_figure', 'series_break')),
    CONSTRAINT report_confirmations_sha256_check CHECK (length(sha256) = 64),
    CONSTRAINT report_confirmations_withdrawn_check CHECK ((withdrawn_by IS NULL) = (withdrawn_at IS NULL))
) STRICT;
INSERT INTO report_confirmations_anew SELECT * FROM report_confirmations;
DROP TABLE report_confirmations;
ALTER TABLE report_confirmations_anew RENAME TO report_confirmations;
