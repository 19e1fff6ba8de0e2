-- What the reporter said beside what the assessor did, the investigation and whether a case came by import,
-- so that the report of a year is counted from the facts alone.
ALTER TABLE case_facts ADD COLUMN law_reported text COLLATE "C" CONSTRAINT case_facts_law_reported_check CHECK (law_reported IN ('HSL', 'SOL', 'LSS'));
ALTER TABLE case_facts ADD COLUMN law_assessed text COLLATE "C" CONSTRAINT case_facts_law_assessed_check CHECK (law_assessed IN ('HSL', 'SOL', 'LSS'));
ALTER TABLE case_facts ADD COLUMN category_reported text COLLATE "C";
ALTER TABLE case_facts ADD COLUMN category_assessed text COLLATE "C";
ALTER TABLE case_facts ADD COLUMN investigation_id uuid;
ALTER TABLE case_facts ADD COLUMN imported boolean NOT NULL DEFAULT false;
UPDATE case_facts SET
    law_reported = (SELECT law.code FROM jsonb_array_elements_text(coalesce(c.filing -> 'law', '[]')) WITH ORDINALITY AS law (code, place) WHERE law.code IN ('HSL', 'SOL', 'LSS') ORDER BY law.place LIMIT 1),
    law_assessed = (SELECT law.code FROM jsonb_array_elements_text(coalesce(c.assessment -> 'law', '[]')) WITH ORDINALITY AS law (code, place) WHERE law.code IN ('HSL', 'SOL', 'LSS') ORDER BY law.place LIMIT 1),
    category_reported = c.filing ->> 'category',
    category_assessed = c.assessment ->> 'category',
    investigation_id = c.investigation_id,
    imported = c.imported
FROM cases AS c WHERE c.tenant_id = case_facts.tenant_id AND c.case_id = case_facts.case_id;

-- Each in the order in which a year is grouped, so that nothing is sorted and no row is looked up.
CREATE INDEX case_facts_yearly_ix ON case_facts (tenant_id, reported_year, kind, subkind, unit_id, laws, category, imported, counted, duplicate);
DROP INDEX case_facts_reported_ix;
CREATE INDEX case_facts_reported_ix ON case_facts (tenant_id, reported_year, reported_month, kind, severity, vardskada, injury, sex, unit_id, counted, duplicate);
CREATE INDEX case_facts_harm_ix ON case_facts (tenant_id, reported_year, laws, vardskada, serious, investigated_at, event_id, unit_id, counted, duplicate) WHERE vardskada IN ('could_have', 'yes');
CREATE INDEX case_facts_investigation_ix ON case_facts (tenant_id, reported_year, investigation_id, kind, unit_id, counted, duplicate) WHERE investigation_id IS NOT NULL;
