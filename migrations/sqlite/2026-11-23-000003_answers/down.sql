ALTER TABLE case_facts DROP COLUMN suggestion_reported;
ALTER TABLE case_facts DROP COLUMN suggestion;
DROP TABLE case_answers;
