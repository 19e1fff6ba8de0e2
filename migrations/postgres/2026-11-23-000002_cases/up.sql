-- Cases and all that belongs to them. Tenant first in every key; no triggers; named constraints.

CREATE TABLE tenant_codes (
    tenant_id uuid NOT NULL,
    list text COLLATE "C" NOT NULL,
    code text COLLATE "C" NOT NULL,
    sv text NOT NULL,
    en text NOT NULL,
    parent text COLLATE "C" NOT NULL,
    valid_from date,
    valid_to date,
    CONSTRAINT tenant_codes_list_code_key PRIMARY KEY (tenant_id, list, code),
    CONSTRAINT tenant_codes_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
);

-- Who a case is about, sealed: envelope encryption, the key of each row wrapped by the master key.
CREATE TABLE subjects (
    tenant_id uuid NOT NULL,
    subject_id uuid NOT NULL,
    key_version integer NOT NULL,
    wrapped_key bytea NOT NULL,
    nonce bytea NOT NULL,
    ciphertext bytea NOT NULL,
    blind_index bytea NOT NULL,
    confirmed boolean NOT NULL,
    protected text,
    created_at timestamptz NOT NULL,
    CONSTRAINT subjects_subject_id_key PRIMARY KEY (tenant_id, subject_id),
    CONSTRAINT subjects_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id),
    CONSTRAINT subjects_protected_check CHECK (protected IN ('SEK', 'SKF'))
);
CREATE INDEX subjects_blind_index_ix ON subjects (tenant_id, blind_index);

CREATE TABLE investigations (
    tenant_id uuid NOT NULL,
    investigation_id uuid NOT NULL,
    investigator uuid,
    started_at timestamptz NOT NULL,
    completed_at timestamptz,
    course_of_events text,
    assessment text,
    person_account text,
    support_offered boolean,
    CONSTRAINT investigations_investigation_id_key PRIMARY KEY (tenant_id, investigation_id),
    CONSTRAINT investigations_investigator_fk FOREIGN KEY (tenant_id, investigator) REFERENCES staff (tenant_id, staff_id)
);

CREATE TABLE causes (
    tenant_id uuid NOT NULL,
    investigation_id uuid NOT NULL,
    cause_id uuid NOT NULL,
    position integer NOT NULL,
    code text COLLATE "C" NOT NULL,
    text text,
    waiver text,
    CONSTRAINT causes_investigation_id_cause_id_key PRIMARY KEY (tenant_id, investigation_id, cause_id),
    CONSTRAINT causes_investigation_fk FOREIGN KEY (tenant_id, investigation_id) REFERENCES investigations (tenant_id, investigation_id)
);

CREATE TABLE measures (
    tenant_id uuid NOT NULL,
    investigation_id uuid NOT NULL,
    measure_id uuid NOT NULL,
    position integer NOT NULL,
    kind text COLLATE "C" NOT NULL,
    text text NOT NULL,
    owner text,
    due_on date,
    follow_up_on date,
    done_on date,
    effect text COLLATE "C" NOT NULL,
    effect_note text,
    CONSTRAINT measures_investigation_id_measure_id_key PRIMARY KEY (tenant_id, investigation_id, measure_id),
    CONSTRAINT measures_investigation_fk FOREIGN KEY (tenant_id, investigation_id) REFERENCES investigations (tenant_id, investigation_id),
    CONSTRAINT measures_effect_check CHECK (effect IN ('not_yet', 'yes', 'partly', 'no')),
    CONSTRAINT measures_effect_done_check CHECK (effect = 'not_yet' OR done_on IS NOT NULL)
);

CREATE TABLE measure_causes (
    tenant_id uuid NOT NULL,
    investigation_id uuid NOT NULL,
    measure_id uuid NOT NULL,
    cause_id uuid NOT NULL,
    CONSTRAINT measure_causes_investigation_id_measure_id_cause_id_key PRIMARY KEY (tenant_id, investigation_id, measure_id, cause_id),
    CONSTRAINT measure_causes_measure_fk FOREIGN KEY (tenant_id, investigation_id, measure_id) REFERENCES measures (tenant_id, investigation_id, measure_id),
    CONSTRAINT measure_causes_cause_fk FOREIGN KEY (tenant_id, investigation_id, cause_id) REFERENCES causes (tenant_id, investigation_id, cause_id)
);

