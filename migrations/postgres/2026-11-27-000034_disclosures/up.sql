-- What was asked for as a public record (utlämnande av allmän handling): the decision, the copy as it was given out,
-- and what was masked in it on which ground. Never changed; it goes with its case.
CREATE TABLE disclosures (
    tenant_id uuid NOT NULL,
    disclosure_id uuid NOT NULL,
    case_id uuid NOT NULL,
    case_version bigint NOT NULL,
    decision text COLLATE "C" NOT NULL,
    asked_on date NOT NULL,
    reference text,
    motivation text,
    appeal text,
    content text,
    sha256 bytea,
    masks jsonb NOT NULL,
    decided_by uuid NOT NULL,
    decided_at timestamptz NOT NULL,
    CONSTRAINT disclosures_disclosure_id_key PRIMARY KEY (tenant_id, disclosure_id),
    CONSTRAINT disclosures_case_fk FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id),
    CONSTRAINT disclosures_decided_by_fk FOREIGN KEY (tenant_id, decided_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT disclosures_decision_check CHECK (decision IN ('given', 'partly', 'refused')),
    CONSTRAINT disclosures_content_check CHECK ((decision = 'refused') = (content IS NULL) AND (content IS NULL) = (sha256 IS NULL)),
    CONSTRAINT disclosures_motivation_check CHECK (decision = 'given' OR motivation IS NOT NULL AND appeal IS NOT NULL)
);
CREATE INDEX disclosures_case_ix ON disclosures (tenant_id, case_id);
