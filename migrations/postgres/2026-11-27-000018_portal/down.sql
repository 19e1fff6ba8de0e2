DROP TABLE portal_files;
DROP TABLE portal_exposures;
DROP TABLE portal_entries;
DROP TABLE portal_sessions;
DROP TABLE portal_codes;
DROP TABLE portal_links;
DROP TABLE portal_code_words;
DROP TABLE portal_contacts;