-- One filed matter: what is asked for in lists and guarded by state stands in columns; what the
-- reporter said, what the assessors said and how it ended are a document each.
CREATE TABLE cases (
    tenant_id uuid NOT NULL,
    case_id uuid NOT NULL,
    number text COLLATE "C" NOT NULL,
    external_number text COLLATE "C",
    kind text COLLATE "C" NOT NULL,
    subkind text COLLATE "C",
    status text COLLATE "C" NOT NULL,
    track text COLLATE "C",
    outcome text COLLATE "C",
    unit_id uuid NOT NULL,
    reporting_unit_id uuid NOT NULL,
    also_units jsonb NOT NULL,
    reported_by uuid,
    registered_by uuid,
    occurred_at timestamptz,
    occurred_until timestamptz,
    discovered_at timestamptz,
    reported_at timestamptz NOT NULL,
    registered_at timestamptz NOT NULL,
    triaged_at timestamptz,
    investigation_started_at timestamptz,
    investigation_done_at timestamptz,
    measures_decided_at timestamptz,
    following_up_at timestamptz,
    patient_informed_at timestamptz,
    closed_at timestamptz,
    voided_at timestamptz,
    laws text COLLATE "C" NOT NULL,
    category text COLLATE "C",
    filing jsonb NOT NULL,
    assessment jsonb NOT NULL,
    ending jsonb,
    investigation_id uuid,
    subject_id uuid,
    imported boolean NOT NULL,
    private boolean NOT NULL,
    version bigint NOT NULL,
    updated_at timestamptz NOT NULL,
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
);
CREATE INDEX cases_reported_ix ON cases (tenant_id, reported_at, case_id);
CREATE INDEX cases_unit_ix ON cases (tenant_id, unit_id, reported_at, case_id);
CREATE INDEX cases_reporter_ix ON cases (tenant_id, reported_by, reported_at, case_id);
CREATE INDEX cases_updated_ix ON cases (tenant_id, updated_at, case_id);
CREATE INDEX cases_investigation_ix ON cases (tenant_id, investigation_id) WHERE investigation_id IS NOT NULL;
CREATE INDEX cases_subject_ix ON cases (tenant_id, subject_id) WHERE subject_id IS NOT NULL;

CREATE TABLE feedback (
    tenant_id uuid NOT NULL,
    case_id uuid NOT NULL,
    feedback_id uuid NOT NULL,
    audience text COLLATE "C" NOT NULL,
    meeting_on date,
    text text NOT NULL,
    given_at timestamptz NOT NULL,
    given_by uuid NOT NULL,
    CONSTRAINT feedback_case_id_feedback_id_key PRIMARY KEY (tenant_id, case_id, feedback_id),
    CONSTRAINT feedback_case_fk FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id),
    CONSTRAINT feedback_given_by_fk FOREIGN KEY (tenant_id, given_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT feedback_audience_check CHECK (audience IN ('reporter', 'unit', 'tenant'))
);

CREATE TABLE case_links (
    tenant_id uuid NOT NULL,
    case_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    to_case_id uuid NOT NULL,
    linked_at timestamptz NOT NULL,
    CONSTRAINT case_links_case_id_kind_to_case_id_key PRIMARY KEY (tenant_id, case_id, kind, to_case_id),
    CONSTRAINT case_links_case_fk FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id),
    CONSTRAINT case_links_to_fk FOREIGN KEY (tenant_id, to_case_id) REFERENCES cases (tenant_id, case_id),
    CONSTRAINT case_links_kind_check CHECK (kind IN ('same_event', 'same_person_series', 'duplicate_of', 'spun_off_from', 'refiled_as', 'related')),
    CONSTRAINT case_links_self_check CHECK (case_id <> to_case_id)
);
CREATE INDEX case_links_to_ix ON case_links (tenant_id, to_case_id);

