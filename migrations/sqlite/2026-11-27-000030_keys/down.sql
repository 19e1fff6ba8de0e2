-- Keys go back to their records, as far as they are wrapped by a master key; those below a tenant's key
-- open no more once that is gone.
UPDATE subjects SET
    key_version = (SELECT k.key_version FROM record_keys k WHERE k.tenant_id = subjects.tenant_id AND k.kind = 'subject' AND k.record_id = subjects.subject_id),
    wrapped_key = (SELECT k.wrapped_key FROM record_keys k WHERE k.tenant_id = subjects.tenant_id AND k.kind = 'subject' AND k.record_id = subjects.subject_id)
    WHERE EXISTS (SELECT 1 FROM record_keys k WHERE k.tenant_id = subjects.tenant_id AND k.kind = 'subject' AND k.record_id = subjects.subject_id);
UPDATE opinion_senders SET
    key_version = (SELECT k.key_version FROM record_keys k WHERE k.tenant_id = opinion_senders.tenant_id AND k.kind = 'sender' AND k.record_id = opinion_senders.case_id),
    wrapped_key = (SELECT k.wrapped_key FROM record_keys k WHERE k.tenant_id = opinion_senders.tenant_id AND k.kind = 'sender' AND k.record_id = opinion_senders.case_id)
    WHERE EXISTS (SELECT 1 FROM record_keys k WHERE k.tenant_id = opinion_senders.tenant_id AND k.kind = 'sender' AND k.record_id = opinion_senders.case_id);
UPDATE forwarding_subjects SET
    key_version = (SELECT k.key_version FROM record_keys k WHERE k.tenant_id = forwarding_subjects.tenant_id AND k.kind = 'forwarding' AND k.record_id = forwarding_subjects.forwarding_id),
    wrapped_key = (SELECT k.wrapped_key FROM record_keys k WHERE k.tenant_id = forwarding_subjects.tenant_id AND k.kind = 'forwarding' AND k.record_id = forwarding_subjects.forwarding_id)
    WHERE EXISTS (SELECT 1 FROM record_keys k WHERE k.tenant_id = forwarding_subjects.tenant_id AND k.kind = 'forwarding' AND k.record_id = forwarding_subjects.forwarding_id);
UPDATE escalation_persons SET
    key_version = (SELECT k.key_version FROM record_keys k WHERE k.tenant_id = escalation_persons.tenant_id AND k.kind = 'person' AND k.record_id = escalation_persons.escalation_id),
    wrapped_key = (SELECT k.wrapped_key FROM record_keys k WHERE k.tenant_id = escalation_persons.tenant_id AND k.kind = 'person' AND k.record_id = escalation_persons.escalation_id)
    WHERE EXISTS (SELECT 1 FROM record_keys k WHERE k.tenant_id = escalation_persons.tenant_id AND k.kind = 'person' AND k.record_id = escalation_persons.escalation_id);
DROP TABLE record_keys;
DROP TABLE tenant_keys;
