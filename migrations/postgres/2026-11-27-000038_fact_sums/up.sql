-- How many facts lie in each cell of the usual figures: of those that are folded, see below. The cell is the text that
-- stands in case_facts.folded_as, in the order in which a year is grouped; beside it stand the columns it is made of.
CREATE TABLE fact_sums (
    tenant_id uuid NOT NULL,
    cell text COLLATE "C" NOT NULL,
    reported_year smallint NOT NULL,
    reported_month smallint NOT NULL,
    unit_id uuid NOT NULL,
    laws text COLLATE "C" NOT NULL,
    category text COLLATE "C",
    kind text COLLATE "C" NOT NULL,
    subkind text COLLATE "C",
    duplicate boolean NOT NULL,
    facts bigint NOT NULL,
    CONSTRAINT fact_sums_cell_key PRIMARY KEY (tenant_id, cell),
    CONSTRAINT fact_sums_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id),
    CONSTRAINT fact_sums_facts_check CHECK (facts >= 0)
);

-- The cell in which the fact was last counted in fact_sums, '-' where it is not counted at all. A fact whose columns say
-- otherwise today is not folded, whoever changed it. The condition is written as it is, and not as IS DISTINCT FROM, so
-- that the planner takes it for rare.
ALTER TABLE case_facts ADD COLUMN folded_as text COLLATE "C";
CREATE INDEX case_facts_unfolded_ix ON case_facts (tenant_id, case_id) WHERE (CASE WHEN folded_as IS NOT DISTINCT FROM (CASE WHEN counted THEN CAST(reported_year AS text) || '|' || CAST(unit_id AS text) || '|' || COALESCE(category, '') || '|' || laws || '|' || CAST(reported_month AS text) || '|' || kind || '|' || COALESCE(subkind, '') || '|' || CASE WHEN duplicate THEN 'd' ELSE '' END ELSE '-' END) THEN 0 ELSE 1 END) = 1;