-- Who did what to a case, for those who may read it. Old and new values stand here: this is the
-- case's own story, and is erased with it.
CREATE TABLE case_history (
    tenant_id uuid NOT NULL,
    case_id uuid NOT NULL,
    version bigint NOT NULL,
    at timestamptz NOT NULL,
    staff_id uuid,
    command text COLLATE "C" NOT NULL,
    from_status text COLLATE "C",
    to_status text COLLATE "C" NOT NULL,
    changes jsonb NOT NULL,
    reason text,
    CONSTRAINT case_history_case_id_version_key PRIMARY KEY (tenant_id, case_id, version),
    CONSTRAINT case_history_case_fk FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id),
    CONSTRAINT case_history_staff_fk FOREIGN KEY (tenant_id, staff_id) REFERENCES staff (tenant_id, staff_id)
);

-- Who changed what, without any personal text: it outlives what it tells of.
CREATE TABLE audit_entries (
    tenant_id uuid NOT NULL,
    entry_id uuid NOT NULL,
    at timestamptz NOT NULL,
    staff_id uuid,
    action text COLLATE "C" NOT NULL,
    object_kind text COLLATE "C" NOT NULL,
    object_id uuid NOT NULL,
    details jsonb NOT NULL,
    request_id uuid NOT NULL,
    CONSTRAINT audit_entries_entry_id_key PRIMARY KEY (tenant_id, entry_id),
    CONSTRAINT audit_entries_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
);
CREATE INDEX audit_entries_object_ix ON audit_entries (tenant_id, object_id, entry_id);

-- Who read what: one entry a request.
CREATE TABLE access_entries (
    tenant_id uuid NOT NULL,
    entry_id uuid NOT NULL,
    at timestamptz NOT NULL,
    staff_id uuid NOT NULL,
    act text COLLATE "C" NOT NULL,
    role text COLLATE "C",
    request_id uuid NOT NULL,
    CONSTRAINT access_entries_entry_id_key PRIMARY KEY (tenant_id, entry_id),
    CONSTRAINT access_entries_staff_fk FOREIGN KEY (tenant_id, staff_id) REFERENCES staff (tenant_id, staff_id)
);
CREATE INDEX access_entries_staff_ix ON access_entries (tenant_id, staff_id, entry_id);

-- Whose data a reading showed: the cases, and through them the persons.
CREATE TABLE access_exposures (
    tenant_id uuid NOT NULL,
    entry_id uuid NOT NULL,
    case_id uuid NOT NULL,
    subject_id uuid,
    CONSTRAINT access_exposures_entry_id_case_id_key PRIMARY KEY (tenant_id, entry_id, case_id),
    CONSTRAINT access_exposures_entry_fk FOREIGN KEY (tenant_id, entry_id) REFERENCES access_entries (tenant_id, entry_id)
);
CREATE INDEX access_exposures_case_ix ON access_exposures (tenant_id, case_id, entry_id);

-- One narrow row a case, kept with every change: what the figures count.
CREATE TABLE case_facts (
    tenant_id uuid NOT NULL,
    case_id uuid NOT NULL,
    counted boolean NOT NULL,
    duplicate boolean NOT NULL,
    event_id uuid NOT NULL,
    event_shared boolean NOT NULL,
    reported_on date NOT NULL,
    reported_year smallint NOT NULL,
    reported_month smallint NOT NULL,
    reported_week smallint NOT NULL,
    reported_weekday smallint NOT NULL,
    reported_hour smallint NOT NULL,
    occurred_on date,
    occurred_year smallint,
    occurred_month smallint,
    occurred_week smallint,
    occurred_weekday smallint,
    occurred_hour smallint,
    kind text COLLATE "C" NOT NULL,
    subkind text COLLATE "C",
    unit_id uuid NOT NULL,
    reporting_unit_id uuid NOT NULL,
    laws text COLLATE "C" NOT NULL,
    category text COLLATE "C",
    nature text COLLATE "C",
    severity smallint,
    probability smallint,
    vardskada text COLLATE "C" NOT NULL,
    serious boolean,
    injury text COLLATE "C",
    reached_person boolean,
    track text COLLATE "C",
    outcome text COLLATE "C",
    status text COLLATE "C" NOT NULL,
    source text COLLATE "C",
    channel text COLLATE "C",
    profession text COLLATE "C",
    sex text COLLATE "C",
    age_band text COLLATE "C",
    occurred_at timestamptz,
    reported_at timestamptz NOT NULL,
    triaged_at timestamptz,
    investigated_at timestamptz,
    closed_at timestamptz,
    CONSTRAINT case_facts_case_id_key PRIMARY KEY (tenant_id, case_id),
    CONSTRAINT case_facts_case_fk FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id)
);
CREATE INDEX case_facts_reported_ix ON case_facts (tenant_id, reported_year, reported_month);
CREATE INDEX case_facts_event_ix ON case_facts (tenant_id, event_id);

