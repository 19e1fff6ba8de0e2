-- The figures of a year's report that are kept back by hand from its public version, each with its ground.
CREATE TABLE report_marks (
    tenant_id BLOB NOT NULL,
    year INTEGER NOT NULL,
    marks TEXT NOT NULL,
    marked_by BLOB NOT NULL,
    marked_at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT report_marks_year_key PRIMARY KEY (tenant_id, year),
    CONSTRAINT report_marks_marked_by_fk FOREIGN KEY (tenant_id, marked_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT report_marks_version_check CHECK (version >= 1)
) STRICT;

-- What was made public of the reports of the years, as it was: it is never made anew.
CREATE TABLE report_issues (
    tenant_id BLOB NOT NULL,
    issue INTEGER NOT NULL,
    year INTEGER NOT NULL,
    report_version INTEGER NOT NULL,
    content TEXT NOT NULL,
    issued_at INTEGER NOT NULL,
    CONSTRAINT report_issues_issue_key PRIMARY KEY (tenant_id, issue),
    CONSTRAINT report_issues_version_fk FOREIGN KEY (tenant_id, year, report_version) REFERENCES report_versions (tenant_id, year, report_version),
    CONSTRAINT report_issues_issue_check CHECK (issue >= 1)
) STRICT;
