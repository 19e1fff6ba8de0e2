-- Clocks: what they ask of a case stands in columns, as what lists ask for does.
ALTER TABLE cases ADD COLUMN vardskada_at INTEGER;
ALTER TABLE cases ADD COLUMN informed_at INTEGER;
ALTER TABLE cases ADD COLUMN waiting_until TEXT;

UPDATE cases SET
    vardskada_at = CASE WHEN vardskada = 'yes' THEN CAST(strftime('%s', assessment ->> '$.judged."harm.vardskada".at') AS INTEGER) * 1000000 END,
    informed_at = CASE WHEN assessment ->> '$.patient_information' IS NOT NULL THEN coalesce(patient_informed_at, closed_at, updated_at) END;

-- Neighbouring duties of cases, as lists ask for them; the assessment itself holds them as a document.
CREATE TABLE duties (
    tenant_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    code TEXT NOT NULL,
    state TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    known_at INTEGER NOT NULL,
    answered_at INTEGER,
    CONSTRAINT duties_case_id_code_key PRIMARY KEY (tenant_id, case_id, code),
    CONSTRAINT duties_case_fk FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id),
    CONSTRAINT duties_state_check CHECK (state IN ('asked', 'done', 'not_needed')),
    CONSTRAINT duties_answered_check CHECK ((state = 'asked') = (answered_at IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX duties_open_ix ON duties (tenant_id, case_id) WHERE state = 'asked';

-- Who was told of what nobody touched: once for each version of it, step and rung.
CREATE TABLE ladder_rungs (
    tenant_id BLOB NOT NULL,
    matter_id BLOB NOT NULL,
    step TEXT NOT NULL,
    version INTEGER NOT NULL,
    rung TEXT NOT NULL,
    role TEXT NOT NULL,
    told_at INTEGER NOT NULL,
    CONSTRAINT ladder_rungs_matter_id_step_version_rung_key PRIMARY KEY (tenant_id, matter_id, step, version, rung),
    CONSTRAINT ladder_rungs_step_check CHECK (step IN ('triage', 'investigation', 'measures', 'follow_up', 'duty', 'escalation')),
    CONSTRAINT ladder_rungs_rung_check CHECK (rung IN ('unit_manager', 'area_manager', 'expert', 'director'))
) STRICT, WITHOUT ROWID;

-- The months whose figures the board was told of.
CREATE TABLE board_months (
    tenant_id BLOB NOT NULL,
    month TEXT NOT NULL,
    told_at INTEGER NOT NULL,
    CONSTRAINT board_months_month_key PRIMARY KEY (tenant_id, month),
    CONSTRAINT board_months_month_check CHECK (length(month) = 7)
) STRICT, WITHOUT ROWID;
