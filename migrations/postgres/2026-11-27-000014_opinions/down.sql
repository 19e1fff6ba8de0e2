-- What the columns of before cannot hold goes; whom a case is kept from it stays kept from.
UPDATE conflicts SET kept_by = staff_id WHERE kept_by IS NULL;
ALTER TABLE conflicts ALTER COLUMN kept_by SET NOT NULL;
DROP TABLE opinion_messages;
DROP TABLE opinion_senders;
DROP TABLE opinions;
ALTER TABLE cases DROP COLUMN opinion;
