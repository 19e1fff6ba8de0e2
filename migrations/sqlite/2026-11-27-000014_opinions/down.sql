-- What the columns of before cannot hold goes; whom a case is kept from it stays kept from.
ALTER TABLE conflicts RENAME TO conflicts_full;
DROP INDEX conflicts_staff_ix;
CREATE TABLE conflicts (
    tenant_id BLOB NOT NULL,
    case_id BLOB NOT NULL,
    staff_id BLOB NOT NULL,
    reason TEXT NOT NULL,
    kept_by BLOB NOT NULL,
    kept_at INTEGER NOT NULL,
    CONSTRAINT conflicts_case_id_staff_id_key PRIMARY KEY (tenant_id, case_id, staff_id),
    CONSTRAINT conflicts_case_fk FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id),
    CONSTRAINT conflicts_staff_fk FOREIGN KEY (tenant_id, staff_id) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT conflicts_kept_by_fk FOREIGN KEY (tenant_id, kept_by) REFERENCES staff (tenant_id, staff_id)
) STRICT;
INSERT INTO conflicts (tenant_id, case_id, staff_id, reason, kept_by, kept_at)
SELECT tenant_id, case_id, staff_id, reason, coalesce(kept_by, staff_id), kept_at FROM conflicts_full;
DROP TABLE conflicts_full;
CREATE INDEX conflicts_staff_ix ON conflicts (tenant_id, staff_id, case_id);
DROP TABLE opinion_messages;
DROP TABLE opinion_senders;
DROP TABLE opinions;
ALTER TABLE cases DROP COLUMN opinion;
