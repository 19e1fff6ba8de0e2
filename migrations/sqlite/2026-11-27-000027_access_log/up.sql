-- Where a reading was done and from where; whether it was refused; on which ground another branch read.
ALTER TABLE access_entries ADD COLUMN unit_id BLOB;
ALTER TABLE access_entries ADD COLUMN origin TEXT;
ALTER TABLE access_entries ADD COLUMN outcome TEXT
    CONSTRAINT access_entries_outcome_check CHECK (outcome IN ('refused'));
ALTER TABLE access_entries ADD COLUMN ground_id BLOB;
DROP INDEX access_entries_staff_ix;
CREATE INDEX access_entries_staff_ix ON access_entries (tenant_id, staff_id, at, entry_id);
CREATE INDEX access_entries_at_ix ON access_entries (tenant_id, at, entry_id);
CREATE INDEX access_exposures_subject_ix ON access_exposures (tenant_id, subject_id, entry_id);

-- Why the log was searched, beside the entry of the search. What was searched for is not kept.
CREATE TABLE access_searches (
    tenant_id BLOB NOT NULL,
    entry_id BLOB NOT NULL,
    purpose TEXT NOT NULL,
    reason TEXT NOT NULL,
    CONSTRAINT access_searches_entry_id_key PRIMARY KEY (tenant_id, entry_id),
    CONSTRAINT access_searches_entry_fk FOREIGN KEY (tenant_id, entry_id) REFERENCES access_entries (tenant_id, entry_id),
    CONSTRAINT access_searches_purpose_check CHECK (purpose IN ('spot_check', 'complaint', 'incident', 'supervision', 'own_extract'))
) STRICT, WITHOUT ROWID;

-- On what ground somebody of one branch reads what lies with the other, stated once for a case or a unit.
CREATE TABLE reading_grounds (
    tenant_id BLOB NOT NULL,
    ground_id BLOB NOT NULL,
    staff_id BLOB NOT NULL,
    case_id BLOB,
    unit_id BLOB,
    law TEXT,
    kind TEXT NOT NULL,
    grounded_on TEXT NOT NULL,
    reference TEXT,
    reason TEXT NOT NULL,
    valid_until TEXT NOT NULL,
    stated_at INTEGER NOT NULL,
    revoked_at INTEGER,
    revoked_by BLOB,
    version INTEGER NOT NULL,
    CONSTRAINT reading_grounds_ground_id_key PRIMARY KEY (tenant_id, ground_id),
    CONSTRAINT reading_grounds_staff_fk FOREIGN KEY (tenant_id, staff_id) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT reading_grounds_unit_fk FOREIGN KEY (tenant_id, unit_id) REFERENCES units (tenant_id, unit_id),
    CONSTRAINT reading_grounds_revoked_by_fk FOREIGN KEY (tenant_id, revoked_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT reading_grounds_of_check CHECK ((case_id IS NULL) <> (unit_id IS NULL)),
    CONSTRAINT reading_grounds_law_check CHECK ((unit_id IS NULL) = (law IS NULL)),
    CONSTRAINT reading_grounds_kind_check CHECK (kind IN ('consent', 'harm_test', 'decision')),
    CONSTRAINT reading_grounds_revoked_check CHECK ((revoked_at IS NULL) = (revoked_by IS NULL)),
    CONSTRAINT reading_grounds_version_check CHECK (version >= 1)
) STRICT, WITHOUT ROWID;
CREATE INDEX reading_grounds_staff_ix ON reading_grounds (tenant_id, staff_id, valid_until);
