DROP INDEX case_facts_unfolded_ix;
ALTER TABLE case_facts DROP COLUMN folded_as;
DROP TABLE fact_sums;
