DROP TABLE publications;
ALTER TABLE opinions DROP COLUMN surveyed_at;
ALTER TABLE case_facts DROP COLUMN patientnamnd;
ALTER TABLE case_facts DROP COLUMN helped;
ALTER TABLE case_facts DROP COLUMN understood;
DROP INDEX cases_diary_number_key;
ALTER TABLE cases DROP COLUMN diary_number;
