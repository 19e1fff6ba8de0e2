DROP TABLE board_months;
DROP TABLE ladder_rungs;
DROP TABLE duties;
ALTER TABLE cases DROP COLUMN waiting_until;
ALTER TABLE cases DROP COLUMN informed_at;
ALTER TABLE cases DROP COLUMN vardskada_at;
