-- What senders added has no place in the older form: its contents are noted as loose, and are erased.
INSERT INTO loose_contents (tenant_id, content_id, place, since, erasing)
SELECT tenant_id, content_id, place, added_at, false FROM attachments WHERE added_by IS NULL AND content_id IS NOT NULL;
DELETE FROM attachments WHERE added_by IS NULL;
ALTER TABLE attachments ALTER COLUMN added_by SET NOT NULL;
DROP TABLE receipt_renewals;
DROP TABLE receipts;
