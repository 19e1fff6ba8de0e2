-- Answering without an account. Whom we write to at a counterparty.
CREATE TABLE portal_contacts (
    tenant_id BLOB NOT NULL,
    contact_id BLOB NOT NULL,
    counterparty_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    email TEXT,
    name TEXT,
    registered_at INTEGER NOT NULL,
    registered_by BLOB,
    handed_over_by BLOB,
    revoked_at INTEGER,
    revoked_by BLOB,
    revoked_reason TEXT,
    told_until INTEGER,
    told_on TEXT,
    told_week TEXT,
    version INTEGER NOT NULL,
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
) STRICT, WITHOUT ROWID;
-- An address is registered once; letters go to one whoever-opens-them.
CREATE UNIQUE INDEX portal_contacts_counterparty_id_email_key ON portal_contacts (tenant_id, counterparty_id, email) WHERE revoked_at IS NULL AND email IS NOT NULL;
CREATE UNIQUE INDEX portal_contacts_counterparty_id_kind_key ON portal_contacts (tenant_id, counterparty_id, kind) WHERE revoked_at IS NULL AND kind = 'post';

-- The code word of a counterparty: stretched, and under a key that is not in the database.
CREATE TABLE portal_code_words (
    tenant_id BLOB NOT NULL,
    counterparty_id BLOB NOT NULL,
    salt BLOB NOT NULL,
    rounds INTEGER NOT NULL,
    hash BLOB NOT NULL,
    set_at INTEGER NOT NULL,
    set_by BLOB NOT NULL,
    CONSTRAINT portal_code_words_counterparty_id_key PRIMARY KEY (tenant_id, counterparty_id),
    CONSTRAINT portal_code_words_counterparty_fk FOREIGN KEY (tenant_id, counterparty_id) REFERENCES counterparties (tenant_id, counterparty_id),
    CONSTRAINT portal_code_words_setter_fk FOREIGN KEY (tenant_id, set_by) REFERENCES staff (tenant_id, staff_id)
) STRICT, WITHOUT ROWID;

-- The links. What is in the mail is signed over the id, and kept nowhere.
CREATE TABLE portal_links (
    tenant_id BLOB NOT NULL,
    link_id BLOB NOT NULL,
    contact_id BLOB NOT NULL,
    forwarding_id BLOB,
    issued_at INTEGER NOT NULL,
    issued_by BLOB,
    expires_at INTEGER NOT NULL,
    status TEXT NOT NULL,
    failures INTEGER NOT NULL,
    used_at INTEGER,
    ended_at INTEGER,
    ended_by BLOB,
    ended_reason TEXT,
    version INTEGER NOT NULL,
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
) STRICT, WITHOUT ROWID;
CREATE INDEX portal_links_contact_ix ON portal_links (tenant_id, contact_id, issued_at);

-- One-time codes: a keyed hash, and for those of letters the part that tells which one it is.
CREATE TABLE portal_codes (
    tenant_id BLOB NOT NULL,
    code_id BLOB NOT NULL,
    contact_id BLOB NOT NULL,
    forwarding_id BLOB,
    way TEXT NOT NULL,
    locator BLOB,
    hash BLOB NOT NULL,
    issued_at INTEGER NOT NULL,
    issued_by BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    status TEXT NOT NULL,
    failures INTEGER NOT NULL,
    link_id BLOB,
    ended_at INTEGER,
    version INTEGER NOT NULL,
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
) STRICT, WITHOUT ROWID;
CREATE INDEX portal_codes_contact_ix ON portal_codes (tenant_id, contact_id, status);

