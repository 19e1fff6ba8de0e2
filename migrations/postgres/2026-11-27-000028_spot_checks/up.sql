-- Checks of the access log: what was drawn, how, and what came of it.
CREATE TABLE spot_checks (
    tenant_id uuid NOT NULL,
    check_id uuid NOT NULL,
    from_day date NOT NULL,
    to_day date NOT NULL,
    seed bigint NOT NULL,
    sample integer NOT NULL,
    rules text COLLATE "C" NOT NULL,
    scope jsonb NOT NULL,
    considered integer NOT NULL,
    reason text NOT NULL,
    drawn_by uuid NOT NULL,
    drawn_at timestamptz NOT NULL,
    closed_by uuid,
    closed_at timestamptz,
    summary text,
    version bigint NOT NULL,
    CONSTRAINT spot_checks_check_id_key PRIMARY KEY (tenant_id, check_id),
    CONSTRAINT spot_checks_drawn_by_fk FOREIGN KEY (tenant_id, drawn_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT spot_checks_closed_by_fk FOREIGN KEY (tenant_id, closed_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT spot_checks_days_check CHECK (from_day <= to_day),
    CONSTRAINT spot_checks_closed_check CHECK ((closed_at IS NULL) = (closed_by IS NULL) AND (closed_at IS NULL) = (summary IS NULL)),
    CONSTRAINT spot_checks_version_check CHECK (version >= 1)
);

-- The readings drawn, each with what the log said of it then: no text, no identity.
CREATE TABLE spot_check_readings (
    tenant_id uuid NOT NULL,
    check_id uuid NOT NULL,
    entry_id uuid NOT NULL,
    place integer NOT NULL,
    reader_id uuid NOT NULL,
    reasons text COLLATE "C" NOT NULL,
    shown jsonb NOT NULL,
    verdict text COLLATE "C",
    verdict_reason text,
    judged_by uuid,
    judged_at timestamptz,
    CONSTRAINT spot_check_readings_check_id_entry_id_key PRIMARY KEY (tenant_id, check_id, entry_id),
    CONSTRAINT spot_check_readings_check_fk FOREIGN KEY (tenant_id, check_id) REFERENCES spot_checks (tenant_id, check_id),
    CONSTRAINT spot_check_readings_reader_fk FOREIGN KEY (tenant_id, reader_id) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT spot_check_readings_judged_by_fk FOREIGN KEY (tenant_id, judged_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT spot_check_readings_verdict_check CHECK (verdict IN ('proper', 'improper', 'ask')),
    CONSTRAINT spot_check_readings_judged_check CHECK ((verdict IS NULL) = (judged_by IS NULL) AND (verdict IS NULL) = (judged_at IS NULL) AND (verdict IS NULL) = (verdict_reason IS NULL)),
    CONSTRAINT spot_check_readings_own_check CHECK (judged_by <> reader_id)
);
