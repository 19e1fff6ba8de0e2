DROP TABLE report_marks;
