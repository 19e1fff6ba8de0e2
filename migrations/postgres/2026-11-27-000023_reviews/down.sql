DELETE FROM ladder_rungs WHERE step = 'review';
ALTER TABLE ladder_rungs DROP CONSTRAINT ladder_rungs_step_check;
ALTER TABLE ladder_rungs ADD CONSTRAINT ladder_rungs_step_check CHECK (step IN ('triage', 'investigation', 'measures', 'follow_up', 'duty', 'escalation'));
DROP TABLE review_figures;
DROP TABLE review_history;
DROP TABLE reviews;
