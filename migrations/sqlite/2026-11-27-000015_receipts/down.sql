-- What senders added has no place in the older form: its contents are noted as loose, and are erased.
INSERT INTO loose_contents (tenant_id, content_id, place, since, erasing)
SELECT tenant_id, content_id, place, added_at, 0 FROM attachments WHERE added_by IS NULL AND content_id IS NOT NULL;
DELETE FROM attachments WHERE added_by IS NULL;
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
INSERT INTO attachments (tenant_id, case_id, attachment_id, name, kind, size, sha256, description, metadata, scan, added_at, added_by, withdrawn_at, withdrawn_by, content_id, place, key_version, wrapped_key, nonce)
SELECT tenant_id, case_id, attachment_id, name, kind, size, sha256, description, metadata, scan, added_at, added_by, withdrawn_at, withdrawn_by, content_id, place, key_version, wrapped_key, nonce FROM attachments_before;
DROP TABLE attachments_before;
CREATE INDEX attachments_pending_ix ON attachments (tenant_id, attachment_id) WHERE scan = 'pending';
DROP TABLE receipt_renewals;
DROP TABLE receipts;
