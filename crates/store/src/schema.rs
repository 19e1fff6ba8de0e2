//! The tables, as the migrations leave them: one `table!` each, columns in the table's order.

use diesel::{allow_tables_to_appear_in_same_query, table};

table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::sql_types::{SqlInstant, SqlUuid};

    tenants (tenant_id) {
        tenant_id -> SqlUuid,
        slug -> Text,
        name -> Text,
        suspended_at -> Nullable<SqlInstant>,
        config_version -> BigInt,
        created_at -> SqlInstant,
    }
}

table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use crate::sql_types::{SqlDate, SqlUuid};

    units (tenant_id, unit_id) {
        tenant_id -> SqlUuid,
        unit_id -> SqlUuid,
        code -> Text,
        name -> Text,
        area -> Nullable<Text>,
        parent_id -> Nullable<SqlUuid>,
        successor_id -> Nullable<SqlUuid>,
        valid_from -> Nullable<SqlDate>,
        valid_to -> Nullable<SqlDate>,
        is_unknown -> Bool,
        version -> BigInt,
    }
}

table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use crate::sql_types::{SqlDate, SqlInstant, SqlUuid};

    staff (tenant_id, staff_id) {
        tenant_id -> SqlUuid,
        staff_id -> SqlUuid,
        issuer -> Text,
        subject -> Text,
        name -> Nullable<Text>,
        profession -> Nullable<Text>,
        email -> Nullable<Text>,
        deactivated_at -> Nullable<SqlInstant>,
        version -> BigInt,
        digest -> Bool,
        digest_on -> Nullable<SqlDate>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::sql_types::{SqlDate, SqlInstant, SqlUuid};

    grants (tenant_id, grant_id) {
        tenant_id -> SqlUuid,
        grant_id -> SqlUuid,
        staff_id -> SqlUuid,
        role -> Text,
        laws -> Text,
        valid_from -> SqlDate,
        valid_to -> Nullable<SqlDate>,
        stands_in_for -> Nullable<SqlUuid>,
        revoked_at -> Nullable<SqlInstant>,
        version -> BigInt,
    }
}

table! {
    use crate::sql_types::SqlUuid;

    grant_units (tenant_id, grant_id, unit_id) {
        tenant_id -> SqlUuid,
        grant_id -> SqlUuid,
        unit_id -> SqlUuid,
    }
}

table! {
    use crate::sql_types::{SqlInstant, SqlUuid};
    use diesel::sql_types::{BigInt, Nullable, Text};

    group_grants (tenant_id, group_grant_id) {
        tenant_id -> SqlUuid,
        group_grant_id -> SqlUuid,
        issuer -> Text,
        group_name -> Text,
        role -> Text,
        laws -> Text,
        ended_at -> Nullable<SqlInstant>,
        version -> BigInt,
    }
}

table! {
    use crate::sql_types::SqlUuid;

    group_grant_units (tenant_id, group_grant_id, unit_id) {
        tenant_id -> SqlUuid,
        group_grant_id -> SqlUuid,
        unit_id -> SqlUuid,
    }
}

table! {
    use crate::sql_types::SqlUuid;

    grants_by_group (tenant_id, grant_id) {
        tenant_id -> SqlUuid,
        grant_id -> SqlUuid,
        group_grant_id -> SqlUuid,
    }
}

table! {
    use crate::sql_types::{SqlInstant, SqlUuid};

    group_tokens (tenant_id, staff_id) {
        tenant_id -> SqlUuid,
        staff_id -> SqlUuid,
        issued_at -> SqlInstant,
    }
}

table! {
    use diesel::sql_types::{Nullable, Text};
    use crate::sql_types::{SqlDate, SqlUuid};

    tenant_codes (tenant_id, list, code) {
        tenant_id -> SqlUuid,
        list -> Text,
        code -> Text,
        sv -> Text,
        en -> Text,
        parent -> Text,
        valid_from -> Nullable<SqlDate>,
        valid_to -> Nullable<SqlDate>,
    }
}

table! {
    use diesel::sql_types::{Binary, Bool, Integer, Nullable, Text};
    use crate::sql_types::{SqlInstant, SqlUuid};

    subjects (tenant_id, subject_id) {
        tenant_id -> SqlUuid,
        subject_id -> SqlUuid,
        key_version -> Integer,
        wrapped_key -> Binary,
        nonce -> Binary,
        ciphertext -> Binary,
        blind_index -> Binary,
        confirmed -> Bool,
        protected -> Nullable<Text>,
        created_at -> SqlInstant,
    }
}

table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use crate::sql_types::{SqlInstant, SqlJson, SqlUuid};

    investigations (tenant_id, investigation_id) {
        tenant_id -> SqlUuid,
        investigation_id -> SqlUuid,
        investigator -> Nullable<SqlUuid>,
        started_at -> SqlInstant,
        completed_at -> Nullable<SqlInstant>,
        course_of_events -> Nullable<Text>,
        assessment -> Nullable<Text>,
        person_account -> Nullable<Text>,
        support_offered -> Nullable<Bool>,
        in_common -> Nullable<Text>,
        grounds -> SqlJson,
        version -> BigInt,
    }
}

table! {
    use diesel::sql_types::{Integer, Nullable, Text};
    use crate::sql_types::SqlUuid;

    causes (tenant_id, investigation_id, cause_id) {
        tenant_id -> SqlUuid,
        investigation_id -> SqlUuid,
        cause_id -> SqlUuid,
        position -> Integer,
        code -> Text,
        text -> Nullable<Text>,
        waiver -> Nullable<Text>,
    }
}

table! {
    use diesel::sql_types::{Integer, Nullable, Text};
    use crate::sql_types::{SqlDate, SqlUuid};

    measures (tenant_id, investigation_id, measure_id) {
        tenant_id -> SqlUuid,
        investigation_id -> SqlUuid,
        measure_id -> SqlUuid,
        position -> Integer,
        kind -> Text,
        text -> Text,
        owner -> Nullable<Text>,
        due_on -> Nullable<SqlDate>,
        follow_up_on -> Nullable<SqlDate>,
        done_on -> Nullable<SqlDate>,
        effect -> Text,
        effect_note -> Nullable<Text>,
    }
}

table! {
    use crate::sql_types::SqlUuid;

    measure_causes (tenant_id, investigation_id, measure_id, cause_id) {
        tenant_id -> SqlUuid,
        investigation_id -> SqlUuid,
        measure_id -> SqlUuid,
        cause_id -> SqlUuid,
    }
}

