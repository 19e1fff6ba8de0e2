-- What the columns of before cannot hold goes.
DROP TABLE escalation_persons;
DROP TABLE escalation_readers;
DROP TABLE escalation_history;
ALTER TABLE escalations RENAME TO escalations_full;
CREATE TABLE escalations (
    tenant_id BLOB NOT NULL,
    escalation_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    flagged_at INTEGER NOT NULL,
    decided_at INTEGER,
    notified_at INTEGER,
    ivo_decided_at INTEGER,
    motivation TEXT,
    imported INTEGER NOT NULL,
    CONSTRAINT escalations_escalation_id_key PRIMARY KEY (tenant_id, escalation_id),
    CONSTRAINT escalations_case_id_kind_flagged_at_key UNIQUE (tenant_id, case_id, kind, flagged_at),
    CONSTRAINT escalations_case_fk FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id),
    CONSTRAINT escalations_kind_check CHECK (kind IN ('lex_maria', 'lex_sarah', 'riskperson'))
) STRICT, WITHOUT ROWID;
INSERT INTO escalations (tenant_id, escalation_id, case_id, kind, flagged_at, decided_at, notified_at, ivo_decided_at, motivation, imported)
SELECT tenant_id, escalation_id, case_id, kind, flagged_at, decided_at, notified_at, ivo_decided_at, motivation, imported
FROM escalations_full WHERE imported = 1 AND case_id IS NOT NULL;
DROP TABLE escalations_full;
