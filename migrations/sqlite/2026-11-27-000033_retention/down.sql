DROP TABLE retention_items;
DROP TABLE retention_runs;
DROP TABLE legal_holds;
DROP TABLE retention_plans;
ALTER TABLE forwardings DROP COLUMN erased_at;
ALTER TABLE escalations DROP COLUMN erased_at;
ALTER TABLE cases DROP COLUMN erased_at;
