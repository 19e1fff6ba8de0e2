-- What the columns of before cannot hold goes.
DROP TABLE escalation_persons;
DROP TABLE escalation_readers;
DROP TABLE escalation_history;
ALTER TABLE escalations RENAME TO escalations_full;
ALTER TABLE escalations_full DROP CONSTRAINT escalations_escalation_id_key;
ALTER TABLE escalations_full DROP CONSTRAINT escalations_case_fk;
ALTER TABLE escalations_full DROP CONSTRAINT escalations_kind_check;
CREATE TABLE escalations (
    tenant_id uuid NOT NULL,
    escalation_id uuid NOT NULL,
    case_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    flagged_at timestamptz NOT NULL,
    decided_at timestamptz,
    notified_at timestamptz,
    ivo_decided_at timestamptz,
    motivation text,
    imported boolean NOT NULL,
    CONSTRAINT escalations_escalation_id_key PRIMARY KEY (tenant_id, escalation_id),
    CONSTRAINT escalations_case_id_kind_flagged_at_key UNIQUE (tenant_id, case_id, kind, flagged_at),
    CONSTRAINT escalations_case_fk FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id),
    CONSTRAINT escalations_kind_check CHECK (kind IN ('lex_maria', 'lex_sarah', 'riskperson'))
);
INSERT INTO escalations (tenant_id, escalation_id, case_id, kind, flagged_at, decided_at, notified_at, ivo_decided_at, motivation, imported)
SELECT tenant_id, escalation_id, case_id, kind, flagged_at, decided_at, notified_at, ivo_decided_at, motivation, imported
FROM escalations_full WHERE imported AND case_id IS NOT NULL;
DROP TABLE escalations_full;
