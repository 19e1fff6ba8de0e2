-- What was learnt, without persons or unit, and which units discussed it.
CREATE TABLE learning_cards (
    tenant_id uuid NOT NULL,
    card_id uuid NOT NULL,
    title text NOT NULL,
    text text NOT NULL,
    category text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    written_by uuid NOT NULL,
    written_at timestamptz NOT NULL,
    approved_by uuid,
    approved_at timestamptz,
    withdrawn_by uuid,
    withdrawn_at timestamptz,
    withdrawn_reason text,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
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
);
CREATE INDEX learning_cards_category_ix ON learning_cards (tenant_id, category, card_id);

CREATE TABLE learning_card_cases (
    tenant_id uuid NOT NULL,
    card_id uuid NOT NULL,
    case_id uuid NOT NULL,
    CONSTRAINT learning_card_cases_card_id_case_id_key PRIMARY KEY (tenant_id, card_id, case_id),
    CONSTRAINT learning_card_cases_card_fk FOREIGN KEY (tenant_id, card_id) REFERENCES learning_cards (tenant_id, card_id),
    CONSTRAINT learning_card_cases_case_fk FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id)
);
CREATE INDEX learning_card_cases_case_ix ON learning_card_cases (tenant_id, case_id);

CREATE TABLE learning_card_meetings (
    tenant_id uuid NOT NULL,
    card_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    meeting_on date NOT NULL,
    noted_by uuid NOT NULL,
    noted_at timestamptz NOT NULL,
    CONSTRAINT learning_card_meetings_card_id_unit_id_meeting_on_key PRIMARY KEY (tenant_id, card_id, unit_id, meeting_on),
    CONSTRAINT learning_card_meetings_card_fk FOREIGN KEY (tenant_id, card_id) REFERENCES learning_cards (tenant_id, card_id),
    CONSTRAINT learning_card_meetings_unit_fk FOREIGN KEY (tenant_id, unit_id) REFERENCES units (tenant_id, unit_id),
    CONSTRAINT learning_card_meetings_noted_by_fk FOREIGN KEY (tenant_id, noted_by) REFERENCES staff (tenant_id, staff_id)
);
CREATE INDEX learning_card_meetings_unit_ix ON learning_card_meetings (tenant_id, unit_id, meeting_on);