-- What is to be told to somebody, in the same transaction as the change it tells of. Case number
-- and ids only: no text, no person.
CREATE TABLE outbox (
    tenant_id uuid NOT NULL,
    message_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    topic text COLLATE "C" NOT NULL,
    case_id uuid,
    payload jsonb NOT NULL,
    CONSTRAINT outbox_message_id_key PRIMARY KEY (tenant_id, message_id),
    CONSTRAINT outbox_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
);

-- What a request with an Idempotency-Key was answered, sealed. Of the request only a MAC is kept.
CREATE TABLE idempotency_keys (
    tenant_id uuid NOT NULL,
    principal uuid NOT NULL,
    key text COLLATE "C" NOT NULL,
    request_mac bytea NOT NULL,
    status smallint NOT NULL,
    location text,
    etag text,
    case_id uuid,
    key_version integer NOT NULL,
    wrapped_key bytea NOT NULL,
    nonce bytea NOT NULL,
    ciphertext bytea NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT idempotency_keys_principal_key_key PRIMARY KEY (tenant_id, principal, key),
    CONSTRAINT idempotency_keys_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
);
CREATE INDEX idempotency_keys_created_ix ON idempotency_keys (tenant_id, created_at);

CREATE TABLE counterparties (
    tenant_id uuid NOT NULL,
    counterparty_id uuid NOT NULL,
    name text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    CONSTRAINT counterparties_counterparty_id_key PRIMARY KEY (tenant_id, counterparty_id),
    CONSTRAINT counterparties_name_key UNIQUE (tenant_id, name),
    CONSTRAINT counterparties_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
);

CREATE TABLE forwardings (
    tenant_id uuid NOT NULL,
    forwarding_id uuid NOT NULL,
    direction text COLLATE "C" NOT NULL,
    case_id uuid,
    counterparty_id uuid NOT NULL,
    matter text NOT NULL,
    sent_at timestamptz NOT NULL,
    answered_at timestamptz,
    import_key text COLLATE "C",
    CONSTRAINT forwardings_forwarding_id_key PRIMARY KEY (tenant_id, forwarding_id),
    CONSTRAINT forwardings_import_key_key UNIQUE (tenant_id, import_key),
    CONSTRAINT forwardings_case_fk FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id),
    CONSTRAINT forwardings_counterparty_fk FOREIGN KEY (tenant_id, counterparty_id) REFERENCES counterparties (tenant_id, counterparty_id),
    CONSTRAINT forwardings_direction_check CHECK (direction IN ('sent', 'received')),
    CONSTRAINT forwardings_sent_case_check CHECK (direction = 'received' OR case_id IS NOT NULL)
);

CREATE TABLE escalations (
    tenant_id uuid NOT NULL,
    escalation_id uuid NOT NULL,
    case_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    flagged_at timestamptz NOT NULL,
    decided_at timestamptz,
    notified_at timestamptz,
    ivo_decided_at timestamptz,
    motivation text,
    imported boolean NOT NULL,
    CONSTRAINT escalations_escalation_id_key PRIMARY KEY (tenant_id, escalation_id),
    CONSTRAINT escalations_case_id_kind_flagged_at_key UNIQUE (tenant_id, case_id, kind, flagged_at),
    CONSTRAINT escalations_case_fk FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id),
    CONSTRAINT escalations_kind_check CHECK (kind IN ('lex_maria', 'lex_sarah', 'riskperson'))
);
