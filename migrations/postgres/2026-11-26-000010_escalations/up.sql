-- Lex Maria, lex Sarah and riskperson as processes with states, decisions and dates of their own. What an
-- import brought before is kept, in the state its dates tell.
ALTER TABLE escalations RENAME TO escalations_imported;
ALTER TABLE escalations_imported DROP CONSTRAINT escalations_escalation_id_key;
ALTER TABLE escalations_imported DROP CONSTRAINT escalations_case_id_kind_flagged_at_key;
ALTER TABLE escalations_imported DROP CONSTRAINT escalations_case_fk;
ALTER TABLE escalations_imported DROP CONSTRAINT escalations_kind_check;
CREATE TABLE escalations (
    tenant_id uuid NOT NULL,
    escalation_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    case_id uuid,
    unit_id uuid NOT NULL,
    law text COLLATE "C" NOT NULL,
    starts_at timestamptz NOT NULL,
    flagged_at timestamptz NOT NULL,
    received_at timestamptz,
    decided_at timestamptz,
    decision text COLLATE "C",
    degree text COLLATE "C",
    notified_at timestamptz,
    inquiry_submitted_at timestamptz,
    supplement_due_on date,
    ivo_decided_at timestamptz,
    closed_at timestamptz,
    diary_number text,
    ivo_number text,
    motivation text,
    investigator_id uuid,
    document jsonb NOT NULL,
    imported boolean NOT NULL,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT escalations_escalation_id_key PRIMARY KEY (tenant_id, escalation_id),
    CONSTRAINT escalations_case_fk FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id),
    CONSTRAINT escalations_unit_fk FOREIGN KEY (tenant_id, unit_id) REFERENCES units (tenant_id, unit_id),
    CONSTRAINT escalations_investigator_fk FOREIGN KEY (tenant_id, investigator_id) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT escalations_kind_check CHECK (kind IN ('lex_maria', 'lex_sarah', 'riskperson')),
    CONSTRAINT escalations_status_check CHECK (
        (kind = 'lex_maria' AND status IN ('flagged', 'screened_out', 'assessing', 'reassessing', 'decided_no', 'decided_yes', 'notified', 'inquiry_submitted', 'at_ivo', 'supplement_requested', 'ivo_decided', 'closed', 'withdrawn'))
        OR (kind = 'lex_sarah' AND status IN ('flagged', 'screened_out', 'reported', 'received', 'immediate_action', 'investigating', 'assessed', 'not_taken_up', 'notified', 'inquiry_supplemented', 'at_ivo', 'supplement_requested', 'ivo_decided', 'following_up', 'closed'))
        OR (kind = 'riskperson' AND status IN ('flagged', 'assessing', 'reassessing', 'decided_no', 'decided_yes', 'notified', 'at_ivo', 'ivo_decided', 'closed', 'withdrawn'))
    ),
    CONSTRAINT escalations_case_check CHECK (case_id IS NOT NULL OR kind = 'riskperson'),
    CONSTRAINT escalations_law_check CHECK (law IN ('HSL', 'SOL', 'LSS')),
    CONSTRAINT escalations_received_check CHECK (imported OR kind <> 'lex_sarah' OR received_at IS NOT NULL OR status IN ('flagged', 'screened_out', 'reported')),
    CONSTRAINT escalations_decided_check CHECK ((decision IS NULL) = (decided_at IS NULL)),
    CONSTRAINT escalations_decision_check CHECK (
        decision IS NULL AND (motivation IS NULL OR imported)
        OR decision IS NOT NULL AND decision IN ('yes', 'no') AND (motivation IS NOT NULL OR imported)
    ),
    CONSTRAINT escalations_yes_check CHECK (status NOT IN ('decided_yes', 'notified', 'inquiry_submitted', 'at_ivo', 'supplement_requested') OR decision IS NOT NULL),
    CONSTRAINT escalations_no_check CHECK (status NOT IN ('decided_no', 'not_taken_up') OR coalesce(decision, '') = 'no'),
    CONSTRAINT escalations_degree_check CHECK (degree IN ('none', 'palpable_risk', 'misconduct', 'palpable_risk_serious', 'serious') AND kind = 'lex_sarah' OR degree IS NULL),
    CONSTRAINT escalations_assessed_check CHECK (status <> 'assessed' OR degree IS NOT NULL),
    CONSTRAINT escalations_notified_check CHECK (status NOT IN ('notified', 'inquiry_submitted', 'inquiry_supplemented', 'at_ivo', 'supplement_requested', 'withdrawn') OR notified_at IS NOT NULL),
    CONSTRAINT escalations_submitted_check CHECK (status NOT IN ('inquiry_submitted', 'inquiry_supplemented') OR inquiry_submitted_at IS NOT NULL),
    CONSTRAINT escalations_supplement_check CHECK ((status = 'supplement_requested') = (supplement_due_on IS NOT NULL)),
    CONSTRAINT escalations_ivo_decided_check CHECK (status <> 'ivo_decided' OR ivo_decided_at IS NOT NULL),
    CONSTRAINT escalations_closed_check CHECK ((status = 'closed') = (closed_at IS NOT NULL)),
    CONSTRAINT escalations_diary_number_check CHECK (imported OR notified_at IS NULL OR diary_number IS NOT NULL),
    CONSTRAINT escalations_version_check CHECK (version >= 1)
);
INSERT INTO escalations (
    tenant_id, escalation_id, kind, status, case_id, unit_id, law, starts_at, flagged_at, received_at, decided_at,
    decision, degree, notified_at, inquiry_submitted_at, supplement_due_on, ivo_decided_at, closed_at,
    diary_number, ivo_number, motivation, document, imported, version, updated_at
)
SELECT
    e.tenant_id, e.escalation_id, e.kind,
    CASE WHEN e.ivo_decided_at IS NOT NULL THEN 'ivo_decided' WHEN e.notified_at IS NOT NULL THEN 'notified' WHEN e.decided_at IS NOT NULL THEN CASE e.kind WHEN 'lex_sarah' THEN 'not_taken_up' ELSE 'decided_no' END ELSE 'flagged' END,
    e.case_id, c.unit_id,
    CASE WHEN e.kind <> 'lex_sarah' THEN 'HSL' WHEN c.laws LIKE '%LSS%' AND c.laws NOT LIKE '%SOL%' THEN 'LSS' ELSE 'SOL' END,
    CASE e.kind WHEN 'lex_maria' THEN coalesce(c.occurred_at, c.reported_at) WHEN 'lex_sarah' THEN c.reported_at ELSE e.flagged_at END,
    e.flagged_at, NULL, coalesce(e.decided_at, e.notified_at, e.ivo_decided_at),
    CASE WHEN e.notified_at IS NOT NULL OR e.ivo_decided_at IS NOT NULL THEN 'yes' WHEN e.decided_at IS NOT NULL THEN 'no' END,
    NULL, e.notified_at, NULL, NULL, e.ivo_decided_at, NULL, NULL, NULL, e.motivation,
    jsonb_build_object('state', CASE WHEN e.ivo_decided_at IS NOT NULL THEN 'ivo_decided' WHEN e.notified_at IS NOT NULL THEN 'notified' WHEN e.decided_at IS NOT NULL THEN CASE e.kind WHEN 'lex_sarah' THEN 'not_taken_up' ELSE 'decided_no' END ELSE 'flagged' END),
    e.imported, 1, c.updated_at
