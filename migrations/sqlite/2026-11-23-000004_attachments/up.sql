-- Files that go with a case: what is known of each. The bytes are sealed, and lie elsewhere under
-- content_id; the key they are sealed with lies here alone, so that without this row they are noise
-- wherever a copy of them is.
CREATE TABLE attachments (
    tenant_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    attachment_id BLOB NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    size INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    description TEXT,
    metadata TEXT NOT NULL,
    scan TEXT NOT NULL,
    added_at INTEGER NOT NULL,
    added_by BLOB NOT NULL,
    withdrawn_at INTEGER,
    withdrawn_by BLOB,
    content_id BLOB,
    place TEXT,
    key_version INTEGER,
    wrapped_key BLOB,
    nonce BLOB,
    CONSTRAINT attachments_case_id_attachment_id_key PRIMARY KEY (tenant_id, case_id, attachment_id),
    CONSTRAINT attachments_content_id_key UNIQUE (tenant_id, content_id),
    CONSTRAINT attachments_case_fk FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id),
    CONSTRAINT attachments_added_by_fk FOREIGN KEY (tenant_id, added_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT attachments_withdrawn_by_fk FOREIGN KEY (tenant_id, withdrawn_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT attachments_kind_check CHECK (kind IN ('jpeg', 'png', 'webp', 'heic', 'pdf', 'docx', 'xlsx', 'odt', 'text')),
    CONSTRAINT attachments_metadata_check CHECK (metadata IN ('removed', 'kept', 'none')),
    CONSTRAINT attachments_scan_check CHECK (scan IN ('none', 'pending', 'clean', 'infected')),
    CONSTRAINT attachments_place_check CHECK (place IN ('database', 'directory', 'bucket')),
    CONSTRAINT attachments_content_check CHECK ((withdrawn_at IS NULL) = (content_id IS NOT NULL)),
    CONSTRAINT attachments_sealed_check CHECK (
        (content_id IS NULL) = (place IS NULL) AND (content_id IS NULL) = (key_version IS NULL)
        AND (content_id IS NULL) = (wrapped_key IS NULL) AND (content_id IS NULL) = (nonce IS NULL)
    )
) STRICT, WITHOUT ROWID;
CREATE INDEX attachments_pending_ix ON attachments (tenant_id, attachment_id) WHERE scan = 'pending';

-- The sealed bytes of contents that are kept in the database, in parts, so that no write holds the
-- others up for long.
CREATE TABLE attachment_contents (
    tenant_id BLOB NOT NULL,
    content_id BLOB NOT NULL,
    part INTEGER NOT NULL,
    ciphertext BLOB NOT NULL,
    CONSTRAINT attachment_contents_content_id_part_key PRIMARY KEY (tenant_id, content_id, part),
    CONSTRAINT attachment_contents_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id)
) STRICT;

-- Contents that no attachment holds: on their way in, or to be erased. A row stands here from before
-- the first byte is written until an attachment takes the content over, and again from when it is let
-- go until the last byte is erased; so nothing is left behind, whenever the program stops.
CREATE TABLE loose_contents (
    tenant_id BLOB NOT NULL,
    content_id BLOB NOT NULL,
    place TEXT NOT NULL,
    since INTEGER NOT NULL,
    erasing INTEGER NOT NULL,
    CONSTRAINT loose_contents_content_id_key PRIMARY KEY (tenant_id, content_id),
    CONSTRAINT loose_contents_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id),
    CONSTRAINT loose_contents_place_check CHECK (place IN ('database', 'directory', 'bucket'))
) STRICT, WITHOUT ROWID;
