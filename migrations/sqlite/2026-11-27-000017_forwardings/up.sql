-- Avvikelser between caregivers as matters with states, texts and dates of their own, and counterparties as a
-- register. What an import brought before is kept, in the state its dates tell.
ALTER TABLE counterparties ADD COLUMN hsa_id TEXT;
ALTER TABLE counterparties ADD COLUMN answer_days INTEGER CONSTRAINT counterparties_answer_days_check CHECK (answer_days BETWEEN 1 AND 366);
ALTER TABLE counterparties ADD COLUMN valid_from TEXT;
ALTER TABLE counterparties ADD COLUMN valid_to TEXT;
ALTER TABLE counterparties ADD COLUMN details TEXT NOT NULL DEFAULT '{}';
ALTER TABLE counterparties ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE counterparties ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX counterparties_hsa_id_key ON counterparties (tenant_id, hsa_id) WHERE hsa_id IS NOT NULL;

ALTER TABLE forwardings RENAME TO forwardings_imported;
CREATE TABLE forwardings (
    tenant_id BLOB NOT NULL,
    forwarding_id BLOB NOT NULL,
    number TEXT,
    direction TEXT NOT NULL,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    case_id BLOB,
    counterparty_id BLOB NOT NULL,
    unit_id BLOB,
    law TEXT NOT NULL,
    matter TEXT NOT NULL,
    channel TEXT,
    created_at INTEGER NOT NULL,
    sent_at INTEGER,
    due_on TEXT,
    awaited_on TEXT,
    reminders INTEGER NOT NULL,
    acknowledged_at INTEGER,
    answered_at INTEGER,
    answer_channel TEXT,
    ended_at INTEGER,
    todo TEXT,
    document TEXT NOT NULL,
    import_key TEXT,
    imported INTEGER NOT NULL,
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CONSTRAINT forwardings_forwarding_id_key PRIMARY KEY (tenant_id, forwarding_id),
    CONSTRAINT forwardings_number_key UNIQUE (tenant_id, number),
    CONSTRAINT forwardings_import_key_key UNIQUE (tenant_id, import_key),
    CONSTRAINT forwardings_case_fk FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id),
    CONSTRAINT forwardings_counterparty_fk FOREIGN KEY (tenant_id, counterparty_id) REFERENCES counterparties (tenant_id, counterparty_id),
    CONSTRAINT forwardings_unit_fk FOREIGN KEY (tenant_id, unit_id) REFERENCES units (tenant_id, unit_id),
    CONSTRAINT forwardings_direction_check CHECK (direction IN ('sent', 'received')),
    CONSTRAINT forwardings_kind_check CHECK (kind IN ('single', 'joint')),
    CONSTRAINT forwardings_status_check CHECK (
        (direction = 'sent' AND status IN ('draft', 'checked', 'sent', 'acknowledged', 'escalated_unanswered', 'answered', 'shared_with_unit', 'closed', 'closed_without_answer', 'recalled'))
        OR (direction = 'received' AND status IN ('received', 'acknowledged', 'assigned', 'investigated', 'answer_approved', 'answered', 'wrong_recipient', 'passed_on', 'closed', 'recalled'))
    ),
    CONSTRAINT forwardings_law_check CHECK (law IN ('HSL', 'SOL', 'LSS')),
    CONSTRAINT forwardings_channel_check CHECK (channel IN ('portal', 'post', 'sdk', 'machine', 'phone', 'email', 'meeting')),
    CONSTRAINT forwardings_answer_channel_check CHECK (answer_channel IN ('portal', 'post', 'sdk', 'machine', 'phone', 'email', 'meeting')),
    CONSTRAINT forwardings_sent_case_check CHECK (direction = 'received' OR case_id IS NOT NULL AND unit_id IS NOT NULL),
    CONSTRAINT forwardings_assigned_check CHECK (status <> 'assigned' OR case_id IS NOT NULL AND unit_id IS NOT NULL),
    CONSTRAINT forwardings_left_check CHECK (CASE WHEN status IN ('draft', 'checked') THEN sent_at IS NULL WHEN status = 'recalled' THEN direction = 'sent' OR sent_at IS NOT NULL ELSE sent_at IS NOT NULL END),
    CONSTRAINT forwardings_due_check CHECK (imported = 1 OR (sent_at IS NULL) = (due_on IS NULL)),
    CONSTRAINT forwardings_acknowledged_check CHECK (acknowledged_at IS NOT NULL OR imported = 1 OR direction = 'received' OR status NOT IN ('acknowledged', 'answered', 'shared_with_unit')),
    CONSTRAINT forwardings_answered_check CHECK (
        CASE WHEN status IN ('answered', 'shared_with_unit', 'closed', 'wrong_recipient', 'passed_on') THEN answered_at IS NOT NULL
        WHEN status IN ('draft', 'checked', 'sent', 'escalated_unanswered', 'received', 'closed_without_answer') THEN answered_at IS NULL
        ELSE 1 END
    ),
    CONSTRAINT forwardings_answered_by_check CHECK (imported = 1 OR (answered_at IS NULL) = (answer_channel IS NULL)),
    CONSTRAINT forwardings_escalated_check CHECK (status <> 'escalated_unanswered' OR reminders >= 2),
    CONSTRAINT forwardings_ended_check CHECK ((status IN ('closed', 'closed_without_answer', 'recalled', 'passed_on')) = (ended_at IS NOT NULL)),
    CONSTRAINT forwardings_number_check CHECK (imported = 1 OR number IS NOT NULL),
    CONSTRAINT forwardings_version_check CHECK (version >= 1)
) STRICT;
INSERT INTO forwardings (
    tenant_id, forwarding_id, number, direction, kind, status, case_id, counterparty_id, unit_id, law, matter, channel,
    created_at, sent_at, due_on, awaited_on, reminders, acknowledged_at, answered_at, answer_channel, ended_at, todo, document,
    import_key, imported, version, updated_at
)
SELECT
    f.tenant_id, f.forwarding_id, NULL, f.direction, 'single',
    CASE WHEN f.answered_at IS NOT NULL THEN 'answered' ELSE f.direction END,
    f.case_id, f.counterparty_id, c.unit_id,
    CASE WHEN c.laws LIKE 'SOL%' THEN 'SOL' WHEN c.laws LIKE 'LSS%' THEN 'LSS' ELSE 'HSL' END,
    f.matter, NULL, f.sent_at, f.sent_at, NULL, NULL, 0, NULL, f.answered_at, NULL, NULL, NULL,
    json_object('state', CASE WHEN f.answered_at IS NOT NULL THEN 'answered' ELSE f.direction END, 'document', json_object('matter', f.matter)),
    f.import_key, 1, 1, f.sent_at
