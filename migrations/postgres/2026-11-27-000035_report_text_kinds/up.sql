-- The names of own figures, and why a series of years breaks, are words of a report, too.
ALTER TABLE report_confirmations DROP CONSTRAINT report_confirmations_kind_check;
ALTER TABLE report_confirmations ADD CONSTRAINT report_confirmations_kind_check CHECK (kind IN ('section', 'paragraph', 'goal', 'decided', 'own_figure', 'series_break'));
