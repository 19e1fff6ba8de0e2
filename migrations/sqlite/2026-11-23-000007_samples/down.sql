DROP TABLE samples;
ALTER TABLE investigations DROP COLUMN version;
ALTER TABLE investigations DROP COLUMN grounds;
ALTER TABLE investigations DROP COLUMN in_common;
