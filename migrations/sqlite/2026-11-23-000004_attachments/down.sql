DROP TABLE loose_contents;
DROP TABLE attachment_contents;
DROP TABLE attachments;
