-- The receipts of what the public has left: of each code a keyed hash, never the code. One that was replaced
-- opens nothing any more. contact_hash is a keyed hash of the address a new code may be sent to.
CREATE TABLE receipts (
    tenant_id uuid NOT NULL,
    receipt_hash bytea NOT NULL,
    case_id uuid NOT NULL,
    contact_hash bytea,
    issued_at timestamptz NOT NULL,
    replaced_at timestamptz,
    CONSTRAINT receipts_receipt_hash_key PRIMARY KEY (tenant_id, receipt_hash),
    CONSTRAINT receipts_case_fk FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id)
);
CREATE INDEX receipts_case_ix ON receipts (tenant_id, case_id);
CREATE INDEX receipts_contact_ix ON receipts (tenant_id, contact_hash, issued_at) WHERE contact_hash IS NOT NULL;

-- Links to a new code that were sent: each opens once and for a while. The row has no part of the link.
CREATE TABLE receipt_renewals (
    tenant_id uuid NOT NULL,
    renewal_id uuid NOT NULL,
    case_id uuid NOT NULL,
    sent_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT receipt_renewals_renewal_id_key PRIMARY KEY (tenant_id, renewal_id),
    CONSTRAINT receipt_renewals_case_fk FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id)
);
CREATE INDEX receipt_renewals_case_ix ON receipt_renewals (tenant_id, case_id, sent_at);

-- A file may come from the sender of an opinion, who is nobody of the staff.
ALTER TABLE attachments ALTER COLUMN added_by DROP NOT NULL;