-- Contacts who have shown link and factor. The cookie is sealed, and kept nowhere.
CREATE TABLE portal_sessions (
    tenant_id BLOB NOT NULL,
    session_id BLOB NOT NULL,
    link_id BLOB NOT NULL,
    factor TEXT NOT NULL,
    begun_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    left_at INTEGER,
    CONSTRAINT portal_sessions_session_id_key PRIMARY KEY (tenant_id, session_id),
    CONSTRAINT portal_sessions_link_fk FOREIGN KEY (tenant_id, link_id) REFERENCES portal_links (tenant_id, link_id),
    CONSTRAINT portal_sessions_factor_check CHECK (factor IN ('code_word', 'phone', 'letter', 'letter_alone'))
) STRICT, WITHOUT ROWID;

-- What contacts did and saw: the access log of those who have no account.
CREATE TABLE portal_entries (
    tenant_id BLOB NOT NULL,
    entry_id BLOB NOT NULL,
    at INTEGER NOT NULL,
    contact_id BLOB NOT NULL,
    link_id BLOB,
    act TEXT NOT NULL,
    detail TEXT,
    request_id BLOB NOT NULL,
    CONSTRAINT portal_entries_entry_id_key PRIMARY KEY (tenant_id, entry_id),
    CONSTRAINT portal_entries_contact_fk FOREIGN KEY (tenant_id, contact_id) REFERENCES portal_contacts (tenant_id, contact_id),
    CONSTRAINT portal_entries_link_fk FOREIGN KEY (tenant_id, link_id) REFERENCES portal_links (tenant_id, link_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX portal_entries_contact_ix ON portal_entries (tenant_id, contact_id, entry_id);

CREATE TABLE portal_exposures (
    tenant_id BLOB NOT NULL,
    entry_id BLOB NOT NULL,
    forwarding_id BLOB NOT NULL,
    identity INTEGER NOT NULL,
    CONSTRAINT portal_exposures_entry_id_forwarding_id_key PRIMARY KEY (tenant_id, entry_id, forwarding_id),
    CONSTRAINT portal_exposures_entry_fk FOREIGN KEY (tenant_id, entry_id) REFERENCES portal_entries (tenant_id, entry_id),
    CONSTRAINT portal_exposures_forwarding_fk FOREIGN KEY (tenant_id, forwarding_id) REFERENCES forwardings (tenant_id, forwarding_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX portal_exposures_forwarding_ix ON portal_exposures (tenant_id, forwarding_id, entry_id);

-- Files that came with an answer. Their bytes lie where those of attachments do, sealed.
CREATE TABLE portal_files (
    tenant_id BLOB NOT NULL,
    file_id BLOB NOT NULL,
    forwarding_id BLOB NOT NULL,
    contact_id BLOB NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    size INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    metadata TEXT NOT NULL,
    scan TEXT NOT NULL,
    added_at INTEGER NOT NULL,
    content_id BLOB NOT NULL,
    place TEXT NOT NULL,
    key_version INTEGER NOT NULL,
    wrapped_key BLOB NOT NULL,
    nonce BLOB NOT NULL,
    CONSTRAINT portal_files_file_id_key PRIMARY KEY (tenant_id, file_id),
    CONSTRAINT portal_files_content_id_key UNIQUE (tenant_id, content_id),
    CONSTRAINT portal_files_forwarding_fk FOREIGN KEY (tenant_id, forwarding_id) REFERENCES forwardings (tenant_id, forwarding_id),
    CONSTRAINT portal_files_contact_fk FOREIGN KEY (tenant_id, contact_id) REFERENCES portal_contacts (tenant_id, contact_id),
    CONSTRAINT portal_files_kind_check CHECK (kind IN ('jpeg', 'png', 'webp', 'heic', 'pdf', 'docx', 'xlsx', 'odt', 'text')),
    CONSTRAINT portal_files_metadata_check CHECK (metadata IN ('removed', 'kept', 'none')),
    CONSTRAINT portal_files_scan_check CHECK (scan IN ('none', 'clean')),
    CONSTRAINT portal_files_place_check CHECK (place IN ('database', 'directory', 'bucket'))
) STRICT, WITHOUT ROWID;
CREATE INDEX portal_files_forwarding_ix ON portal_files (tenant_id, forwarding_id, file_id);
