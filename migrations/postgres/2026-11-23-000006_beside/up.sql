-- What stands beside the handling of a case: who was asked, whom it is kept from, what is said.

CREATE TABLE watches (
    tenant_id uuid NOT NULL,
    watch_id uuid NOT NULL,
    case_id uuid NOT NULL,
    staff_id uuid,
    profession text COLLATE "C",
    wish text COLLATE "C" NOT NULL,
    text text,
    due_on date,
    asked_by uuid NOT NULL,
    asked_at timestamptz NOT NULL,
    answer text COLLATE "C",
    answer_text text,
    answered_by uuid,
    answered_at timestamptz,
    CONSTRAINT watches_watch_id_key PRIMARY KEY (tenant_id, watch_id),
    CONSTRAINT watches_case_fk FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id),
    CONSTRAINT watches_staff_fk FOREIGN KEY (tenant_id, staff_id) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT watches_asked_by_fk FOREIGN KEY (tenant_id, asked_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT watches_answered_by_fk FOREIGN KEY (tenant_id, answered_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT watches_one_check CHECK ((staff_id IS NULL) <> (profession IS NULL)),
    CONSTRAINT watches_wish_check CHECK (wish IN ('read', 'contribute', 'act')),
    CONSTRAINT watches_answer_check CHECK (answer IN ('done', 'not_mine')),
    CONSTRAINT watches_answered_check CHECK ((answer IS NULL) = (answered_at IS NULL) AND (answer IS NULL) = (answered_by IS NULL))
);
CREATE INDEX watches_case_ix ON watches (tenant_id, case_id);
CREATE INDEX watches_staff_ix ON watches (tenant_id, staff_id, case_id);
CREATE INDEX watches_profession_ix ON watches (tenant_id, profession) WHERE answer IS NULL AND profession IS NOT NULL;

CREATE TABLE conflicts (
    tenant_id uuid NOT NULL,
    case_id uuid NOT NULL,
    staff_id uuid NOT NULL,
    reason text NOT NULL,
    kept_by uuid NOT NULL,
    kept_at timestamptz NOT NULL,
    CONSTRAINT conflicts_case_id_staff_id_key PRIMARY KEY (tenant_id, case_id, staff_id),
    CONSTRAINT conflicts_case_fk FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id),
    CONSTRAINT conflicts_staff_fk FOREIGN KEY (tenant_id, staff_id) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT conflicts_kept_by_fk FOREIGN KEY (tenant_id, kept_by) REFERENCES staff (tenant_id, staff_id)
);
CREATE INDEX conflicts_staff_ix ON conflicts (tenant_id, staff_id, case_id);

CREATE TABLE comments (
    tenant_id uuid NOT NULL,
    case_id uuid NOT NULL,
    comment_id uuid NOT NULL,
    text text NOT NULL,
    to_reporter boolean NOT NULL,
    mentions jsonb NOT NULL,
    said_by uuid NOT NULL,
    said_at timestamptz NOT NULL,
    CONSTRAINT comments_case_id_comment_id_key PRIMARY KEY (tenant_id, case_id, comment_id),
    CONSTRAINT comments_case_fk FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id),
    CONSTRAINT comments_said_by_fk FOREIGN KEY (tenant_id, said_by) REFERENCES staff (tenant_id, staff_id)
);

-- The other units concerned, as lists ask for them; the case itself holds them as a document.
CREATE TABLE case_units (
    tenant_id uuid NOT NULL,
    case_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    CONSTRAINT case_units_case_id_unit_id_key PRIMARY KEY (tenant_id, case_id, unit_id),
    CONSTRAINT case_units_case_fk FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id),
    CONSTRAINT case_units_unit_fk FOREIGN KEY (tenant_id, unit_id) REFERENCES units (tenant_id, unit_id)
);
CREATE INDEX case_units_unit_ix ON case_units (tenant_id, unit_id, case_id);
INSERT INTO case_units (tenant_id, case_id, unit_id)
SELECT DISTINCT cases.tenant_id, cases.case_id, CAST(unit.id AS uuid)
FROM cases, jsonb_array_elements_text(cases.also_units) AS unit (id);
