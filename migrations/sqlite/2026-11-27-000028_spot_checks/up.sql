-- Checks of the access log: what was drawn, how, and what came of it.
CREATE TABLE spot_checks (
    tenant_id BLOB NOT NULL,
    check_id BLOB NOT NULL,
    from_day TEXT NOT NULL,
    to_day TEXT NOT NULL,
    seed INTEGER NOT NULL,
    sample INTEGER NOT NULL,
    rules TEXT NOT NULL,
    scope TEXT NOT NULL,
    considered INTEGER NOT NULL,
    reason TEXT NOT NULL,
    drawn_by BLOB NOT NULL,
    drawn_at INTEGER NOT NULL,
    closed_by BLOB,
    closed_at INTEGER,
    summary TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT spot_checks_check_id_key PRIMARY KEY (tenant_id, check_id),
    CONSTRAINT spot_checks_drawn_by_fk FOREIGN KEY (tenant_id, drawn_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT spot_checks_closed_by_fk FOREIGN KEY (tenant_id, closed_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT spot_checks_days_check CHECK (from_day <= to_day),
    CONSTRAINT spot_checks_closed_check CHECK ((closed_at IS NULL) = (closed_by IS NULL) AND (closed_at IS NULL) = (summary IS NULL)),
    CONSTRAINT spot_checks_version_check CHECK (version >= 1)
) STRICT, WITHOUT ROWID;

-- The readings drawn, each with what the log said of it then: no TEXT, no identity.
CREATE TABLE spot_check_readings (
    tenant_id BLOB NOT NULL,
    check_id BLOB NOT NULL,
    entry_id BLOB NOT NULL,
    place INTEGER NOT NULL,
    reader_id BLOB NOT NULL,
    reasons TEXT NOT NULL,
    shown TEXT NOT NULL,
    verdict TEXT,
    verdict_reason TEXT,
    judged_by BLOB,
    judged_at INTEGER,
    CONSTRAINT spot_check_readings_check_id_entry_id_key PRIMARY KEY (tenant_id, check_id, entry_id),
    CONSTRAINT spot_check_readings_check_fk FOREIGN KEY (tenant_id, check_id) REFERENCES spot_checks (tenant_id, check_id),
    CONSTRAINT spot_check_readings_reader_fk FOREIGN KEY (tenant_id, reader_id) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT spot_check_readings_judged_by_fk FOREIGN KEY (tenant_id, judged_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT spot_check_readings_verdict_check CHECK (verdict IN ('proper', 'improper', 'ask')),
    CONSTRAINT spot_check_readings_judged_check CHECK ((verdict IS NULL) = (judged_by IS NULL) AND (verdict IS NULL) = (judged_at IS NULL) AND (verdict IS NULL) = (verdict_reason IS NULL)),
    CONSTRAINT spot_check_readings_own_check CHECK (judged_by <> reader_id)
) STRICT, WITHOUT ROWID;
