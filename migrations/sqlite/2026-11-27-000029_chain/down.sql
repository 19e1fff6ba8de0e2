DROP TABLE chain_heads;
DROP TABLE chain_links;
ALTER TABLE audit_entries DROP COLUMN commitment;
ALTER TABLE case_history DROP COLUMN salt;
