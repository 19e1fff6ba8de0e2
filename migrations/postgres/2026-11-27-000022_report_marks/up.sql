-- The figures of a year's report that are kept back by hand from its public version, each with its ground.
CREATE TABLE report_marks (
    tenant_id uuid NOT NULL,
    year smallint NOT NULL,
    marks jsonb NOT NULL,
    marked_by uuid NOT NULL,
    marked_at timestamptz NOT NULL,
    version bigint NOT NULL,
    CONSTRAINT report_marks_year_key PRIMARY KEY (tenant_id, year),
    CONSTRAINT report_marks_marked_by_fk FOREIGN KEY (tenant_id, marked_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT report_marks_version_check CHECK (version >= 1)
);
