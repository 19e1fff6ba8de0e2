-- What goes when its time is over, by the nämnd's information plan (gallring). A case that is erased keeps its row,
-- emptied, so that what points to it still does and closed years' figures stay; its number says that it was.
ALTER TABLE cases ADD COLUMN erased_at INTEGER;
ALTER TABLE escalations ADD COLUMN erased_at INTEGER;
ALTER TABLE forwardings ADD COLUMN erased_at INTEGER;

-- The plan, one row a version; none is ever changed.
CREATE TABLE retention_plans (
    tenant_id BLOB NOT NULL,
    version INTEGER NOT NULL,
    rules TEXT NOT NULL,
    set_by BLOB NOT NULL,
    set_at INTEGER NOT NULL,
    CONSTRAINT retention_plans_version_key PRIMARY KEY (tenant_id, version),
    CONSTRAINT retention_plans_set_by_fk FOREIGN KEY (tenant_id, set_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT retention_plans_version_check CHECK (version >= 1)
) STRICT;

-- What stays whatever the plan says: one case, or everything about a person, named by the keyed hash of who that is.
CREATE TABLE legal_holds (
    tenant_id BLOB NOT NULL,
    hold_id BLOB NOT NULL,
    case_id BLOB,
    blind_index BLOB,
    reason TEXT NOT NULL,
    placed_by BLOB NOT NULL,
    placed_at INTEGER NOT NULL,
    until TEXT,
    lifted_by BLOB,
    lifted_at INTEGER,
    lifted_reason TEXT,
    version INTEGER NOT NULL,
    CONSTRAINT legal_holds_hold_id_key PRIMARY KEY (tenant_id, hold_id),
    CONSTRAINT legal_holds_case_fk FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id),
    CONSTRAINT legal_holds_placed_by_fk FOREIGN KEY (tenant_id, placed_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT legal_holds_lifted_by_fk FOREIGN KEY (tenant_id, lifted_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT legal_holds_of_check CHECK ((case_id IS NULL) <> (blind_index IS NULL)),
    CONSTRAINT legal_holds_lifted_check CHECK ((lifted_at IS NULL) = (lifted_by IS NULL) AND (lifted_at IS NULL) = (lifted_reason IS NULL)),
    CONSTRAINT legal_holds_version_check CHECK (version >= 1)
) STRICT;

-- A run: the list as it was made, the decision that names it, and what came of it.
CREATE TABLE retention_runs (
    tenant_id BLOB NOT NULL,
    run_id BLOB NOT NULL,
    plan_version INTEGER NOT NULL,
    as_of TEXT NOT NULL,
    made_by BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    listed INTEGER NOT NULL,
    held INTEGER NOT NULL,
    hash BLOB NOT NULL,
    status TEXT NOT NULL,
    decision TEXT,
    ordered_by BLOB,
    ordered_at INTEGER,
    done_at INTEGER,
    CONSTRAINT retention_runs_run_id_key PRIMARY KEY (tenant_id, run_id),
    CONSTRAINT retention_runs_plan_fk FOREIGN KEY (tenant_id, plan_version) REFERENCES retention_plans (tenant_id, version),
    CONSTRAINT retention_runs_made_by_fk FOREIGN KEY (tenant_id, made_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT retention_runs_ordered_by_fk FOREIGN KEY (tenant_id, ordered_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT retention_runs_status_check CHECK (status IN ('listed', 'ordered', 'done')),
    CONSTRAINT retention_runs_ordered_check CHECK ((status = 'listed') = (ordered_at IS NULL) AND (ordered_at IS NULL) = (decision IS NULL) AND (ordered_at IS NULL) = (ordered_by IS NULL)),
    CONSTRAINT retention_runs_done_check CHECK ((status = 'done') = (done_at IS NOT NULL))
) STRICT;
CREATE INDEX retention_runs_status_ix ON retention_runs (tenant_id, status);

CREATE TABLE retention_items (
    tenant_id BLOB NOT NULL,
    run_id BLOB NOT NULL,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    object_id BLOB NOT NULL,
    case_id BLOB,
    number TEXT,
    since INTEGER NOT NULL,
    due_on TEXT NOT NULL,
    basis TEXT NOT NULL,
    object_version INTEGER NOT NULL,
    investigation_id BLOB,
    parts TEXT NOT NULL,
    held TEXT,
    outcome TEXT,
    settled_at INTEGER,
    CONSTRAINT retention_items_run_id_position_key PRIMARY KEY (tenant_id, run_id, position),
    CONSTRAINT retention_items_run_fk FOREIGN KEY (tenant_id, run_id) REFERENCES retention_runs (tenant_id, run_id),
    CONSTRAINT retention_items_outcome_check CHECK (outcome IN ('erased', 'changed', 'held') AND settled_at IS NOT NULL OR outcome IS NULL AND settled_at IS NULL),
    CONSTRAINT retention_items_held_check CHECK (held IS NULL OR outcome IS NULL)
) STRICT;
CREATE INDEX retention_items_object_ix ON retention_items (tenant_id, object_id);