table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, SmallInt, Text};
    use crate::sql_types::{SqlDate, SqlInstant, SqlJson, SqlUuid};

    cases (tenant_id, case_id) {
        tenant_id -> SqlUuid,
        case_id -> SqlUuid,
        number -> Text,
        external_number -> Nullable<Text>,
        kind -> Text,
        subkind -> Nullable<Text>,
        status -> Text,
        track -> Nullable<Text>,
        outcome -> Nullable<Text>,
        unit_id -> SqlUuid,
        reporting_unit_id -> SqlUuid,
        also_units -> SqlJson,
        reported_by -> Nullable<SqlUuid>,
        registered_by -> Nullable<SqlUuid>,
        occurred_at -> Nullable<SqlInstant>,
        occurred_until -> Nullable<SqlInstant>,
        discovered_at -> Nullable<SqlInstant>,
        reported_at -> SqlInstant,
        registered_at -> SqlInstant,
        triaged_at -> Nullable<SqlInstant>,
        investigation_started_at -> Nullable<SqlInstant>,
        investigation_done_at -> Nullable<SqlInstant>,
        measures_decided_at -> Nullable<SqlInstant>,
        following_up_at -> Nullable<SqlInstant>,
        patient_informed_at -> Nullable<SqlInstant>,
        closed_at -> Nullable<SqlInstant>,
        voided_at -> Nullable<SqlInstant>,
        laws -> Text,
        category -> Nullable<Text>,
        filing -> SqlJson,
        assessment -> SqlJson,
        ending -> Nullable<SqlJson>,
        investigation_id -> Nullable<SqlUuid>,
        subject_id -> Nullable<SqlUuid>,
        imported -> Bool,
        private -> Bool,
        version -> BigInt,
        updated_at -> SqlInstant,
        lead_id -> Nullable<SqlUuid>,
        hops -> SmallInt,
        severity -> Nullable<SmallInt>,
        risk_score -> Nullable<SmallInt>,
        vardskada -> Text,
        awaits -> Text,
        warned -> Bool,
        vardskada_at -> Nullable<SqlInstant>,
        informed_at -> Nullable<SqlInstant>,
        waiting_until -> Nullable<SqlDate>,
        opinion -> Nullable<SqlJson>,
        diary_number -> Nullable<Text>,
        erased_at -> Nullable<SqlInstant>,
    }
}

table! {
    use diesel::sql_types::{Nullable, Text};
    use crate::sql_types::{SqlDate, SqlInstant, SqlUuid};

    feedback (tenant_id, case_id, feedback_id) {
        tenant_id -> SqlUuid,
        case_id -> SqlUuid,
        feedback_id -> SqlUuid,
        audience -> Text,
        meeting_on -> Nullable<SqlDate>,
        text -> Text,
        given_at -> SqlInstant,
        given_by -> SqlUuid,
    }
}

table! {
    use diesel::sql_types::Text;
    use crate::sql_types::{SqlInstant, SqlUuid};

    case_links (tenant_id, case_id, kind, to_case_id) {
        tenant_id -> SqlUuid,
        case_id -> SqlUuid,
        kind -> Text,
        to_case_id -> SqlUuid,
        linked_at -> SqlInstant,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};
    use crate::sql_types::{SqlInstant, SqlJson, SqlUuid};

    case_history (tenant_id, case_id, version) {
        tenant_id -> SqlUuid,
        case_id -> SqlUuid,
        version -> BigInt,
        at -> SqlInstant,
        staff_id -> Nullable<SqlUuid>,
        command -> Text,
        from_status -> Nullable<Text>,
        to_status -> Text,
        changes -> SqlJson,
        reason -> Nullable<Text>,
        salt -> Nullable<Binary>,
    }
}

table! {
    use diesel::sql_types::{Binary, Nullable, Text};
    use crate::sql_types::{SqlInstant, SqlJson, SqlUuid};

    audit_entries (tenant_id, entry_id) {
        tenant_id -> SqlUuid,
        entry_id -> SqlUuid,
        at -> SqlInstant,
        staff_id -> Nullable<SqlUuid>,
        action -> Text,
        object_kind -> Text,
        object_id -> SqlUuid,
        details -> SqlJson,
        request_id -> SqlUuid,
        commitment -> Nullable<Binary>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, SmallInt, Text};
    use crate::sql_types::{SqlInstant, SqlUuid};

    chain_links (tenant_id, sequence) {
        tenant_id -> SqlUuid,
        sequence -> BigInt,
        log -> Text,
        entry_id -> SqlUuid,
        format -> SmallInt,
        linked_at -> SqlInstant,
        hash -> Binary,
    }
}

table! {
    use diesel::sql_types::{Binary, Integer};
    use crate::sql_types::{SqlInstant, SqlUuid};

    tenant_keys (tenant_id, number) {
        tenant_id -> SqlUuid,
        number -> Integer,
        master_version -> Integer,
        wrapped_key -> Binary,
        made_at -> SqlInstant,
    }
}

table! {
    use diesel::sql_types::{Binary, Integer, Text};
    use crate::sql_types::SqlUuid;

    record_keys (tenant_id, kind, record_id) {
        tenant_id -> SqlUuid,
        kind -> Text,
        record_id -> SqlUuid,
        key_version -> Integer,
        wrapped_key -> Binary,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary};
    use crate::sql_types::{SqlInstant, SqlUuid};

    chain_heads (tenant_id) {
        tenant_id -> SqlUuid,
        sequence -> BigInt,
        hash -> Binary,
        linked_at -> SqlInstant,
    }
}

table! {
    use diesel::sql_types::{Nullable, Text};
    use crate::sql_types::{SqlInstant, SqlUuid};

    access_entries (tenant_id, entry_id) {
        tenant_id -> SqlUuid,
        entry_id -> SqlUuid,
        at -> SqlInstant,
        staff_id -> SqlUuid,
        act -> Text,
        role -> Nullable<Text>,
        request_id -> SqlUuid,
        unit_id -> Nullable<SqlUuid>,
        origin -> Nullable<Text>,
        outcome -> Nullable<Text>,
        ground_id -> Nullable<SqlUuid>,
    }
}

