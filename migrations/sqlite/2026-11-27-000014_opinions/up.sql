-- What the public leaves: synpunkter and klagomål, each a part of its case. What clocks and worklists ask of
-- one stands in a column of the case; a case without a row here came before there were any, or by import.
ALTER TABLE cases ADD COLUMN opinion TEXT;
CREATE TABLE opinions (
    tenant_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    stage TEXT NOT NULL,
    anonymous INTEGER NOT NULL,
    entry TEXT NOT NULL,
    sender_kind TEXT,
    handler_id BLOB,
    acknowledged_at INTEGER,
    answered_at INTEGER,
    answer_channel TEXT,
    ending TEXT,
    handed_over_at INTEGER,
    passed_on_to TEXT,
    diary_number TEXT,
    complaint_pn TEXT,
    understood TEXT,
    helped TEXT,
    document TEXT NOT NULL,
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
) STRICT;
CREATE INDEX opinions_handler_ix ON opinions (tenant_id, handler_id) WHERE handler_id IS NOT NULL;

-- Who left one, sealed apart from its text. Whoever wants to stay unknown has no row.
CREATE TABLE opinion_senders (
    tenant_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    key_version INTEGER NOT NULL,
    wrapped_key BLOB NOT NULL,
    nonce BLOB NOT NULL,
    ciphertext BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT opinion_senders_case_id_key PRIMARY KEY (tenant_id, case_id),
    CONSTRAINT opinion_senders_opinion_fk FOREIGN KEY (tenant_id, case_id) REFERENCES opinions (tenant_id, case_id)
) STRICT;

-- What sender and handler say to each other.
CREATE TABLE opinion_messages (
    tenant_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    message_id BLOB NOT NULL,
    from_sender INTEGER NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    staff_id BLOB,
    read_at INTEGER,
    CONSTRAINT opinion_messages_case_id_message_id_key PRIMARY KEY (tenant_id, case_id, message_id),
    CONSTRAINT opinion_messages_opinion_fk FOREIGN KEY (tenant_id, case_id) REFERENCES opinions (tenant_id, case_id),
    CONSTRAINT opinion_messages_staff_fk FOREIGN KEY (tenant_id, staff_id) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT opinion_messages_kind_check CHECK (kind IN ('question', 'reply', 'addition', 'notice')),
    CONSTRAINT opinion_messages_from_check CHECK (from_sender = 0 OR staff_id IS NULL)
) STRICT;

-- The sender of an opinion may say whom it is about; they are nobody's staff.
ALTER TABLE conflicts RENAME TO conflicts_before;
DROP INDEX conflicts_staff_ix;
CREATE TABLE conflicts (
    tenant_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    staff_id BLOB NOT NULL,
    reason TEXT NOT NULL,
    kept_by BLOB,
    kept_at INTEGER NOT NULL,
    CONSTRAINT conflicts_case_id_staff_id_key PRIMARY KEY (tenant_id, case_id, staff_id),
    CONSTRAINT conflicts_case_fk FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id),
    CONSTRAINT conflicts_staff_fk FOREIGN KEY (tenant_id, staff_id) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT conflicts_kept_by_fk FOREIGN KEY (tenant_id, kept_by) REFERENCES staff (tenant_id, staff_id)
) STRICT;
INSERT INTO conflicts (tenant_id, case_id, staff_id, reason, kept_by, kept_at)
SELECT tenant_id, case_id, staff_id, reason, kept_by, kept_at FROM conflicts_before;
DROP TABLE conflicts_before;
CREATE INDEX conflicts_staff_ix ON conflicts (tenant_id, staff_id, case_id);
