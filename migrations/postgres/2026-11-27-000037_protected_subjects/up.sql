-- Few persons are protected, and each worklist asks which.
CREATE INDEX subjects_protected_ix ON subjects (tenant_id, subject_id) WHERE protected IS NOT NULL;
