-- Answering without an account. Whom we write to at a counterparty.
CREATE TABLE portal_contacts (
    tenant_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    counterparty_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    email text COLLATE "C",
    name text,
    registered_at timestamptz NOT NULL,
    registered_by uuid,
    handed_over_by uuid,
    revoked_at timestamptz,
    revoked_by uuid,
    revoked_reason text,
    told_until timestamptz,
    told_on date,
    told_week date,
    version bigint NOT NULL,
    CONSTRAINT portal_contacts_contact_id_key PRIMARY KEY (tenant_id, contact_id),
    CONSTRAINT portal_contacts_counterparty_fk FOREIGN KEY (tenant_id, counterparty_id) REFERENCES counterparties (tenant_id, counterparty_id),
    CONSTRAINT portal_contacts_registrar_fk FOREIGN KEY (tenant_id, registered_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT portal_contacts_handed_over_fk FOREIGN KEY (tenant_id, handed_over_by) REFERENCES portal_contacts (tenant_id, contact_id),
    CONSTRAINT portal_contacts_revoker_fk FOREIGN KEY (tenant_id, revoked_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT portal_contacts_kind_check CHECK (kind IN ('mail', 'post')),
    CONSTRAINT portal_contacts_email_check CHECK ((kind = 'mail') = (email IS NOT NULL)),
    CONSTRAINT portal_contacts_by_check CHECK ((registered_by IS NULL) <> (handed_over_by IS NULL)),
    CONSTRAINT portal_contacts_revoked_check CHECK (
        (revoked_at IS NULL) = (revoked_by IS NULL) AND (revoked_at IS NULL) = (revoked_reason IS NULL)
    )
);
-- An address is registered once; letters go to one whoever-opens-them.
CREATE UNIQUE INDEX portal_contacts_counterparty_id_email_key ON portal_contacts (tenant_id, counterparty_id, email) WHERE revoked_at IS NULL AND email IS NOT NULL;
CREATE UNIQUE INDEX portal_contacts_counterparty_id_kind_key ON portal_contacts (tenant_id, counterparty_id, kind) WHERE revoked_at IS NULL AND kind = 'post';

-- The code word of a counterparty: stretched, and under a key that is not in the database.
CREATE TABLE portal_code_words (
    tenant_id uuid NOT NULL,
    counterparty_id uuid NOT NULL,
    salt bytea NOT NULL,
    rounds integer NOT NULL,
    hash bytea NOT NULL,
    set_at timestamptz NOT NULL,
    set_by uuid NOT NULL,
    CONSTRAINT portal_code_words_counterparty_id_key PRIMARY KEY (tenant_id, counterparty_id),
    CONSTRAINT portal_code_words_counterparty_fk FOREIGN KEY (tenant_id, counterparty_id) REFERENCES counterparties (tenant_id, counterparty_id),
    CONSTRAINT portal_code_words_setter_fk FOREIGN KEY (tenant_id, set_by) REFERENCES staff (tenant_id, staff_id)
);

-- The links. What is in the mail is signed over the id, and kept nowhere.
CREATE TABLE portal_links (
    tenant_id uuid NOT NULL,
    link_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    forwarding_id uuid,
    issued_at timestamptz NOT NULL,
    issued_by uuid,
    expires_at timestamptz NOT NULL,
    status text COLLATE "C" NOT NULL,
    failures integer NOT NULL,
    used_at timestamptz,
    ended_at timestamptz,
    ended_by uuid,
    ended_reason text,
    version bigint NOT NULL,
    CONSTRAINT portal_links_link_id_key PRIMARY KEY (tenant_id, link_id),
    CONSTRAINT portal_links_contact_fk FOREIGN KEY (tenant_id, contact_id) REFERENCES portal_contacts (tenant_id, contact_id),
    CONSTRAINT portal_links_forwarding_fk FOREIGN KEY (tenant_id, forwarding_id) REFERENCES forwardings (tenant_id, forwarding_id),
    CONSTRAINT portal_links_issuer_fk FOREIGN KEY (tenant_id, issued_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT portal_links_ender_fk FOREIGN KEY (tenant_id, ended_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT portal_links_status_check CHECK (status IN ('open', 'locked', 'revoked')),
    CONSTRAINT portal_links_ended_check CHECK (
        (status = 'open') = (ended_at IS NULL) AND (status = 'revoked') = (ended_reason IS NOT NULL)
        AND (status = 'revoked') = (ended_by IS NOT NULL)
    )
);
CREATE INDEX portal_links_contact_ix ON portal_links (tenant_id, contact_id, issued_at);

-- One-time codes: a keyed hash, and for those of letters the part that tells which one it is.
CREATE TABLE portal_codes (
    tenant_id uuid NOT NULL,
    code_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    forwarding_id uuid,
    way text COLLATE "C" NOT NULL,
    locator bytea,
    hash bytea NOT NULL,
    issued_at timestamptz NOT NULL,
    issued_by uuid NOT NULL,
    expires_at timestamptz NOT NULL,
    status text COLLATE "C" NOT NULL,
    failures integer NOT NULL,
    link_id uuid,
    ended_at timestamptz,
    version bigint NOT NULL,
    CONSTRAINT portal_codes_code_id_key PRIMARY KEY (tenant_id, code_id),
    CONSTRAINT portal_codes_locator_key UNIQUE (tenant_id, locator),
    CONSTRAINT portal_codes_contact_fk FOREIGN KEY (tenant_id, contact_id) REFERENCES portal_contacts (tenant_id, contact_id),
    CONSTRAINT portal_codes_forwarding_fk FOREIGN KEY (tenant_id, forwarding_id) REFERENCES forwardings (tenant_id, forwarding_id),
    CONSTRAINT portal_codes_issuer_fk FOREIGN KEY (tenant_id, issued_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT portal_codes_link_fk FOREIGN KEY (tenant_id, link_id) REFERENCES portal_links (tenant_id, link_id),
    CONSTRAINT portal_codes_way_check CHECK (way IN ('letter', 'phone')),
    CONSTRAINT portal_codes_locator_check CHECK ((way = 'letter') = (locator IS NOT NULL)),
    CONSTRAINT portal_codes_status_check CHECK (status IN ('unused', 'spent', 'locked', 'revoked')),
    CONSTRAINT portal_codes_ended_check CHECK (
        (status = 'unused') = (ended_at IS NULL) AND (status = 'spent') = (link_id IS NOT NULL)
    )
);
CREATE INDEX portal_codes_contact_ix ON portal_codes (tenant_id, contact_id, status);

-- Contacts who have shown link and factor. The cookie is sealed, and kept nowhere.
CREATE TABLE portal_sessions (
    tenant_id uuid NOT NULL,
    session_id uuid NOT NULL,
    link_id uuid NOT NULL,
    factor text COLLATE "C" NOT NULL,
    begun_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    left_at timestamptz,
    CONSTRAINT portal_sessions_session_id_key PRIMARY KEY (tenant_id, session_id),
    CONSTRAINT portal_sessions_link_fk FOREIGN KEY (tenant_id, link_id) REFERENCES portal_links (tenant_id, link_id),
    CONSTRAINT portal_sessions_factor_check CHECK (factor IN ('code_word', 'phone', 'letter', 'letter_alone'))
);

-- What contacts did and saw: the access log of those who have no account.
CREATE TABLE portal_entries (
    tenant_id uuid NOT NULL,
    entry_id uuid NOT NULL,
    at timestamptz NOT NULL,
    contact_id uuid NOT NULL,
    link_id uuid,
    act text COLLATE "C" NOT NULL,
    detail text COLLATE "C",
    request_id uuid NOT NULL,
    CONSTRAINT portal_entries_entry_id_key PRIMARY KEY (tenant_id, entry_id),
    CONSTRAINT portal_entries_contact_fk FOREIGN KEY (tenant_id, contact_id) REFERENCES portal_contacts (tenant_id, contact_id),
    CONSTRAINT portal_entries_link_fk FOREIGN KEY (tenant_id, link_id) REFERENCES portal_links (tenant_id, link_id)
);
CREATE INDEX portal_entries_contact_ix ON portal_entries (tenant_id, contact_id, entry_id);

CREATE TABLE portal_exposures (
    tenant_id uuid NOT NULL,
    entry_id uuid NOT NULL,
    forwarding_id uuid NOT NULL,
    identity boolean NOT NULL,
    CONSTRAINT portal_exposures_entry_id_forwarding_id_key PRIMARY KEY (tenant_id, entry_id, forwarding_id),
    CONSTRAINT portal_exposures_entry_fk FOREIGN KEY (tenant_id, entry_id) REFERENCES portal_entries (tenant_id, entry_id),
    CONSTRAINT portal_exposures_forwarding_fk FOREIGN KEY (tenant_id, forwarding_id) REFERENCES forwardings (tenant_id, forwarding_id)
);
CREATE INDEX portal_exposures_forwarding_ix ON portal_exposures (tenant_id, forwarding_id, entry_id);

-- Files that came with an answer. Their bytes lie where those of attachments do, sealed.
CREATE TABLE portal_files (
    tenant_id uuid NOT NULL,
    file_id uuid NOT NULL,
    forwarding_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    name text NOT NULL,
    kind text COLLATE "C" NOT NULL,
    size bigint NOT NULL,
    sha256 bytea NOT NULL,
    metadata text COLLATE "C" NOT NULL,
    scan text COLLATE "C" NOT NULL,
    added_at timestamptz NOT NULL,
    content_id uuid NOT NULL,
    place text COLLATE "C" NOT NULL,
    key_version integer NOT NULL,
    wrapped_key bytea NOT NULL,
    nonce bytea NOT NULL,
    CONSTRAINT portal_files_file_id_key PRIMARY KEY (tenant_id, file_id),
    CONSTRAINT portal_files_content_id_key UNIQUE (tenant_id, content_id),
    CONSTRAINT portal_files_forwarding_fk FOREIGN KEY (tenant_id, forwarding_id) REFERENCES forwardings (tenant_id, forwarding_id),
    CONSTRAINT portal_files_contact_fk FOREIGN KEY (tenant_id, contact_id) REFERENCES portal_contacts (tenant_id, contact_id),
    CONSTRAINT portal_files_kind_check CHECK (kind IN ('jpeg', 'png', 'webp', 'heic', 'pdf', 'docx', 'xlsx', 'odt', 'text')),
    CONSTRAINT portal_files_metadata_check CHECK (metadata IN ('removed', 'kept', 'none')),
    CONSTRAINT portal_files_scan_check CHECK (scan IN ('none', 'clean')),
    CONSTRAINT portal_files_place_check CHECK (place IN ('database', 'directory', 'bucket'))
);
CREATE INDEX portal_files_forwarding_ix ON portal_files (tenant_id, forwarding_id, file_id);
