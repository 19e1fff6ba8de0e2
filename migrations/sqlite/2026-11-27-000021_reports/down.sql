DELETE FROM delegations WHERE matter = 'yearly_report';
CREATE TABLE delegations_anew (
    tenant_id BLOB NOT NULL,
    delegation_id BLOB NOT NULL,
    staff_id BLOB NOT NULL,
    matter TEXT NOT NULL,
    valid_from TEXT NOT NULL,
    valid_to TEXT,
    reference TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    ended_at INTEGER,
    ended_reason TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT delegations_delegation_id_key PRIMARY KEY (tenant_id, delegation_id),
    CONSTRAINT delegations_staff_fk FOREIGN KEY (tenant_id, staff_id) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT delegations_matter_check CHECK (matter IN ('lex_maria', 'lex_sarah', 'riskperson', 'notify')),
    CONSTRAINT delegations_valid_check CHECK (valid_to IS NULL OR valid_to >= valid_from),
    CONSTRAINT delegations_ended_check CHECK ((ended_at IS NULL) = (ended_reason IS NULL)),
    CONSTRAINT delegations_version_check CHECK (version >= 1)
) STRICT;
INSERT INTO delegations_anew SELECT * FROM delegations;
DROP TABLE delegations;
ALTER TABLE delegations_anew RENAME TO delegations;
CREATE INDEX delegations_staff_ix ON delegations (tenant_id, staff_id);
DROP TABLE shared_reports;
DROP TABLE report_shares;
DROP TABLE report_partners;
DROP TABLE own_figures;
DROP TABLE report_goals;
DROP TABLE report_paragraphs;
DROP TABLE report_texts;
DROP TABLE report_versions;
DROP TABLE reports;
