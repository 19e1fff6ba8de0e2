-- Cases and all that belongs to them. Tenant first in every key; no triggers; named constraints.

CREATE TABLE tenant_codes (
    tenant_id BLOB NOT NULL,
    list TEXT NOT NULL,
    code TEXT NOT NULL,
    sv TEXT NOT NULL,
    en TEXT NOT NULL,
    parent TEXT NOT NULL,
    valid_from TEXT,
    valid_to TEXT,
    CONSTRAINT tenant_codes_list_code_key PRIMARY KEY (tenant_id, list, code),
    CONSTRAINT tenant_codes_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
) STRICT, WITHOUT ROWID;

-- Who a case is about, sealed: envelope encryption, the key of each row wrapped by the master key.
CREATE TABLE subjects (
    tenant_id BLOB NOT NULL,
    subject_id BLOB NOT NULL,
    key_version INTEGER NOT NULL,
    wrapped_key BLOB NOT NULL,
    nonce BLOB NOT NULL,
    ciphertext BLOB NOT NULL,
    blind_index BLOB NOT NULL,
    confirmed INTEGER NOT NULL,
    protected TEXT,
    created_at INTEGER NOT NULL,
    CONSTRAINT subjects_subject_id_key PRIMARY KEY (tenant_id, subject_id),
    CONSTRAINT subjects_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id),
    CONSTRAINT subjects_protected_check CHECK (protected IN ('SEK', 'SKF'))
) STRICT;
CREATE INDEX subjects_blind_index_ix ON subjects (tenant_id, blind_index);

CREATE TABLE investigations (
    tenant_id BLOB NOT NULL,
    investigation_id BLOB NOT NULL,
    investigator BLOB,
    started_at INTEGER NOT NULL,
    completed_at INTEGER,
    course_of_events TEXT,
    assessment TEXT,
    person_account TEXT,
    support_offered INTEGER,
    CONSTRAINT investigations_investigation_id_key PRIMARY KEY (tenant_id, investigation_id),
    CONSTRAINT investigations_investigator_fk FOREIGN KEY (tenant_id, investigator) REFERENCES staff (tenant_id, staff_id)
) STRICT;

