-- What is counted of the answers to forms: the case's own document holds them as they were given.
CREATE TABLE case_answers (
    tenant_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    question TEXT NOT NULL,
    code TEXT NOT NULL,
    CONSTRAINT case_answers_case_id_question_code_key PRIMARY KEY (tenant_id, case_id, question, code),
    CONSTRAINT case_answers_case_fk FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX case_answers_question_ix ON case_answers (tenant_id, question, case_id, code);

-- How what was suggested at filing did, held against the assessor's category and the reporter's.
ALTER TABLE case_facts ADD COLUMN suggestion TEXT;
ALTER TABLE case_facts ADD COLUMN suggestion_reported TEXT;
