-- What the columns of before cannot hold goes.
DROP TABLE forwarding_subjects;
DROP TABLE forwarding_history;
ALTER TABLE forwardings RENAME TO forwardings_full;
ALTER TABLE forwardings_full DROP CONSTRAINT forwardings_forwarding_id_key;
ALTER TABLE forwardings_full DROP CONSTRAINT forwardings_import_key_key;
ALTER TABLE forwardings_full DROP CONSTRAINT forwardings_case_fk;
ALTER TABLE forwardings_full DROP CONSTRAINT forwardings_counterparty_fk;
ALTER TABLE forwardings_full DROP CONSTRAINT forwardings_direction_check;
ALTER TABLE forwardings_full DROP CONSTRAINT forwardings_sent_case_check;
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
INSERT INTO forwardings (tenant_id, forwarding_id, direction, case_id, counterparty_id, matter, sent_at, answered_at, import_key)
SELECT tenant_id, forwarding_id, direction, case_id, counterparty_id, matter, sent_at, answered_at, import_key
FROM forwardings_full WHERE sent_at IS NOT NULL AND status <> 'recalled';
DROP TABLE forwardings_full;
DROP INDEX counterparties_hsa_id_key;
ALTER TABLE counterparties DROP COLUMN updated_at;
ALTER TABLE counterparties DROP COLUMN version;
ALTER TABLE counterparties DROP COLUMN details;
ALTER TABLE counterparties DROP COLUMN valid_to;
ALTER TABLE counterparties DROP COLUMN valid_from;
ALTER TABLE counterparties DROP COLUMN answer_days;
ALTER TABLE counterparties DROP COLUMN hsa_id;
