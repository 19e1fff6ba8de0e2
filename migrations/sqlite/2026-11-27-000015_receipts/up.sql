-- The receipts of what the public has left: of each code a keyed hash, never the code. One that was replaced
-- opens nothing any more. contact_hash is a keyed hash of the address a new code may be sent to.
CREATE TABLE receipts (
    tenant_id BLOB NOT NULL,
    receipt_hash BLOB NOT NULL,
    case_id BLOB NOT NULL,
    contact_hash BLOB,
    issued_at INTEGER NOT NULL,
    replaced_at INTEGER,
    CONSTRAINT receipts_receipt_hash_key PRIMARY KEY (tenant_id, receipt_hash),
    CONSTRAINT receipts_case_fk FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id)
) STRICT;
CREATE INDEX receipts_case_ix ON receipts (tenant_id, case_id);
CREATE INDEX receipts_contact_ix ON receipts (tenant_id, contact_hash, issued_at) WHERE contact_hash IS NOT NULL;

-- Links to a new code that were sent: each opens once and for a while. The row has no part of the link.
CREATE TABLE receipt_renewals (
    tenant_id BLOB NOT NULL,
    renewal_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    sent_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    CONSTRAINT receipt_renewals_renewal_id_key PRIMARY KEY (tenant_id, renewal_id),
    CONSTRAINT receipt_renewals_case_fk FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id)
) STRICT;
CREATE INDEX receipt_renewals_case_ix ON receipt_renewals (tenant_id, case_id, sent_at);

-- A file may come from the sender of an opinion, who is nobody of the staff.
ALTER TABLE attachments RENAME TO attachments_before;
DROP INDEX attachments_pending_ix;
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
    added_by BLOB,
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
INSERT INTO attachments (tenant_id, case_id, attachment_id, name, kind, size, sha256, description, metadata, scan, added_at, added_by, withdrawn_at, withdrawn_by, content_id, place, key_version, wrapped_key, nonce)
SELECT tenant_id, case_id, attachment_id, name, kind, size, sha256, description, metadata, scan, added_at, added_by, withdrawn_at, withdrawn_by, content_id, place, key_version, wrapped_key, nonce FROM attachments_before;
DROP TABLE attachments_before;
CREATE INDEX attachments_pending_ix ON attachments (tenant_id, attachment_id) WHERE scan = 'pending';
