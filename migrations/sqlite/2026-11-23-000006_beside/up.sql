-- What stands beside the handling of a case: who was asked, whom it is kept from, what is said.

CREATE TABLE watches (
    tenant_id BLOB NOT NULL,
    watch_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    staff_id BLOB,
    profession TEXT,
    wish TEXT NOT NULL,
    text TEXT,
    due_on TEXT,
    asked_by BLOB NOT NULL,
    asked_at INTEGER NOT NULL,
    answer TEXT,
    answer_text TEXT,
    answered_by BLOB,
    answered_at INTEGER,
    CONSTRAINT watches_watch_id_key PRIMARY KEY (tenant_id, watch_id),
    CONSTRAINT watches_case_fk FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id),
    CONSTRAINT watches_staff_fk FOREIGN KEY (tenant_id, staff_id) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT watches_asked_by_fk FOREIGN KEY (tenant_id, asked_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT watches_answered_by_fk FOREIGN KEY (tenant_id, answered_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT watches_one_check CHECK ((staff_id IS NULL) <> (profession IS NULL)),
    CONSTRAINT watches_wish_check CHECK (wish IN ('read', 'contribute', 'act')),
    CONSTRAINT watches_answer_check CHECK (answer IN ('done', 'not_mine')),
    CONSTRAINT watches_answered_check CHECK ((answer IS NULL) = (answered_at IS NULL) AND (answer IS NULL) = (answered_by IS NULL))
) STRICT;
CREATE INDEX watches_case_ix ON watches (tenant_id, case_id);
CREATE INDEX watches_staff_ix ON watches (tenant_id, staff_id, case_id);
CREATE INDEX watches_profession_ix ON watches (tenant_id, profession) WHERE answer IS NULL AND profession IS NOT NULL;

CREATE TABLE conflicts (
    tenant_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    staff_id BLOB NOT NULL,
    reason TEXT NOT NULL,
    kept_by BLOB NOT NULL,
    kept_at INTEGER NOT NULL,
    CONSTRAINT conflicts_case_id_staff_id_key PRIMARY KEY (tenant_id, case_id, staff_id),
    CONSTRAINT conflicts_case_fk FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id),
    CONSTRAINT conflicts_staff_fk FOREIGN KEY (tenant_id, staff_id) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT conflicts_kept_by_fk FOREIGN KEY (tenant_id, kept_by) REFERENCES staff (tenant_id, staff_id)
) STRICT;
CREATE INDEX conflicts_staff_ix ON conflicts (tenant_id, staff_id, case_id);

CREATE TABLE comments (
    tenant_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    comment_id BLOB NOT NULL,
    text TEXT NOT NULL,
    to_reporter INTEGER NOT NULL,
    mentions TEXT NOT NULL,
    said_by BLOB NOT NULL,
    said_at INTEGER NOT NULL,
    CONSTRAINT comments_case_id_comment_id_key PRIMARY KEY (tenant_id, case_id, comment_id),
    CONSTRAINT comments_case_fk FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id),
    CONSTRAINT comments_said_by_fk FOREIGN KEY (tenant_id, said_by) REFERENCES staff (tenant_id, staff_id)
) STRICT;

-- The other units concerned, as lists ask for them; the case itself holds them as a document.
CREATE TABLE case_units (
    tenant_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    unit_id BLOB NOT NULL,
    CONSTRAINT case_units_case_id_unit_id_key PRIMARY KEY (tenant_id, case_id, unit_id),
    CONSTRAINT case_units_case_fk FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id),
    CONSTRAINT case_units_unit_fk FOREIGN KEY (tenant_id, unit_id) REFERENCES units (tenant_id, unit_id)
) STRICT;
CREATE INDEX case_units_unit_ix ON case_units (tenant_id, unit_id, case_id);
INSERT INTO case_units (tenant_id, case_id, unit_id)
SELECT DISTINCT cases.tenant_id, cases.case_id, unhex(replace(unit.value, '-', ''))
FROM cases, json_each(cases.also_units) AS unit;