FROM forwardings_imported AS f
LEFT JOIN cases AS c ON c.tenant_id = f.tenant_id AND c.case_id = f.case_id;
DROP TABLE forwardings_imported;
CREATE INDEX forwardings_case_ix ON forwardings (tenant_id, case_id);
CREATE INDEX forwardings_counterparty_ix ON forwardings (tenant_id, counterparty_id, sent_at);
CREATE INDEX forwardings_sent_ix ON forwardings (tenant_id, sent_at);
CREATE INDEX forwardings_waiting_ix ON forwardings (tenant_id, todo) WHERE todo IS NOT NULL;
CREATE INDEX forwardings_awaited_ix ON forwardings (tenant_id, awaited_on) WHERE status IN ('sent', 'acknowledged');

CREATE TABLE forwarding_history (
    tenant_id BLOB NOT NULL,
    forwarding_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    at INTEGER NOT NULL,
    hand TEXT NOT NULL,
    staff_id BLOB,
    contact_id BLOB,
    command TEXT NOT NULL,
    from_status TEXT,
    to_status TEXT NOT NULL,
    changes TEXT NOT NULL,
    reason TEXT,
    CONSTRAINT forwarding_history_forwarding_id_version_key PRIMARY KEY (tenant_id, forwarding_id, version),
    CONSTRAINT forwarding_history_forwarding_fk FOREIGN KEY (tenant_id, forwarding_id) REFERENCES forwardings (tenant_id, forwarding_id),
    CONSTRAINT forwarding_history_staff_fk FOREIGN KEY (tenant_id, staff_id) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT forwarding_history_hand_check CHECK (hand IN ('staff', 'counterparty', 'job')),
    CONSTRAINT forwarding_history_staff_check CHECK ((hand = 'staff') = (staff_id IS NOT NULL))
) STRICT;

-- Who the person is that a forwarding is about, where that goes along: sealed.
CREATE TABLE forwarding_subjects (
    tenant_id BLOB NOT NULL,
    forwarding_id BLOB NOT NULL,
    key_version INTEGER NOT NULL,
    wrapped_key BLOB NOT NULL,
    nonce BLOB NOT NULL,
    ciphertext BLOB NOT NULL,
    CONSTRAINT forwarding_subjects_forwarding_id_key PRIMARY KEY (tenant_id, forwarding_id),
    CONSTRAINT forwarding_subjects_forwarding_fk FOREIGN KEY (tenant_id, forwarding_id) REFERENCES forwardings (tenant_id, forwarding_id)
) STRICT;
