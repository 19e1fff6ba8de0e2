DELETE FROM report_confirmations WHERE kind IN ('own_figure', 'series_break');
ALTER TABLE report_confirmations DROP CONSTRAINT report_confirmations_kind_check;
ALTER TABLE report_confirmations ADD CONSTRAINT report_confirmations_kind_check CHECK (kind IN ('section', 'paragraph', 'goal', 'decided'));
