ALTER TABLE shared_reports DROP COLUMN withdrawn_reason;
ALTER TABLE shared_reports DROP COLUMN withdrawn_at;
DROP TABLE report_confirmations;
