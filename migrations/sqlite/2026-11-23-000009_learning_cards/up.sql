-- What was learnt, without persons or unit, and which units discussed it.
CREATE TABLE learning_cards (
    tenant_id BLOB NOT NULL,
    card_id BLOB NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    category TEXT NOT NULL,
    status TEXT NOT NULL,
    written_by BLOB NOT NULL,
    written_at INTEGER NOT NULL,
    approved_by BLOB,
    approved_at INTEGER,
    withdrawn_by BLOB,
    withdrawn_at INTEGER,
    withdrawn_reason TEXT,
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CONSTRAINT learning_cards_card_id_key PRIMARY KEY (tenant_id, card_id),
    CONSTRAINT learning_cards_written_by_fk FOREIGN KEY (tenant_id, written_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT learning_cards_approved_by_fk FOREIGN KEY (tenant_id, approved_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT learning_cards_withdrawn_by_fk FOREIGN KEY (tenant_id, withdrawn_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT learning_cards_status_check CHECK (status IN ('draft', 'approved', 'withdrawn')),
    CONSTRAINT learning_cards_approved_check CHECK (
        (approved_at IS NULL) = (approved_by IS NULL) AND (status <> 'draft' OR approved_at IS NULL)
        AND (status <> 'approved' OR approved_at IS NOT NULL) AND (approved_by IS NULL OR approved_by <> written_by)
    ),
    CONSTRAINT learning_cards_withdrawn_check CHECK (
        (status = 'withdrawn') = (withdrawn_at IS NOT NULL) AND (withdrawn_at IS NULL) = (withdrawn_by IS NULL)
        AND (withdrawn_at IS NULL) = (withdrawn_reason IS NULL)
    ),
    CONSTRAINT learning_cards_version_check CHECK (version >= 1)
) STRICT;
CREATE INDEX learning_cards_category_ix ON learning_cards (tenant_id, category, card_id);

CREATE TABLE learning_card_cases (
    tenant_id BLOB NOT NULL,
    card_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    CONSTRAINT learning_card_cases_card_id_case_id_key PRIMARY KEY (tenant_id, card_id, case_id),
    CONSTRAINT learning_card_cases_card_fk FOREIGN KEY (tenant_id, card_id) REFERENCES learning_cards (tenant_id, card_id),
    CONSTRAINT learning_card_cases_case_fk FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX learning_card_cases_case_ix ON learning_card_cases (tenant_id, case_id);

CREATE TABLE learning_card_meetings (
    tenant_id BLOB NOT NULL,
    card_id BLOB NOT NULL,
    unit_id BLOB NOT NULL,
    meeting_on TEXT NOT NULL,
    noted_by BLOB NOT NULL,
    noted_at INTEGER NOT NULL,
    CONSTRAINT learning_card_meetings_card_id_unit_id_meeting_on_key PRIMARY KEY (tenant_id, card_id, unit_id, meeting_on),
    CONSTRAINT learning_card_meetings_card_fk FOREIGN KEY (tenant_id, card_id) REFERENCES learning_cards (tenant_id, card_id),
    CONSTRAINT learning_card_meetings_unit_fk FOREIGN KEY (tenant_id, unit_id) REFERENCES units (tenant_id, unit_id),
    CONSTRAINT learning_card_meetings_noted_by_fk FOREIGN KEY (tenant_id, noted_by) REFERENCES staff (tenant_id, staff_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX learning_card_meetings_unit_ix ON learning_card_meetings (tenant_id, unit_id, meeting_on);
