-- How many facts lie in each cell of the usual figures: of those that are folded, see below. The cell is the text that
-- stands in case_facts.folded_as, in the order in which a year is grouped; beside it stand the columns it is made of.
CREATE TABLE fact_sums (
    tenant_id BLOB NOT NULL,
    cell TEXT NOT NULL,
    reported_year INTEGER NOT NULL,
    reported_month INTEGER NOT NULL,
    unit_id BLOB NOT NULL,
    laws TEXT NOT NULL,
    category TEXT,
    kind TEXT NOT NULL,
    subkind TEXT,
    duplicate INTEGER NOT NULL,
    facts INTEGER NOT NULL,
    CONSTRAINT fact_sums_cell_key PRIMARY KEY (tenant_id, cell),
    CONSTRAINT fact_sums_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenants (tenant_id),
    CONSTRAINT fact_sums_facts_check CHECK (facts >= 0)
) STRICT, WITHOUT ROWID;

-- The cell in which the fact was last counted in fact_sums, '-' where it is not counted at all. A fact whose columns say
-- otherwise today is not folded, whoever changed it.
ALTER TABLE case_facts ADD COLUMN folded_as TEXT;
CREATE INDEX case_facts_unfolded_ix ON case_facts (tenant_id, case_id) WHERE folded_as IS NOT (CASE WHEN counted THEN reported_year || '|' || hex(unit_id) || '|' || COALESCE(category, '') || '|' || laws || '|' || reported_month || '|' || kind || '|' || COALESCE(subkind, '') || '|' || CASE WHEN duplicate THEN 'd' ELSE '' END ELSE '-' END);
