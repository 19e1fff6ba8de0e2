DROP TABLE report_issues;
DROP TABLE report_marks;
