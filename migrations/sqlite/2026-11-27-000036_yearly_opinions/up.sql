-- Synpunkter and klagomål of five years are counted without passing by the avvikelser, of which there are many more.
CREATE INDEX case_facts_opinions_ix ON case_facts (tenant_id, reported_year, kind, subkind, category, closed_at, unit_id, counted, duplicate) WHERE kind <> 'avvikelse';
