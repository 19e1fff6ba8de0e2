DROP TABLE case_units;
DROP TABLE comments;
DROP TABLE conflicts;
DROP TABLE watches;