CREATE TABLE causes (
    tenant_id BLOB NOT NULL,
    investigation_id BLOB NOT NULL,
    cause_id BLOB NOT NULL,
    position INTEGER NOT NULL,
    code TEXT NOT NULL,
    text TEXT,
    waiver TEXT,
    CONSTRAINT causes_investigation_id_cause_id_key PRIMARY KEY (tenant_id, investigation_id, cause_id),
    CONSTRAINT causes_investigation_fk FOREIGN KEY (tenant_id, investigation_id) REFERENCES investigations (tenant_id, investigation_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE measures (
    tenant_id BLOB NOT NULL,
    investigation_id BLOB NOT NULL,
    measure_id BLOB NOT NULL,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    text TEXT NOT NULL,
    owner TEXT,
    due_on TEXT,
    follow_up_on TEXT,
    done_on TEXT,
    effect TEXT NOT NULL,
    effect_note TEXT,
    CONSTRAINT measures_investigation_id_measure_id_key PRIMARY KEY (tenant_id, investigation_id, measure_id),
    CONSTRAINT measures_investigation_fk FOREIGN KEY (tenant_id, investigation_id) REFERENCES investigations (tenant_id, investigation_id),
    CONSTRAINT measures_effect_check CHECK (effect IN ('not_yet', 'yes', 'partly', 'no')),
    CONSTRAINT measures_effect_done_check CHECK (effect = 'not_yet' OR done_on IS NOT NULL)
) STRICT, WITHOUT ROWID;

CREATE TABLE measure_causes (
    tenant_id BLOB NOT NULL,
    investigation_id BLOB NOT NULL,
    measure_id BLOB NOT NULL,
    cause_id BLOB NOT NULL,
    CONSTRAINT measure_causes_investigation_id_measure_id_cause_id_key PRIMARY KEY (tenant_id, investigation_id, measure_id, cause_id),
    CONSTRAINT measure_causes_measure_fk FOREIGN KEY (tenant_id, investigation_id, measure_id) REFERENCES measures (tenant_id, investigation_id, measure_id),
    CONSTRAINT measure_causes_cause_fk FOREIGN KEY (tenant_id, investigation_id, cause_id) REFERENCES causes (tenant_id, investigation_id, cause_id)
) STRICT, WITHOUT ROWID;

-- One filed matter: what is asked for in lists and guarded by state stands in columns; what the
-- reporter said, what the assessors said and how it ended are a document each.
CREATE TABLE cases (
    tenant_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    number TEXT NOT NULL,
    external_number TEXT,
    kind TEXT NOT NULL,
    subkind TEXT,
    status TEXT NOT NULL,
    track TEXT,
    outcome TEXT,
    unit_id BLOB NOT NULL,
    reporting_unit_id BLOB NOT NULL,
    also_units TEXT NOT NULL,
    reported_by BLOB,
    registered_by BLOB,
    occurred_at INTEGER,
    occurred_until INTEGER,
    discovered_at INTEGER,
    reported_at INTEGER NOT NULL,
    registered_at INTEGER NOT NULL,
    triaged_at INTEGER,
    investigation_started_at INTEGER,
    investigation_done_at INTEGER,
    measures_decided_at INTEGER,
    following_up_at INTEGER,
    patient_informed_at INTEGER,
    closed_at INTEGER,
    voided_at INTEGER,
    laws TEXT NOT NULL,
    category TEXT,
    filing TEXT NOT NULL,
    assessment TEXT NOT NULL,
    ending TEXT,
    investigation_id BLOB,
    subject_id BLOB,
    imported INTEGER NOT NULL,
    private INTEGER NOT NULL,
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CONSTRAINT cases_case_id_key PRIMARY KEY (tenant_id, case_id),
    CONSTRAINT cases_number_key UNIQUE (tenant_id, number),
    CONSTRAINT cases_external_number_key UNIQUE (tenant_id, external_number),
    CONSTRAINT cases_unit_fk FOREIGN KEY (tenant_id, unit_id) REFERENCES units (tenant_id, unit_id),
    CONSTRAINT cases_reporting_unit_fk FOREIGN KEY (tenant_id, reporting_unit_id) REFERENCES units (tenant_id, unit_id),
    CONSTRAINT cases_reported_by_fk FOREIGN KEY (tenant_id, reported_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT cases_registered_by_fk FOREIGN KEY (tenant_id, registered_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT cases_investigation_fk FOREIGN KEY (tenant_id, investigation_id) REFERENCES investigations (tenant_id, investigation_id),
    CONSTRAINT cases_subject_fk FOREIGN KEY (tenant_id, subject_id) REFERENCES subjects (tenant_id, subject_id),
    CONSTRAINT cases_kind_check CHECK (kind IN ('avvikelse', 'synpunkt', 'klagomal')),
    CONSTRAINT cases_subkind_check CHECK (subkind IS NULL OR (kind = 'synpunkt' AND subkind IN ('BER', 'FOR'))),
    CONSTRAINT cases_status_check CHECK (status IN ('draft', 'reported', 'triaged', 'investigating', 'measures_decided', 'following_up', 'closed', 'void')),
    CONSTRAINT cases_track_check CHECK (track IN ('simple', 'standard', 'deep')),
    CONSTRAINT cases_closed_check CHECK ((status = 'closed') = (closed_at IS NOT NULL) AND (status = 'closed' OR outcome IS NULL) AND (status <> 'closed' OR imported OR outcome IS NOT NULL)),
    CONSTRAINT cases_void_check CHECK ((status = 'void') = (voided_at IS NOT NULL)),
    CONSTRAINT cases_ending_check CHECK ((status IN ('closed', 'void')) = (ending IS NOT NULL)),
    CONSTRAINT cases_private_check CHECK ((status <> 'draft' OR private) AND (NOT private OR status IN ('draft', 'void'))),
    CONSTRAINT cases_version_check CHECK (version >= 1)
) STRICT;
CREATE INDEX cases_reported_ix ON cases (tenant_id, reported_at, case_id);
CREATE INDEX cases_unit_ix ON cases (tenant_id, unit_id, reported_at, case_id);
CREATE INDEX cases_reporter_ix ON cases (tenant_id, reported_by, reported_at, case_id);
CREATE INDEX cases_updated_ix ON cases (tenant_id, updated_at, case_id);
CREATE INDEX cases_investigation_ix ON cases (tenant_id, investigation_id) WHERE investigation_id IS NOT NULL;
CREATE INDEX cases_subject_ix ON cases (tenant_id, subject_id) WHERE subject_id IS NOT NULL;

CREATE TABLE feedback (
    tenant_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    feedback_id BLOB NOT NULL,
    audience TEXT NOT NULL,
    meeting_on TEXT,
    text TEXT NOT NULL,
    given_at INTEGER NOT NULL,
    given_by BLOB NOT NULL,
    CONSTRAINT feedback_case_id_feedback_id_key PRIMARY KEY (tenant_id, case_id, feedback_id),
    CONSTRAINT feedback_case_fk FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id),
    CONSTRAINT feedback_given_by_fk FOREIGN KEY (tenant_id, given_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT feedback_audience_check CHECK (audience IN ('reporter', 'unit', 'tenant'))
) STRICT, WITHOUT ROWID;

CREATE TABLE case_links (
    tenant_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    to_case_id BLOB NOT NULL,
    linked_at INTEGER NOT NULL,
    CONSTRAINT case_links_case_id_kind_to_case_id_key PRIMARY KEY (tenant_id, case_id, kind, to_case_id),
    CONSTRAINT case_links_case_fk FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id),
    CONSTRAINT case_links_to_fk FOREIGN KEY (tenant_id, to_case_id) REFERENCES cases (tenant_id, case_id),
    CONSTRAINT case_links_kind_check CHECK (kind IN ('same_event', 'same_person_series', 'duplicate_of', 'spun_off_from', 'refiled_as', 'related')),
    CONSTRAINT case_links_self_check CHECK (case_id <> to_case_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX case_links_to_ix ON case_links (tenant_id, to_case_id);

-- Who did what to a case, for those who may read it. Old and new values stand here: this is the
-- case's own story, and is erased with it.
CREATE TABLE case_history (
    tenant_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    at INTEGER NOT NULL,
    staff_id BLOB,
    command TEXT NOT NULL,
    from_status TEXT,
    to_status TEXT NOT NULL,
    changes TEXT NOT NULL,
    reason TEXT,
    CONSTRAINT case_history_case_id_version_key PRIMARY KEY (tenant_id, case_id, version),
    CONSTRAINT case_history_case_fk FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id),
    CONSTRAINT case_history_staff_fk FOREIGN KEY (tenant_id, staff_id) REFERENCES staff (tenant_id, staff_id)
) STRICT, WITHOUT ROWID;

-- Who changed what, without any personal text: it outlives what it tells of.
CREATE TABLE audit_entries (
    tenant_id BLOB NOT NULL,
    entry_id BLOB NOT NULL,
    at INTEGER NOT NULL,
    staff_id BLOB,
    action TEXT NOT NULL,
    object_kind TEXT NOT NULL,
    object_id BLOB NOT NULL,
    details TEXT NOT NULL,
    request_id BLOB NOT NULL,
    CONSTRAINT audit_entries_entry_id_key PRIMARY KEY (tenant_id, entry_id),
    CONSTRAINT audit_entries_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_entries_object_ix ON audit_entries (tenant_id, object_id, entry_id);

-- Who read what: one entry a request.
CREATE TABLE access_entries (
    tenant_id BLOB NOT NULL,
    entry_id BLOB NOT NULL,
    at INTEGER NOT NULL,
    staff_id BLOB NOT NULL,
    act TEXT NOT NULL,
    role TEXT,
    request_id BLOB NOT NULL,
    CONSTRAINT access_entries_entry_id_key PRIMARY KEY (tenant_id, entry_id),
    CONSTRAINT access_entries_staff_fk FOREIGN KEY (tenant_id, staff_id) REFERENCES staff (tenant_id, staff_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX access_entries_staff_ix ON access_entries (tenant_id, staff_id, entry_id);

-- Whose data a reading showed: the cases, and through them the persons.
CREATE TABLE access_exposures (
    tenant_id BLOB NOT NULL,
    entry_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    subject_id BLOB,
    CONSTRAINT access_exposures_entry_id_case_id_key PRIMARY KEY (tenant_id, entry_id, case_id),
    CONSTRAINT access_exposures_entry_fk FOREIGN KEY (tenant_id, entry_id) REFERENCES access_entries (tenant_id, entry_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX access_exposures_case_ix ON access_exposures (tenant_id, case_id, entry_id);

-- One narrow row a case, kept with every change: what the figures count.
CREATE TABLE case_facts (
    tenant_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    counted INTEGER NOT NULL,
    duplicate INTEGER NOT NULL,
    event_id BLOB NOT NULL,
    event_shared INTEGER NOT NULL,
    reported_on TEXT NOT NULL,
    reported_year INTEGER NOT NULL,
    reported_month INTEGER NOT NULL,
    reported_week INTEGER NOT NULL,
    reported_weekday INTEGER NOT NULL,
    reported_hour INTEGER NOT NULL,
    occurred_on TEXT,
    occurred_year INTEGER,
    occurred_month INTEGER,
    occurred_week INTEGER,
    occurred_weekday INTEGER,
    occurred_hour INTEGER,
    kind TEXT NOT NULL,
    subkind TEXT,
    unit_id BLOB NOT NULL,
    reporting_unit_id BLOB NOT NULL,
    laws TEXT NOT NULL,
    category TEXT,
    nature TEXT,
    severity INTEGER,
    probability INTEGER,
    vardskada TEXT NOT NULL,
    serious INTEGER,
    injury TEXT,
    reached_person INTEGER,
    track TEXT,
    outcome TEXT,
    status TEXT NOT NULL,
    source TEXT,
    channel TEXT,
    profession TEXT,
    sex TEXT,
    age_band TEXT,
    occurred_at INTEGER,
    reported_at INTEGER NOT NULL,
    triaged_at INTEGER,
    investigated_at INTEGER,
    closed_at INTEGER,
    CONSTRAINT case_facts_case_id_key PRIMARY KEY (tenant_id, case_id),
    CONSTRAINT case_facts_case_fk FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX case_facts_reported_ix ON case_facts (tenant_id, reported_year, reported_month);
CREATE INDEX case_facts_event_ix ON case_facts (tenant_id, event_id);

-- What is to be told to somebody, in the same transaction as the change it tells of. Case number
-- and ids only: no text, no person.
CREATE TABLE outbox (
    tenant_id BLOB NOT NULL,
    message_id BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    topic TEXT NOT NULL,
    case_id BLOB,
    payload TEXT NOT NULL,
    CONSTRAINT outbox_message_id_key PRIMARY KEY (tenant_id, message_id),
    CONSTRAINT outbox_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
) STRICT, WITHOUT ROWID;

-- What a request with an Idempotency-Key was answered, sealed. Of the request only a MAC is kept.
CREATE TABLE idempotency_keys (
    tenant_id BLOB NOT NULL,
    principal BLOB NOT NULL,
    key TEXT NOT NULL,
    request_mac BLOB NOT NULL,
    status INTEGER NOT NULL,
    location TEXT,
    etag TEXT,
    case_id BLOB,
    key_version INTEGER NOT NULL,
    wrapped_key BLOB NOT NULL,
    nonce BLOB NOT NULL,
    ciphertext BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    CONSTRAINT idempotency_keys_principal_key_key PRIMARY KEY (tenant_id, principal, key),
    CONSTRAINT idempotency_keys_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
) STRICT;
CREATE INDEX idempotency_keys_created_ix ON idempotency_keys (tenant_id, created_at);

CREATE TABLE counterparties (
    tenant_id BLOB NOT NULL,
    counterparty_id BLOB NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    CONSTRAINT counterparties_counterparty_id_key PRIMARY KEY (tenant_id, counterparty_id),
    CONSTRAINT counterparties_name_key UNIQUE (tenant_id, name),
    CONSTRAINT counterparties_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE forwardings (
    tenant_id BLOB NOT NULL,
    forwarding_id BLOB NOT NULL,
    direction TEXT NOT NULL,
    case_id BLOB,
    counterparty_id BLOB NOT NULL,
    matter TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    answered_at INTEGER,
    import_key TEXT,
    CONSTRAINT forwardings_forwarding_id_key PRIMARY KEY (tenant_id, forwarding_id),
    CONSTRAINT forwardings_import_key_key UNIQUE (tenant_id, import_key),
    CONSTRAINT forwardings_case_fk FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id),
    CONSTRAINT forwardings_counterparty_fk FOREIGN KEY (tenant_id, counterparty_id) REFERENCES counterparties (tenant_id, counterparty_id),
    CONSTRAINT forwardings_direction_check CHECK (direction IN ('sent', 'received')),
    CONSTRAINT forwardings_sent_case_check CHECK (direction = 'received' OR case_id IS NOT NULL)
) STRICT, WITHOUT ROWID;

CREATE TABLE escalations (
    tenant_id BLOB NOT NULL,
    escalation_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    flagged_at INTEGER NOT NULL,
    decided_at INTEGER,
    notified_at INTEGER,
    ivo_decided_at INTEGER,
    motivation TEXT,
    imported INTEGER NOT NULL,
    CONSTRAINT escalations_escalation_id_key PRIMARY KEY (tenant_id, escalation_id),
    CONSTRAINT escalations_case_id_kind_flagged_at_key UNIQUE (tenant_id, case_id, kind, flagged_at),
    CONSTRAINT escalations_case_fk FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id),
    CONSTRAINT escalations_kind_check CHECK (kind IN ('lex_maria', 'lex_sarah', 'riskperson'))
) STRICT, WITHOUT ROWID;
