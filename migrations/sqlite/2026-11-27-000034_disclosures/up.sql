-- What was asked for as a public record (utlämnande av allmän handling): the decision, the copy as it was given out,
-- and what was masked in it on which ground. Never changed; it goes with its case.
CREATE TABLE disclosures (
    tenant_id BLOB NOT NULL,
    disclosure_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    case_version INTEGER NOT NULL,
    decision TEXT NOT NULL,
    asked_on TEXT NOT NULL,
    reference TEXT,
    motivation TEXT,
    appeal TEXT,
    content TEXT,
    sha256 BLOB,
    masks TEXT NOT NULL,
    decided_by BLOB NOT NULL,
    decided_at INTEGER NOT NULL,
    CONSTRAINT disclosures_disclosure_id_key PRIMARY KEY (tenant_id, disclosure_id),
    CONSTRAINT disclosures_case_fk FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id),
    CONSTRAINT disclosures_decided_by_fk FOREIGN KEY (tenant_id, decided_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT disclosures_decision_check CHECK (decision IN ('given', 'partly', 'refused')),
    CONSTRAINT disclosures_content_check CHECK ((decision = 'refused') = (content IS NULL) AND (content IS NULL) = (sha256 IS NULL)),
    CONSTRAINT disclosures_motivation_check CHECK (decision = 'given' OR motivation IS NOT NULL AND appeal IS NOT NULL)
) STRICT;
CREATE INDEX disclosures_case_ix ON disclosures (tenant_id, case_id);
