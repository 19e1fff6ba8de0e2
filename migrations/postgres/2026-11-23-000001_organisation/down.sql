DROP TABLE grant_units;
DROP TABLE grants;
DROP TABLE staff;
DROP TABLE units;
DROP TABLE tenants;