FROM escalations_imported AS e
JOIN cases AS c ON c.tenant_id = e.tenant_id AND c.case_id = e.case_id;
DROP TABLE escalations_imported;
CREATE INDEX escalations_case_ix ON escalations (tenant_id, case_id);
CREATE INDEX escalations_status_ix ON escalations (tenant_id, status, unit_id);
-- Of one kind a case has one that is open; what imports bring is as it is.
CREATE UNIQUE INDEX escalations_case_id_kind_key ON escalations (tenant_id, case_id, kind)
    WHERE case_id IS NOT NULL AND NOT imported AND status NOT IN ('screened_out', 'not_taken_up', 'decided_no', 'closed', 'withdrawn');

CREATE TABLE escalation_history (
    tenant_id uuid NOT NULL,
    escalation_id uuid NOT NULL,
    version bigint NOT NULL,
    at timestamptz NOT NULL,
    staff_id uuid,
    command text COLLATE "C" NOT NULL,
    from_status text COLLATE "C",
    to_status text COLLATE "C" NOT NULL,
    changes jsonb NOT NULL,
    reason text,
    CONSTRAINT escalation_history_escalation_id_version_key PRIMARY KEY (tenant_id, escalation_id, version),
    CONSTRAINT escalation_history_escalation_fk FOREIGN KEY (tenant_id, escalation_id) REFERENCES escalations (tenant_id, escalation_id),
    CONSTRAINT escalation_history_staff_fk FOREIGN KEY (tenant_id, staff_id) REFERENCES staff (tenant_id, staff_id)
);

-- The only ones who may see a riskperson.
CREATE TABLE escalation_readers (
    tenant_id uuid NOT NULL,
    escalation_id uuid NOT NULL,
    staff_id uuid NOT NULL,
    CONSTRAINT escalation_readers_escalation_id_staff_id_key PRIMARY KEY (tenant_id, escalation_id, staff_id),
    CONSTRAINT escalation_readers_escalation_fk FOREIGN KEY (tenant_id, escalation_id) REFERENCES escalations (tenant_id, escalation_id),
    CONSTRAINT escalation_readers_staff_fk FOREIGN KEY (tenant_id, staff_id) REFERENCES staff (tenant_id, staff_id)
);
CREATE INDEX escalation_readers_staff_ix ON escalation_readers (tenant_id, staff_id);

-- Who a riskperson is, sealed.
CREATE TABLE escalation_persons (
    tenant_id uuid NOT NULL,
    escalation_id uuid NOT NULL,
    key_version integer NOT NULL,
    wrapped_key bytea NOT NULL,
    nonce bytea NOT NULL,
    ciphertext bytea NOT NULL,
    CONSTRAINT escalation_persons_escalation_id_key PRIMARY KEY (tenant_id, escalation_id),
    CONSTRAINT escalation_persons_escalation_fk FOREIGN KEY (tenant_id, escalation_id) REFERENCES escalations (tenant_id, escalation_id)
);
