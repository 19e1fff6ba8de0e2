-- What goes when its time is over, by the nämnd's information plan (gallring). A case that is erased keeps its row,
-- emptied, so that what points to it still does and closed years' figures stay; its number says that it was.
ALTER TABLE cases ADD COLUMN erased_at timestamptz;
ALTER TABLE escalations ADD COLUMN erased_at timestamptz;
ALTER TABLE forwardings ADD COLUMN erased_at timestamptz;

-- The plan, one row a version; none is ever changed.
CREATE TABLE retention_plans (
    tenant_id uuid NOT NULL,
    version bigint NOT NULL,
    rules jsonb NOT NULL,
    set_by uuid NOT NULL,
    set_at timestamptz NOT NULL,
    CONSTRAINT retention_plans_version_key PRIMARY KEY (tenant_id, version),
    CONSTRAINT retention_plans_set_by_fk FOREIGN KEY (tenant_id, set_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT retention_plans_version_check CHECK (version >= 1)
);

-- What stays whatever the plan says: one case, or everything about a person, named by the keyed hash of who that is.
CREATE TABLE legal_holds (
    tenant_id uuid NOT NULL,
    hold_id uuid NOT NULL,
    case_id uuid,
    blind_index bytea,
    reason text NOT NULL,
    placed_by uuid NOT NULL,
    placed_at timestamptz NOT NULL,
    until date,
    lifted_by uuid,
    lifted_at timestamptz,
    lifted_reason text,
    version bigint NOT NULL,
    CONSTRAINT legal_holds_hold_id_key PRIMARY KEY (tenant_id, hold_id),
    CONSTRAINT legal_holds_case_fk FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, case_id),
    CONSTRAINT legal_holds_placed_by_fk FOREIGN KEY (tenant_id, placed_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT legal_holds_lifted_by_fk FOREIGN KEY (tenant_id, lifted_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT legal_holds_of_check CHECK ((case_id IS NULL) <> (blind_index IS NULL)),
    CONSTRAINT legal_holds_lifted_check CHECK ((lifted_at IS NULL) = (lifted_by IS NULL) AND (lifted_at IS NULL) = (lifted_reason IS NULL)),
    CONSTRAINT legal_holds_version_check CHECK (version >= 1)
);

-- A run: the list as it was made, the decision that names it, and what came of it.
CREATE TABLE retention_runs (
    tenant_id uuid NOT NULL,
    run_id uuid NOT NULL,
    plan_version bigint NOT NULL,
    as_of date NOT NULL,
    made_by uuid NOT NULL,
    made_at timestamptz NOT NULL,
    listed bigint NOT NULL,
    held bigint NOT NULL,
    hash bytea NOT NULL,
    status text COLLATE "C" NOT NULL,
    decision text,
    ordered_by uuid,
    ordered_at timestamptz,
    done_at timestamptz,
    CONSTRAINT retention_runs_run_id_key PRIMARY KEY (tenant_id, run_id),
    CONSTRAINT retention_runs_plan_fk FOREIGN KEY (tenant_id, plan_version) REFERENCES retention_plans (tenant_id, version),
    CONSTRAINT retention_runs_made_by_fk FOREIGN KEY (tenant_id, made_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT retention_runs_ordered_by_fk FOREIGN KEY (tenant_id, ordered_by) REFERENCES staff (tenant_id, staff_id),
    CONSTRAINT retention_runs_status_check CHECK (status IN ('listed', 'ordered', 'done')),
    CONSTRAINT retention_runs_ordered_check CHECK ((status = 'listed') = (ordered_at IS NULL) AND (ordered_at IS NULL) = (decision IS NULL) AND (ordered_at IS NULL) = (ordered_by IS NULL)),
    CONSTRAINT retention_runs_done_check CHECK ((status = 'done') = (done_at IS NOT NULL))
);
CREATE INDEX retention_runs_status_ix ON retention_runs (tenant_id, status);

CREATE TABLE retention_items (
    tenant_id uuid NOT NULL,
    run_id uuid NOT NULL,
    position bigint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    object_id uuid NOT NULL,
    case_id uuid,
    number text,
    since timestamptz NOT NULL,
    due_on date NOT NULL,
    basis text NOT NULL,
    object_version bigint NOT NULL,
    investigation_id uuid,
    parts jsonb NOT NULL,
    held text COLLATE "C",
    outcome text COLLATE "C",
    settled_at timestamptz,
    CONSTRAINT retention_items_run_id_position_key PRIMARY KEY (tenant_id, run_id, position),
    CONSTRAINT retention_items_run_fk FOREIGN KEY (tenant_id, run_id) REFERENCES retention_runs (tenant_id, run_id),
    CONSTRAINT retention_items_outcome_check CHECK (outcome IN ('erased', 'changed', 'held') AND settled_at IS NOT NULL OR outcome IS NULL AND settled_at IS NULL),
    CONSTRAINT retention_items_held_check CHECK (held IS NULL OR outcome IS NULL)
);
CREATE INDEX retention_items_object_ix ON retention_items (tenant_id, object_id);
