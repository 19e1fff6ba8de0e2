DROP TABLE spot_check_readings;
DROP TABLE spot_checks;
