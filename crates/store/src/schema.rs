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
    use diesel::sql_types::{BigInt, Nullable, Text};
    use crate::sql_types::{SqlInstant, SqlUuid};

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
    use diesel::sql_types::{Bool, Nullable, Text};
    use crate::sql_types::{SqlInstant, SqlUuid};

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
    use diesel::sql_types::{BigInt, Bool, Nullable, Text};
    use crate::sql_types::{SqlInstant, SqlJson, SqlUuid};

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
    use diesel::sql_types::{BigInt, Nullable, Text};
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
    }
}

table! {
    use diesel::sql_types::{Nullable, Text};
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
    }
}

table! {
    use diesel::sql_types::{Nullable, Text};
    use crate::sql_types::{SqlInstant, SqlJson, SqlUuid};

    outbox (tenant_id, message_id) {
        tenant_id -> SqlUuid,
        message_id -> SqlUuid,
        created_at -> SqlInstant,
        topic -> Text,
        case_id -> Nullable<SqlUuid>,
        payload -> SqlJson,
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
    use diesel::sql_types::Text;
    use crate::sql_types::SqlUuid;

    counterparties (tenant_id, counterparty_id) {
        tenant_id -> SqlUuid,
        counterparty_id -> SqlUuid,
        name -> Text,
        kind -> Text,
    }
}

table! {
    use diesel::sql_types::{Nullable, Text};
    use crate::sql_types::{SqlInstant, SqlUuid};

    forwardings (tenant_id, forwarding_id) {
        tenant_id -> SqlUuid,
        forwarding_id -> SqlUuid,
        direction -> Text,
        case_id -> Nullable<SqlUuid>,
        counterparty_id -> SqlUuid,
        matter -> Text,
        sent_at -> SqlInstant,
        answered_at -> Nullable<SqlInstant>,
        import_key -> Nullable<Text>,
    }
}

table! {
    use diesel::sql_types::{Bool, Nullable, Text};
    use crate::sql_types::{SqlInstant, SqlUuid};

    escalations (tenant_id, escalation_id) {
        tenant_id -> SqlUuid,
        escalation_id -> SqlUuid,
        case_id -> SqlUuid,
        kind -> Text,
        flagged_at -> SqlInstant,
        decided_at -> Nullable<SqlInstant>,
        notified_at -> Nullable<SqlInstant>,
        ivo_decided_at -> Nullable<SqlInstant>,
        motivation -> Nullable<Text>,
        imported -> Bool,
    }
}

allow_tables_to_appear_in_same_query!(
    tenants,
    units,
    staff,
    grants,
    grant_units,
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
    case_facts,
    outbox,
    idempotency_keys,
    counterparties,
    forwardings,
    escalations
);
