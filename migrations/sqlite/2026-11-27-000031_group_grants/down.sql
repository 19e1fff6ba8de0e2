DROP TABLE group_tokens;
DROP TABLE grants_by_group;
DROP TABLE group_grant_units;
DROP TABLE group_grants;