table! {
    use diesel::sql_types::Text;
    use crate::sql_types::SqlUuid;

    access_searches (tenant_id, entry_id) {
        tenant_id -> SqlUuid,
        entry_id -> SqlUuid,
        purpose -> Text,
        reason -> Text,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::sql_types::{SqlDate, SqlInstant, SqlUuid};

    reading_grounds (tenant_id, ground_id) {
        tenant_id -> SqlUuid,
        ground_id -> SqlUuid,
        staff_id -> SqlUuid,
        case_id -> Nullable<SqlUuid>,
        unit_id -> Nullable<SqlUuid>,
        law -> Nullable<Text>,
        kind -> Text,
        grounded_on -> SqlDate,
        reference -> Nullable<Text>,
        reason -> Text,
        valid_until -> SqlDate,
        stated_at -> SqlInstant,
        revoked_at -> Nullable<SqlInstant>,
        revoked_by -> Nullable<SqlUuid>,
        version -> BigInt,
    }
}

table! {
    use diesel::sql_types::{BigInt, Integer, Nullable, Text};
    use crate::sql_types::{SqlDate, SqlInstant, SqlJson, SqlUuid};

    spot_checks (tenant_id, check_id) {
        tenant_id -> SqlUuid,
        check_id -> SqlUuid,
        from_day -> SqlDate,
        to_day -> SqlDate,
        seed -> BigInt,
        sample -> Integer,
        rules -> Text,
        scope -> SqlJson,
        considered -> Integer,
        reason -> Text,
        drawn_by -> SqlUuid,
        drawn_at -> SqlInstant,
        closed_by -> Nullable<SqlUuid>,
        closed_at -> Nullable<SqlInstant>,
        summary -> Nullable<Text>,
        version -> BigInt,
    }
}

table! {
    use diesel::sql_types::{Integer, Nullable, Text};
    use crate::sql_types::{SqlInstant, SqlJson, SqlUuid};

    spot_check_readings (tenant_id, check_id, entry_id) {
        tenant_id -> SqlUuid,
        check_id -> SqlUuid,
        entry_id -> SqlUuid,
        place -> Integer,
        reader_id -> SqlUuid,
        reasons -> Text,
        shown -> SqlJson,
        verdict -> Nullable<Text>,
        verdict_reason -> Nullable<Text>,
        judged_by -> Nullable<SqlUuid>,
        judged_at -> Nullable<SqlInstant>,
    }
}

table! {
    use diesel::sql_types::Nullable;
    use crate::sql_types::SqlUuid;

    access_exposures (tenant_id, entry_id, case_id) {
        tenant_id -> SqlUuid,
        entry_id -> SqlUuid,
        case_id -> SqlUuid,
        subject_id -> Nullable<SqlUuid>,
    }
}

table! {
    use diesel::sql_types::{Bool, Nullable, SmallInt, Text};
    use crate::sql_types::{SqlDate, SqlInstant, SqlUuid};

    case_facts (tenant_id, case_id) {
        tenant_id -> SqlUuid,
        case_id -> SqlUuid,
        counted -> Bool,
        duplicate -> Bool,
        event_id -> SqlUuid,
        event_shared -> Bool,
        reported_on -> SqlDate,
        reported_year -> SmallInt,
        reported_month -> SmallInt,
        reported_week -> SmallInt,
        reported_weekday -> SmallInt,
        reported_hour -> SmallInt,
        occurred_on -> Nullable<SqlDate>,
        occurred_year -> Nullable<SmallInt>,
        occurred_month -> Nullable<SmallInt>,
        occurred_week -> Nullable<SmallInt>,
        occurred_weekday -> Nullable<SmallInt>,
        occurred_hour -> Nullable<SmallInt>,
        kind -> Text,
        subkind -> Nullable<Text>,
        unit_id -> SqlUuid,
        reporting_unit_id -> SqlUuid,
        laws -> Text,
        category -> Nullable<Text>,
        nature -> Nullable<Text>,
        severity -> Nullable<SmallInt>,
        probability -> Nullable<SmallInt>,
        vardskada -> Text,
        serious -> Nullable<Bool>,
        injury -> Nullable<Text>,
        reached_person -> Nullable<Bool>,
        track -> Nullable<Text>,
        outcome -> Nullable<Text>,
        status -> Text,
        source -> Nullable<Text>,
        channel -> Nullable<Text>,
        profession -> Nullable<Text>,
        sex -> Nullable<Text>,
        age_band -> Nullable<Text>,
        occurred_at -> Nullable<SqlInstant>,
        reported_at -> SqlInstant,
        triaged_at -> Nullable<SqlInstant>,
        investigated_at -> Nullable<SqlInstant>,
        closed_at -> Nullable<SqlInstant>,
        suggestion -> Nullable<Text>,
        suggestion_reported -> Nullable<Text>,
        understood -> Nullable<Text>,
        helped -> Nullable<Text>,
        patientnamnd -> Nullable<Text>,
        law_reported -> Nullable<Text>,
        law_assessed -> Nullable<Text>,
        category_reported -> Nullable<Text>,
        category_assessed -> Nullable<Text>,
        investigation_id -> Nullable<SqlUuid>,
        imported -> Bool,
        folded_as -> Nullable<Text>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, SmallInt, Text};
    use crate::sql_types::SqlUuid;

    fact_sums (tenant_id, cell) {
        tenant_id -> SqlUuid,
        cell -> Text,
        reported_year -> SmallInt,
        reported_month -> SmallInt,
        unit_id -> SqlUuid,
        laws -> Text,
        category -> Nullable<Text>,
        kind -> Text,
        subkind -> Nullable<Text>,
        duplicate -> Bool,
        facts -> BigInt,
    }
}

table! {
    use diesel::sql_types::Text;
    use crate::sql_types::SqlUuid;

    case_answers (tenant_id, case_id, question, code) {
        tenant_id -> SqlUuid,
        case_id -> SqlUuid,
        question -> Text,
        code -> Text,
    }
}

table! {
    use diesel::sql_types::{Integer, Nullable, Text};
    use crate::sql_types::{SqlInstant, SqlJson, SqlUuid};

    outbox (tenant_id, message_id) {
        tenant_id -> SqlUuid,
        message_id -> SqlUuid,
        created_at -> SqlInstant,
        topic -> Text,
        case_id -> Nullable<SqlUuid>,
        payload -> SqlJson,
        next_try_at -> Nullable<SqlInstant>,
        attempts -> Integer,
        settled_at -> Nullable<SqlInstant>,
        outcome -> Nullable<Text>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::sql_types::{SqlInstant, SqlUuid};

    publications (tenant_id, case_id) {
        tenant_id -> SqlUuid,
        case_id -> SqlUuid,
        question -> Text,
        answer -> Text,
        status -> Text,
        written_by -> SqlUuid,
        written_at -> SqlInstant,
        approved_by -> Nullable<SqlUuid>,
        approved_at -> Nullable<SqlInstant>,
        withdrawn_by -> Nullable<SqlUuid>,
        withdrawn_at -> Nullable<SqlInstant>,
        withdrawn_reason -> Nullable<Text>,
        version -> BigInt,
        updated_at -> SqlInstant,
    }
}

table! {
    use diesel::sql_types::Text;
    use crate::sql_types::{SqlInstant, SqlUuid};

    leases (tenant_id, job) {
        tenant_id -> SqlUuid,
        job -> Text,
        holder -> SqlUuid,
        ends_at -> SqlInstant,
    }
}

table! {
    use diesel::sql_types::{Binary, Integer, Nullable, SmallInt, Text};
    use crate::sql_types::{SqlInstant, SqlUuid};

    idempotency_keys (tenant_id, principal, key) {
        tenant_id -> SqlUuid,
        principal -> SqlUuid,
        key -> Text,
        request_mac -> Binary,
        status -> SmallInt,
        location -> Nullable<Text>,
        etag -> Nullable<Text>,
        case_id -> Nullable<SqlUuid>,
        key_version -> Integer,
        wrapped_key -> Binary,
        nonce -> Binary,
        ciphertext -> Binary,
        created_at -> SqlInstant,
    }
}

table! {
    use diesel::sql_types::{BigInt, Integer, Nullable, Text};
    use crate::sql_types::{SqlDate, SqlInstant, SqlJson, SqlUuid};

    counterparties (tenant_id, counterparty_id) {
        tenant_id -> SqlUuid,
        counterparty_id -> SqlUuid,
        name -> Text,
        kind -> Text,
        hsa_id -> Nullable<Text>,
        answer_days -> Nullable<Integer>,
        valid_from -> Nullable<SqlDate>,
        valid_to -> Nullable<SqlDate>,
        details -> SqlJson,
        version -> BigInt,
        updated_at -> SqlInstant,
    }
}

table! {
    use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text};
    use crate::sql_types::{SqlDate, SqlInstant, SqlJson, SqlUuid};

    forwardings (tenant_id, forwarding_id) {
        tenant_id -> SqlUuid,
        forwarding_id -> SqlUuid,
        number -> Nullable<Text>,
        direction -> Text,
        kind -> Text,
        status -> Text,
        case_id -> Nullable<SqlUuid>,
        counterparty_id -> SqlUuid,
        unit_id -> Nullable<SqlUuid>,
        law -> Text,
        matter -> Text,
        channel -> Nullable<Text>,
        created_at -> SqlInstant,
        sent_at -> Nullable<SqlInstant>,
        due_on -> Nullable<SqlDate>,
        awaited_on -> Nullable<SqlDate>,
        reminders -> Integer,
        acknowledged_at -> Nullable<SqlInstant>,
        answered_at -> Nullable<SqlInstant>,
        answer_channel -> Nullable<Text>,
        ended_at -> Nullable<SqlInstant>,
        todo -> Nullable<Text>,
        document -> SqlJson,
        import_key -> Nullable<Text>,
        imported -> Bool,
        version -> BigInt,
        updated_at -> SqlInstant,
        erased_at -> Nullable<SqlInstant>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::sql_types::{SqlInstant, SqlJson, SqlUuid};

    forwarding_history (tenant_id, forwarding_id, version) {
        tenant_id -> SqlUuid,
        forwarding_id -> SqlUuid,
        version -> BigInt,
        at -> SqlInstant,
        hand -> Text,
        staff_id -> Nullable<SqlUuid>,
        contact_id -> Nullable<SqlUuid>,
        command -> Text,
        from_status -> Nullable<Text>,
        to_status -> Text,
        changes -> SqlJson,
        reason -> Nullable<Text>,
    }
}

table! {
    use diesel::sql_types::{Binary, Integer};
    use crate::sql_types::SqlUuid;

    forwarding_subjects (tenant_id, forwarding_id) {
        tenant_id -> SqlUuid,
        forwarding_id -> SqlUuid,
        key_version -> Integer,
        wrapped_key -> Binary,
        nonce -> Binary,
        ciphertext -> Binary,
    }
}

table! {
    use diesel::sql_types::{Bool, Nullable, Text};
    use crate::sql_types::{SqlInstant, SqlJson, SqlUuid};

    opinions (tenant_id, case_id) {
        tenant_id -> SqlUuid,
        case_id -> SqlUuid,
        stage -> Text,
        anonymous -> Bool,
        entry -> Text,
        sender_kind -> Nullable<Text>,
        handler_id -> Nullable<SqlUuid>,
        acknowledged_at -> Nullable<SqlInstant>,
        answered_at -> Nullable<SqlInstant>,
        answer_channel -> Nullable<Text>,
        ending -> Nullable<Text>,
        handed_over_at -> Nullable<SqlInstant>,
        passed_on_to -> Nullable<Text>,
        diary_number -> Nullable<Text>,
        complaint_pn -> Nullable<Text>,
        understood -> Nullable<Text>,
        helped -> Nullable<Text>,
        document -> SqlJson,
        surveyed_at -> Nullable<SqlInstant>,
    }
}

table! {
    use diesel::sql_types::{Binary, Integer};
    use crate::sql_types::{SqlInstant, SqlUuid};

    opinion_senders (tenant_id, case_id) {
        tenant_id -> SqlUuid,
        case_id -> SqlUuid,
        key_version -> Integer,
        wrapped_key -> Binary,
        nonce -> Binary,
        ciphertext -> Binary,
        created_at -> SqlInstant,
    }
}

table! {
    use diesel::sql_types::{Bool, Nullable, Text};
    use crate::sql_types::{SqlInstant, SqlUuid};

    opinion_messages (tenant_id, case_id, message_id) {
        tenant_id -> SqlUuid,
        case_id -> SqlUuid,
        message_id -> SqlUuid,
        from_sender -> Bool,
        kind -> Text,
        text -> Text,
        created_at -> SqlInstant,
        staff_id -> Nullable<SqlUuid>,
        read_at -> Nullable<SqlInstant>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use crate::sql_types::{SqlDate, SqlInstant, SqlJson, SqlUuid};

    escalations (tenant_id, escalation_id) {
        tenant_id -> SqlUuid,
        escalation_id -> SqlUuid,
        kind -> Text,
        status -> Text,
        case_id -> Nullable<SqlUuid>,
        unit_id -> SqlUuid,
        law -> Text,
        starts_at -> SqlInstant,
        flagged_at -> SqlInstant,
        received_at -> Nullable<SqlInstant>,
        decided_at -> Nullable<SqlInstant>,
        decision -> Nullable<Text>,
        degree -> Nullable<Text>,
        notified_at -> Nullable<SqlInstant>,
        inquiry_submitted_at -> Nullable<SqlInstant>,
        supplement_due_on -> Nullable<SqlDate>,
        ivo_decided_at -> Nullable<SqlInstant>,
        closed_at -> Nullable<SqlInstant>,
        diary_number -> Nullable<Text>,
        ivo_number -> Nullable<Text>,
        motivation -> Nullable<Text>,
        investigator_id -> Nullable<SqlUuid>,
        document -> SqlJson,
        imported -> Bool,
        version -> BigInt,
        updated_at -> SqlInstant,
        erased_at -> Nullable<SqlInstant>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::sql_types::{SqlInstant, SqlJson, SqlUuid};

    escalation_history (tenant_id, escalation_id, version) {
        tenant_id -> SqlUuid,
        escalation_id -> SqlUuid,
        version -> BigInt,
        at -> SqlInstant,
        staff_id -> Nullable<SqlUuid>,
        command -> Text,
        from_status -> Nullable<Text>,
        to_status -> Text,
        changes -> SqlJson,
        reason -> Nullable<Text>,
    }
}

table! {
    use crate::sql_types::SqlUuid;

    escalation_readers (tenant_id, escalation_id, staff_id) {
        tenant_id -> SqlUuid,
        escalation_id -> SqlUuid,
        staff_id -> SqlUuid,
    }
}

table! {
    use diesel::sql_types::{Binary, Integer};
    use crate::sql_types::SqlUuid;

    escalation_persons (tenant_id, escalation_id) {
        tenant_id -> SqlUuid,
        escalation_id -> SqlUuid,
        key_version -> Integer,
        wrapped_key -> Binary,
        nonce -> Binary,
        ciphertext -> Binary,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::sql_types::{SqlDate, SqlInstant, SqlUuid};

    delegations (tenant_id, delegation_id) {
        tenant_id -> SqlUuid,
        delegation_id -> SqlUuid,
        staff_id -> SqlUuid,
        matter -> Text,
        valid_from -> SqlDate,
        valid_to -> Nullable<SqlDate>,
        reference -> Text,
        decided_by -> Text,
        ended_at -> Nullable<SqlInstant>,
        ended_reason -> Nullable<Text>,
        version -> BigInt,
    }
}

table! {
    use diesel::sql_types::BigInt;
    use crate::sql_types::{SqlInstant, SqlJson, SqlUuid};

    settings (tenant_id) {
        tenant_id -> SqlUuid,
        document -> SqlJson,
        version -> BigInt,
        updated_at -> SqlInstant,
    }
}

table! {
    use diesel::sql_types::{Nullable, Text};
    use crate::sql_types::{SqlDate, SqlInstant, SqlUuid};

    watches (tenant_id, watch_id) {
        tenant_id -> SqlUuid,
        watch_id -> SqlUuid,
        case_id -> SqlUuid,
        staff_id -> Nullable<SqlUuid>,
        profession -> Nullable<Text>,
        wish -> Text,
        text -> Nullable<Text>,
        due_on -> Nullable<SqlDate>,
        asked_by -> SqlUuid,
        asked_at -> SqlInstant,
        answer -> Nullable<Text>,
        answer_text -> Nullable<Text>,
        answered_by -> Nullable<SqlUuid>,
        answered_at -> Nullable<SqlInstant>,
    }
}

table! {
    use diesel::sql_types::{Nullable, Text};
    use crate::sql_types::{SqlInstant, SqlUuid};

    conflicts (tenant_id, case_id, staff_id) {
        tenant_id -> SqlUuid,
        case_id -> SqlUuid,
        staff_id -> SqlUuid,
        reason -> Text,
        kept_by -> Nullable<SqlUuid>,
        kept_at -> SqlInstant,
    }
}

table! {
    use diesel::sql_types::{Bool, Text};
    use crate::sql_types::{SqlInstant, SqlJson, SqlUuid};

    comments (tenant_id, case_id, comment_id) {
        tenant_id -> SqlUuid,
        case_id -> SqlUuid,
        comment_id -> SqlUuid,
        text -> Text,
        to_reporter -> Bool,
        mentions -> SqlJson,
        said_by -> SqlUuid,
        said_at -> SqlInstant,
    }
}

table! {
    use crate::sql_types::SqlUuid;

    case_units (tenant_id, case_id, unit_id) {
        tenant_id -> SqlUuid,
        case_id -> SqlUuid,
        unit_id -> SqlUuid,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Integer, Nullable, Text};
    use crate::sql_types::{SqlInstant, SqlUuid};

    attachments (tenant_id, case_id, attachment_id) {
        tenant_id -> SqlUuid,
        case_id -> SqlUuid,
        attachment_id -> SqlUuid,
        name -> Text,
        kind -> Text,
        size -> BigInt,
        sha256 -> Binary,
        description -> Nullable<Text>,
        metadata -> Text,
        scan -> Text,
        added_at -> SqlInstant,
        added_by -> Nullable<SqlUuid>,
        withdrawn_at -> Nullable<SqlInstant>,
        withdrawn_by -> Nullable<SqlUuid>,
        content_id -> Nullable<SqlUuid>,
        place -> Nullable<Text>,
        key_version -> Nullable<Integer>,
        wrapped_key -> Nullable<Binary>,
        nonce -> Nullable<Binary>,
    }
}

table! {
    use diesel::sql_types::{Binary, Integer};
    use crate::sql_types::SqlUuid;

    attachment_contents (tenant_id, content_id, part) {
        tenant_id -> SqlUuid,
        content_id -> SqlUuid,
        part -> Integer,
        ciphertext -> Binary,
    }
}

table! {
    use diesel::sql_types::{Bool, Text};
    use crate::sql_types::{SqlInstant, SqlUuid};

    loose_contents (tenant_id, content_id) {
        tenant_id -> SqlUuid,
        content_id -> SqlUuid,
        place -> Text,
        since -> SqlInstant,
        erasing -> Bool,
    }
}

table! {
    use diesel::sql_types::{Nullable, Text};
    use crate::sql_types::{SqlInstant, SqlUuid};

    samples (tenant_id, case_id, closed_at) {
        tenant_id -> SqlUuid,
        case_id -> SqlUuid,
        closed_at -> SqlInstant,
        closed_by -> SqlUuid,
        verdict -> Nullable<Text>,
        text -> Nullable<Text>,
        looked_by -> Nullable<SqlUuid>,
        looked_at -> Nullable<SqlInstant>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::sql_types::{SqlInstant, SqlUuid};

    learning_cards (tenant_id, card_id) {
        tenant_id -> SqlUuid,
        card_id -> SqlUuid,
        title -> Text,
        text -> Text,
        category -> Text,
        status -> Text,
        written_by -> SqlUuid,
        written_at -> SqlInstant,
        approved_by -> Nullable<SqlUuid>,
        approved_at -> Nullable<SqlInstant>,
        withdrawn_by -> Nullable<SqlUuid>,
        withdrawn_at -> Nullable<SqlInstant>,
        withdrawn_reason -> Nullable<Text>,
        version -> BigInt,
        updated_at -> SqlInstant,
    }
}

table! {
    use crate::sql_types::SqlUuid;

    learning_card_cases (tenant_id, card_id, case_id) {
        tenant_id -> SqlUuid,
        card_id -> SqlUuid,
        case_id -> SqlUuid,
    }
}

table! {
    use crate::sql_types::{SqlDate, SqlInstant, SqlUuid};

    learning_card_meetings (tenant_id, card_id, unit_id, meeting_on) {
        tenant_id -> SqlUuid,
        card_id -> SqlUuid,
        unit_id -> SqlUuid,
        meeting_on -> SqlDate,
        noted_by -> SqlUuid,
        noted_at -> SqlInstant,
    }
}

table! {
    use crate::sql_types::SqlUuid;

    comment_mentions (tenant_id, case_id, comment_id, staff_id) {
        tenant_id -> SqlUuid,
        case_id -> SqlUuid,
        comment_id -> SqlUuid,
        staff_id -> SqlUuid,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::sql_types::{SqlInstant, SqlJson, SqlUuid};

    handovers (tenant_id, handover_id) {
        tenant_id -> SqlUuid,
        handover_id -> SqlUuid,
        giver_id -> SqlUuid,
        taker_id -> SqlUuid,
        note -> Nullable<Text>,
        content -> SqlJson,
        made_at -> SqlInstant,
        giver_signed_at -> Nullable<SqlInstant>,
        taker_signed_at -> Nullable<SqlInstant>,
        version -> BigInt,
    }
}

table! {
    use crate::sql_types::SqlUuid;

    handover_units (tenant_id, handover_id, unit_id) {
        tenant_id -> SqlUuid,
        handover_id -> SqlUuid,
        unit_id -> SqlUuid,
    }
}

table! {
    use diesel::sql_types::{Nullable, Text};
    use crate::sql_types::{SqlInstant, SqlUuid};

    duties (tenant_id, case_id, code) {
        tenant_id -> SqlUuid,
        case_id -> SqlUuid,
        code -> Text,
        state -> Text,
        asked_at -> SqlInstant,
        known_at -> SqlInstant,
        answered_at -> Nullable<SqlInstant>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Text};
    use crate::sql_types::{SqlInstant, SqlUuid};

    ladder_rungs (tenant_id, matter_id, step, version, rung) {
        tenant_id -> SqlUuid,
        matter_id -> SqlUuid,
        step -> Text,
        version -> BigInt,
        rung -> Text,
        role -> Text,
        told_at -> SqlInstant,
    }
}

table! {
    use diesel::sql_types::Text;
    use crate::sql_types::{SqlInstant, SqlUuid};

    board_months (tenant_id, month) {
        tenant_id -> SqlUuid,
        month -> Text,
        told_at -> SqlInstant,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::sql_types::{SqlDate, SqlInstant, SqlUuid};

    portal_contacts (tenant_id, contact_id) {
        tenant_id -> SqlUuid,
        contact_id -> SqlUuid,
        counterparty_id -> SqlUuid,
        kind -> Text,
        email -> Nullable<Text>,
        name -> Nullable<Text>,
        registered_at -> SqlInstant,
        registered_by -> Nullable<SqlUuid>,
        handed_over_by -> Nullable<SqlUuid>,
        revoked_at -> Nullable<SqlInstant>,
        revoked_by -> Nullable<SqlUuid>,
        revoked_reason -> Nullable<Text>,
        told_until -> Nullable<SqlInstant>,
        told_on -> Nullable<SqlDate>,
        told_week -> Nullable<SqlDate>,
        version -> BigInt,
    }
}

table! {
    use diesel::sql_types::{Binary, Integer};
    use crate::sql_types::{SqlInstant, SqlUuid};

    portal_code_words (tenant_id, counterparty_id) {
        tenant_id -> SqlUuid,
        counterparty_id -> SqlUuid,
        salt -> Binary,
        rounds -> Integer,
        hash -> Binary,
        set_at -> SqlInstant,
        set_by -> SqlUuid,
    }
}

table! {
    use diesel::sql_types::{BigInt, Integer, Nullable, Text};
    use crate::sql_types::{SqlInstant, SqlUuid};

    portal_links (tenant_id, link_id) {
        tenant_id -> SqlUuid,
        link_id -> SqlUuid,
        contact_id -> SqlUuid,
        forwarding_id -> Nullable<SqlUuid>,
        issued_at -> SqlInstant,
        issued_by -> Nullable<SqlUuid>,
        expires_at -> SqlInstant,
        status -> Text,
        failures -> Integer,
        used_at -> Nullable<SqlInstant>,
        ended_at -> Nullable<SqlInstant>,
        ended_by -> Nullable<SqlUuid>,
        ended_reason -> Nullable<Text>,
        version -> BigInt,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Integer, Nullable, Text};
    use crate::sql_types::{SqlInstant, SqlUuid};

    portal_codes (tenant_id, code_id) {
        tenant_id -> SqlUuid,
        code_id -> SqlUuid,
        contact_id -> SqlUuid,
        forwarding_id -> Nullable<SqlUuid>,
        way -> Text,
        locator -> Nullable<Binary>,
        hash -> Binary,
        issued_at -> SqlInstant,
        issued_by -> SqlUuid,
        expires_at -> SqlInstant,
        status -> Text,
        failures -> Integer,
        link_id -> Nullable<SqlUuid>,
        ended_at -> Nullable<SqlInstant>,
        version -> BigInt,
    }
}

table! {
    use diesel::sql_types::{Nullable, Text};
    use crate::sql_types::{SqlInstant, SqlUuid};

    portal_sessions (tenant_id, session_id) {
        tenant_id -> SqlUuid,
        session_id -> SqlUuid,
        link_id -> SqlUuid,
        factor -> Text,
        begun_at -> SqlInstant,
        ends_at -> SqlInstant,
        left_at -> Nullable<SqlInstant>,
    }
}

table! {
    use diesel::sql_types::{Nullable, Text};
    use crate::sql_types::{SqlInstant, SqlUuid};

    portal_entries (tenant_id, entry_id) {
        tenant_id -> SqlUuid,
        entry_id -> SqlUuid,
        at -> SqlInstant,
        contact_id -> SqlUuid,
        link_id -> Nullable<SqlUuid>,
        act -> Text,
        detail -> Nullable<Text>,
        request_id -> SqlUuid,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Integer, Text};
    use crate::sql_types::{SqlInstant, SqlUuid};

    portal_files (tenant_id, file_id) {
        tenant_id -> SqlUuid,
        file_id -> SqlUuid,
        forwarding_id -> SqlUuid,
        contact_id -> SqlUuid,
        name -> Text,
        kind -> Text,
        size -> BigInt,
        sha256 -> Binary,
        metadata -> Text,
        scan -> Text,
        added_at -> SqlInstant,
        content_id -> SqlUuid,
        place -> Text,
        key_version -> Integer,
        wrapped_key -> Binary,
        nonce -> Binary,
    }
}

table! {
    use diesel::sql_types::Bool;
    use crate::sql_types::SqlUuid;

    portal_exposures (tenant_id, entry_id, forwarding_id) {
        tenant_id -> SqlUuid,
        entry_id -> SqlUuid,
        forwarding_id -> SqlUuid,
        identity -> Bool,
    }
}

table! {
    use diesel::sql_types::{Binary, Nullable};
    use crate::sql_types::{SqlInstant, SqlUuid};

    receipts (tenant_id, receipt_hash) {
        tenant_id -> SqlUuid,
        receipt_hash -> Binary,
        case_id -> SqlUuid,
        contact_hash -> Nullable<Binary>,
        issued_at -> SqlInstant,
        replaced_at -> Nullable<SqlInstant>,
    }
}

table! {
    use diesel::sql_types::Nullable;
    use crate::sql_types::{SqlInstant, SqlUuid};

    receipt_renewals (tenant_id, renewal_id) {
        tenant_id -> SqlUuid,
        renewal_id -> SqlUuid,
        case_id -> SqlUuid,
        sent_at -> SqlInstant,
        expires_at -> SqlInstant,
        used_at -> Nullable<SqlInstant>,
    }
}

table! {
    use diesel::sql_types::{Binary, Integer, Nullable, Text};
    use crate::sql_types::{SqlInstant, SqlUuid};

    machine_keys (tenant_id, key_id) {
        tenant_id -> SqlUuid,
        key_id -> Text,
        public_key -> Binary,
        key_version -> Integer,
        wrapped_key -> Binary,
        nonce -> Binary,
        ciphertext -> Binary,
        made_at -> SqlInstant,
        signs_from -> SqlInstant,
        withdrawn_at -> Nullable<SqlInstant>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Integer, Text};
    use crate::sql_types::{SqlInstant, SqlUuid};

    machine_peers (tenant_id, counterparty_id) {
        tenant_id -> SqlUuid,
        counterparty_id -> SqlUuid,
        peer_id -> Text,
        endpoint -> Text,
        give_up_hours -> Integer,
        version -> BigInt,
        updated_at -> SqlInstant,
    }
}

table! {
    use diesel::sql_types::{Binary, Nullable, Text};
    use crate::sql_types::{SqlInstant, SqlUuid};

    machine_peer_keys (tenant_id, key_id) {
        tenant_id -> SqlUuid,
        key_id -> Text,
        counterparty_id -> SqlUuid,
        public_key -> Binary,
        registered_at -> SqlInstant,
        registered_by -> SqlUuid,
        revoked_at -> Nullable<SqlInstant>,
        revoked_by -> Nullable<SqlUuid>,
    }
}

table! {
    use diesel::sql_types::Text;
    use crate::sql_types::{SqlInstant, SqlUuid};

    machine_nonces (tenant_id, key_id, nonce) {
        tenant_id -> SqlUuid,
        key_id -> Text,
        nonce -> Text,
        expires_at -> SqlInstant,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::sql_types::{SqlInstant, SqlJson, SqlUuid};

    machine_threads (tenant_id, forwarding_id) {
        tenant_id -> SqlUuid,
        forwarding_id -> SqlUuid,
        counterparty_id -> SqlUuid,
        thread_id -> SqlUuid,
        told_version -> BigInt,
        told -> SqlJson,
        sent_sequence -> BigInt,
        taken_sequence -> BigInt,
        their_status -> Nullable<Text>,
        their_status_at -> Nullable<SqlInstant>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Integer, Nullable, Text};
    use crate::sql_types::{SqlInstant, SqlUuid};

    machine_messages (tenant_id, message_id) {
        tenant_id -> SqlUuid,
        message_id -> SqlUuid,
        forwarding_id -> SqlUuid,
        sequence -> BigInt,
        kind -> Text,
        key_version -> Nullable<Integer>,
        wrapped_key -> Nullable<Binary>,
        nonce -> Nullable<Binary>,
        ciphertext -> Nullable<Binary>,
        made_at -> SqlInstant,
        give_up_at -> SqlInstant,
        next_try_at -> Nullable<SqlInstant>,
        attempts -> Integer,
        tried_at -> Nullable<SqlInstant>,
        problem -> Nullable<Text>,
        settled_at -> Nullable<SqlInstant>,
        outcome -> Nullable<Text>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};
    use crate::sql_types::{SqlInstant, SqlUuid};

    machine_taken (tenant_id, counterparty_id, message_id) {
        tenant_id -> SqlUuid,
        counterparty_id -> SqlUuid,
        message_id -> SqlUuid,
        thread_id -> SqlUuid,
        forwarding_id -> Nullable<SqlUuid>,
        sequence -> BigInt,
        kind -> Text,
        digest -> Binary,
        taken_at -> SqlInstant,
        refused -> Nullable<Text>,
    }
}

table! {
    use diesel::sql_types::{Nullable, SmallInt, Text};
    use crate::sql_types::{SqlInstant, SqlJson, SqlUuid};

    report_confirmations (tenant_id, year, sha256) {
        tenant_id -> SqlUuid,
        year -> SmallInt,
        sha256 -> Text,
        kind -> Text,
        section -> Text,
        found -> SqlJson,
        confirmed_by -> SqlUuid,
        confirmed_at -> SqlInstant,
        withdrawn_by -> Nullable<SqlUuid>,
        withdrawn_at -> Nullable<SqlInstant>,
    }
}

table! {
    use diesel::sql_types::{BigInt, SmallInt};
    use crate::sql_types::{SqlInstant, SqlJson, SqlUuid};

    report_marks (tenant_id, year) {
        tenant_id -> SqlUuid,
        year -> SmallInt,
        marks -> SqlJson,
        marked_by -> SqlUuid,
        marked_at -> SqlInstant,
        version -> BigInt,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable, SmallInt, Text};
    use crate::sql_types::{SqlInstant, SqlUuid};

    exposures (tenant_id, exposure_id) {
        tenant_id -> SqlUuid,
        exposure_id -> SqlUuid,
        unit_id -> SqlUuid,
        kind -> Text,
        year -> SmallInt,
        from_month -> SmallInt,
        to_month -> SmallInt,
        hundredths -> BigInt,
        source -> Nullable<Text>,
        version -> BigInt,
        updated_at -> SqlInstant,
    }
}

table! {
    use diesel::sql_types::{BigInt, Integer, Nullable, SmallInt, Text};
    use crate::sql_types::{SqlDate, SqlInstant, SqlUuid};

    reports (tenant_id, year) {
        tenant_id -> SqlUuid,
        year -> SmallInt,
        status -> Text,
        newest -> Integer,
        established_on -> Nullable<SqlDate>,
        board -> Text,
        board_version -> Nullable<Integer>,
        board_on -> Nullable<SqlDate>,
        board_paragraph -> Nullable<Text>,
        board_by -> Nullable<SqlUuid>,
        board_at -> Nullable<SqlInstant>,
        edits -> BigInt,
        version -> BigInt,
        updated_at -> SqlInstant,
    }
}

table! {
    use diesel::sql_types::{Integer, Nullable, SmallInt, Text};
    use crate::sql_types::{SqlDate, SqlInstant, SqlUuid};

    report_versions (tenant_id, year, report_version) {
        tenant_id -> SqlUuid,
        year -> SmallInt,
        report_version -> Integer,
        content -> Text,
        sha256 -> Text,
        read_at -> SqlInstant,
        as_of -> SqlDate,
        definitions -> Integer,
        locked_by -> SqlUuid,
        locked_at -> SqlInstant,
        checked_by -> Nullable<SqlUuid>,
        checked_at -> Nullable<SqlInstant>,
        established_on -> Nullable<SqlDate>,
        established_by -> Nullable<SqlUuid>,
        established_at -> Nullable<SqlInstant>,
        capacity -> Nullable<Text>,
        reference -> Nullable<Text>,
    }
}

table! {
    use diesel::sql_types::{BigInt, SmallInt, Text};
    use crate::sql_types::{SqlInstant, SqlUuid};

    report_texts (tenant_id, year, section) {
        tenant_id -> SqlUuid,
        year -> SmallInt,
        section -> Text,
        text -> Text,
        written_by -> SqlUuid,
        author -> Text,
        written_at -> SqlInstant,
        version -> BigInt,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable, SmallInt, Text};
    use crate::sql_types::{SqlDate, SqlInstant, SqlUuid};

    report_paragraphs (tenant_id, paragraph_id) {
        tenant_id -> SqlUuid,
        paragraph_id -> SqlUuid,
        year -> SmallInt,
        section -> Text,
        unit_id -> SqlUuid,
        asked_by -> SqlUuid,
        asked_at -> SqlInstant,
        due_on -> Nullable<SqlDate>,
        text -> Nullable<Text>,
        written_by -> Nullable<SqlUuid>,
        author -> Nullable<Text>,
        written_at -> Nullable<SqlInstant>,
        version -> BigInt,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable, SmallInt, Text};
    use crate::sql_types::{SqlInstant, SqlUuid};

    report_goals (tenant_id, goal_id) {
        tenant_id -> SqlUuid,
        goal_id -> SqlUuid,
        kind -> Text,
        set_in -> SmallInt,
        year -> SmallInt,
        section -> Text,
        text -> Text,
        set_by -> SqlUuid,
        set_at -> SqlInstant,
        reached -> Nullable<Text>,
        answer -> Nullable<Text>,
        answered_by -> Nullable<SqlUuid>,
        answered_at -> Nullable<SqlInstant>,
        version -> BigInt,
    }
}

table! {
    use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text};
    use crate::sql_types::{SqlDate, SqlInstant, SqlUuid};

    own_figures (tenant_id, figure_id) {
        tenant_id -> SqlUuid,
        figure_id -> SqlUuid,
        name -> Text,
        unit_id -> Nullable<SqlUuid>,
        period_from -> SqlDate,
        period_to -> SqlDate,
        value -> Nullable<BigInt>,
        of_value -> Nullable<BigInt>,
        percent_tenths -> Nullable<Integer>,
        source -> Text,
        entered_by -> SqlUuid,
        entered_at -> SqlInstant,
        withdrawn -> Bool,
        version -> BigInt,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::sql_types::{SqlInstant, SqlUuid};

    report_partners (tenant_id, other_id) {
        tenant_id -> SqlUuid,
        other_id -> SqlUuid,
        slug -> Text,
        name -> Text,
        side -> Text,
        agreed_by -> SqlUuid,
        agreed_at -> SqlInstant,
        ended_by -> Nullable<SqlUuid>,
        ended_at -> Nullable<SqlInstant>,
        version -> BigInt,
    }
}

table! {
    use diesel::sql_types::{Integer, SmallInt};
    use crate::sql_types::{SqlInstant, SqlUuid};

    report_shares (tenant_id, year, report_version, other_id) {
        tenant_id -> SqlUuid,
        year -> SmallInt,
        report_version -> Integer,
        other_id -> SqlUuid,
        shared_by -> SqlUuid,
        shared_at -> SqlInstant,
    }
}

table! {
    use diesel::sql_types::{BigInt, Integer, Nullable, SmallInt, Text};
    use crate::sql_types::{SqlDate, SqlInstant, SqlUuid};

    shared_reports (tenant_id, provider_id, year, report_version) {
        tenant_id -> SqlUuid,
        provider_id -> SqlUuid,
        year -> SmallInt,
        report_version -> Integer,
        slug -> Text,
        name -> Text,
        content -> Text,
        sha256 -> Text,
        locked_at -> SqlInstant,
        established_on -> SqlDate,
        shared_at -> SqlInstant,
        noted_on -> Nullable<SqlDate>,
        noted_paragraph -> Nullable<Text>,
        noted_by -> Nullable<SqlUuid>,
        noted_at -> Nullable<SqlInstant>,
        withdrawn_at -> Nullable<SqlInstant>,
        withdrawn_reason -> Nullable<Text>,
        version -> BigInt,
    }
}

table! {
    use diesel::sql_types::{BigInt, Integer, Nullable, Text};
    use crate::sql_types::{SqlDate, SqlInstant, SqlJson, SqlUuid};

    reviews (tenant_id, review_id) {
        tenant_id -> SqlUuid,
        review_id -> SqlUuid,
        half -> Text,
        subject_key -> Text,
        unit_id -> SqlUuid,
        status -> Text,
        due_on -> SqlDate,
        signed_at -> Nullable<SqlInstant>,
        signed_by -> Nullable<SqlUuid>,
        owed -> Integer,
        document -> SqlJson,
        created_at -> SqlInstant,
        version -> BigInt,
        updated_at -> SqlInstant,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::sql_types::{SqlInstant, SqlJson, SqlUuid};

    review_history (tenant_id, review_id, version) {
        tenant_id -> SqlUuid,
        review_id -> SqlUuid,
        version -> BigInt,
        at -> SqlInstant,
        staff_id -> Nullable<SqlUuid>,
        command -> Text,
        from_status -> Nullable<Text>,
        to_status -> Text,
        changes -> SqlJson,
        reason -> Nullable<Text>,
    }
}

table! {
    use diesel::sql_types::BigInt;
    use crate::sql_types::{SqlJson, SqlUuid};

    review_figures (tenant_id, review_id, version) {
        tenant_id -> SqlUuid,
        review_id -> SqlUuid,
        version -> BigInt,
        page -> SqlJson,
    }
}

table! {
    use diesel::sql_types::{Integer, SmallInt, Text};
    use crate::sql_types::{SqlInstant, SqlUuid};

    report_issues (tenant_id, issue) {
        tenant_id -> SqlUuid,
        issue -> Integer,
        year -> SmallInt,
        report_version -> Integer,
        content -> Text,
        issued_at -> SqlInstant,
    }
}

allow_tables_to_appear_in_same_query!(record_keys, opinion_senders);
allow_tables_to_appear_in_same_query!(record_keys, escalation_persons);
allow_tables_to_appear_in_same_query!(escalations, escalation_readers);
table! {
    use diesel::sql_types::BigInt;
    use crate::sql_types::{SqlInstant, SqlJson, SqlUuid};

    retention_plans (tenant_id, version) {
        tenant_id -> SqlUuid,
        version -> BigInt,
        rules -> SqlJson,
        set_by -> SqlUuid,
        set_at -> SqlInstant,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};
    use crate::sql_types::{SqlDate, SqlInstant, SqlUuid};

    legal_holds (tenant_id, hold_id) {
        tenant_id -> SqlUuid,
        hold_id -> SqlUuid,
        case_id -> Nullable<SqlUuid>,
        blind_index -> Nullable<Binary>,
        reason -> Text,
        placed_by -> SqlUuid,
        placed_at -> SqlInstant,
        until -> Nullable<SqlDate>,
        lifted_by -> Nullable<SqlUuid>,
        lifted_at -> Nullable<SqlInstant>,
        lifted_reason -> Nullable<Text>,
        version -> BigInt,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};
    use crate::sql_types::{SqlDate, SqlInstant, SqlUuid};

    retention_runs (tenant_id, run_id) {
        tenant_id -> SqlUuid,
        run_id -> SqlUuid,
        plan_version -> BigInt,
        as_of -> SqlDate,
        made_by -> SqlUuid,
        made_at -> SqlInstant,
        listed -> BigInt,
        held -> BigInt,
        hash -> Binary,
        status -> Text,
        decision -> Nullable<Text>,
        ordered_by -> Nullable<SqlUuid>,
        ordered_at -> Nullable<SqlInstant>,
        done_at -> Nullable<SqlInstant>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::sql_types::{SqlDate, SqlInstant, SqlJson, SqlUuid};

    retention_items (tenant_id, run_id, position) {
        tenant_id -> SqlUuid,
        run_id -> SqlUuid,
        position -> BigInt,
        kind -> Text,
        object_id -> SqlUuid,
        case_id -> Nullable<SqlUuid>,
        number -> Nullable<Text>,
        since -> SqlInstant,
        due_on -> SqlDate,
        basis -> Text,
        object_version -> BigInt,
        investigation_id -> Nullable<SqlUuid>,
        parts -> SqlJson,
        held -> Nullable<Text>,
        outcome -> Nullable<Text>,
        settled_at -> Nullable<SqlInstant>,
    }
}

table! {
    use diesel::sql_types::{BigInt, Binary, Nullable, Text};
    use crate::sql_types::{SqlDate, SqlInstant, SqlJson, SqlUuid};

    disclosures (tenant_id, disclosure_id) {
        tenant_id -> SqlUuid,
        disclosure_id -> SqlUuid,
        case_id -> SqlUuid,
        case_version -> BigInt,
        decision -> Text,
        asked_on -> SqlDate,
        reference -> Nullable<Text>,
        motivation -> Nullable<Text>,
        appeal -> Nullable<Text>,
        content -> Nullable<Text>,
        sha256 -> Nullable<Binary>,
        masks -> SqlJson,
        decided_by -> SqlUuid,
        decided_at -> SqlInstant,
    }
}

allow_tables_to_appear_in_same_query!(
    reports,
    report_versions,
    report_texts,
    report_paragraphs,
    report_goals,
    own_figures,
    report_partners,
    report_shares,
    shared_reports,
    portal_contacts,
    portal_code_words,
    portal_links,
    portal_codes,
    portal_sessions,
    portal_entries,
    portal_exposures,
    portal_files,
    receipts,
    receipt_renewals,
    machine_peers,
    machine_peer_keys,
    machine_threads,
    machine_messages,
    leases,
    duties,
    ladder_rungs,
    board_months,
    comment_mentions,
    handovers,
    handover_units,
    learning_cards,
    publications,
    report_confirmations,
    report_marks,
    opinions,
    learning_card_cases,
    learning_card_meetings,
    samples,
    attachments,
    attachment_contents,
    loose_contents,
    tenants,
    units,
    staff,
    grants,
    grant_units,
    group_grants,
    group_grant_units,
    grants_by_group,
    group_tokens,
    settings,
    watches,
    conflicts,
    comments,
    case_units,
    tenant_codes,
    subjects,
    investigations,
    causes,
    measures,
    measure_causes,
    cases,
    feedback,
    case_links,
    case_history,
    audit_entries,
    access_entries,
    access_exposures,
    chain_links,
    chain_heads,
    tenant_keys,
    record_keys,
    access_searches,
    reading_grounds,
    spot_checks,
    spot_check_readings,
    case_facts,
    case_answers,
    outbox,
    idempotency_keys,
    counterparties,
    forwardings,
    forwarding_history,
    forwarding_subjects,
    escalations,
    reviews,
    review_history,
    review_figures,
    retention_plans,
    legal_holds,
    retention_runs,
    retention_items,
    disclosures
);
