-- What the public leaves: synpunkter and klagomål, each a part of its case. What clocks and worklists ask of
-- one stands in a column of the case; a case without a row here came before there were any, or by import.
ALTER TABLE cases ADD COLUMN opinion jsonb;
CREATE TABLE opinions (
    tenant_id uuid NOT NULL,
    case_id uuid NOT NULL,
    stage text COLLATE "C" NOT NULL,
    anonymous boolean NOT NULL,
    entry text COLLATE "C" NOT NULL,
    sender_kind text COLLATE "C",
    handler_id uuid,
    acknowledged_at timestamptz,
    answered_at timestamptz,
    answer_channel text COLLATE "C",
    ending text COLLATE "C",
    handed_over_at timestamptz,
    passed_on_to text COLLATE "C",
    diary_number text COLLATE "C",
    complaint_pn text COLLATE "C",
    understood text COLLATE "C",
    helped text COLLATE "C",
    document jsonb NOT NULL,
    CONSTRAINT opinions_case_id_key PRIMARY KEY (tenant_id, case_id),
    CONSTRAINT opinions_diary_number_key UNIQUE (tenant_id, diary_number),
    CONSTRAINT opinions_case_fk FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id),
    CONSTRAINT opinions_handler_fk FOREIGN KEY (tenant_id, handler_id) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT opinions_stage_check CHECK (stage IN ('received', 'registered', 'acknowledged', 'assigned', 'investigating', 'answered', 'closed', 'handed_over')),
    CONSTRAINT opinions_entry_check CHECK (entry IN ('public', 'staff', 'import')),
    CONSTRAINT opinions_answer_channel_check CHECK (answer_channel IN ('letter', 'secure_message', 'receipt_page', 'oral')),
    CONSTRAINT opinions_ending_check CHECK (ending IN ('withdrawn', 'duplicate', 'not_within_tenant', 'no_answer_wanted', 'unreachable', 'not_serious', 'no_answer_due')),
    CONSTRAINT opinions_passed_on_to_check CHECK (passed_on_to IN ('patientnamnd', 'ivo')),
    CONSTRAINT opinions_answered_check CHECK ((answered_at IS NULL) = (answer_channel IS NULL) AND (stage <> 'answered' OR answered_at IS NOT NULL)),
    CONSTRAINT opinions_closed_check CHECK ((ending IS NULL OR stage = 'closed') AND (stage <> 'closed' OR entry = 'import' OR answered_at IS NOT NULL OR ending IS NOT NULL)),
    CONSTRAINT opinions_handed_over_check CHECK ((stage = 'handed_over') = (handed_over_at IS NOT NULL))
);
CREATE INDEX opinions_handler_ix ON opinions (tenant_id, handler_id) WHERE handler_id IS NOT NULL;

-- Who left one, sealed apart from its text. Whoever wants to stay unknown has no row.
CREATE TABLE opinion_senders (
    tenant_id uuid NOT NULL,
    case_id uuid NOT NULL,
    key_version integer NOT NULL,
    wrapped_key bytea NOT NULL,
    nonce bytea NOT NULL,
    ciphertext bytea NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT opinion_senders_case_id_key PRIMARY KEY (tenant_id, case_id),
    CONSTRAINT opinion_senders_opinion_fk FOREIGN KEY (tenant_id, case_id) REFERENCES opinions (tenant_id, case_id)
);

-- What sender and handler say to each other.
CREATE TABLE opinion_messages (
    tenant_id uuid NOT NULL,
    case_id uuid NOT NULL,
    message_id uuid NOT NULL,
    from_sender boolean NOT NULL,
    kind text COLLATE "C" NOT NULL,
    text text NOT NULL,
    created_at timestamptz NOT NULL,
    staff_id uuid,
    read_at timestamptz,
    CONSTRAINT opinion_messages_case_id_message_id_key PRIMARY KEY (tenant_id, case_id, message_id),
    CONSTRAINT opinion_messages_opinion_fk FOREIGN KEY (tenant_id, case_id) REFERENCES opinions (tenant_id, case_id),
    CONSTRAINT opinion_messages_staff_fk FOREIGN KEY (tenant_id, staff_id) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT opinion_messages_kind_check CHECK (kind IN ('question', 'reply', 'addition', 'notice')),
    CONSTRAINT opinion_messages_from_check CHECK (NOT from_sender OR staff_id IS NULL)
);

-- The sender of an opinion may say whom it is about; they are nobody's staff.
ALTER TABLE conflicts ALTER COLUMN kept_by DROP NOT NULL;
