DROP INDEX subjects_protected_ix;
