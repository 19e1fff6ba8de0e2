//! What holds for a parameter or a body wherever it stands, said in the description in one place.

use std::collections::BTreeSet;

use utoipa::Number;
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::openapi::schema::{KnownFormat, Object, Schema, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{Content, OpenApi, PathItem, RefOr, Required};

/// Says of every parameter what is taken, and which bodies may be left out, so that a client need not try.
pub(crate) fn tighten(document: &mut OpenApi) {
    let free = nothing_required(document);
    for item in document.paths.paths.values_mut() {
        let PathItem { get, put, post, delete, patch, .. } = item;
        for operation in [get, put, post, delete, patch].into_iter().flatten() {
            for parameter in operation.parameters.iter_mut().flatten() {
                if let RefOr::T(parameter) = parameter {
                    bound(parameter);
                }
            }
            if let Some(RefOr::T(body)) = &mut operation.request_body
                && body.content.values().all(|content| is_one_of(content, &free))
            {
                body.required = Some(Required::False);
            }
        }
    }
}

/// The schemas of which every field may be left out, by their references: a body left out is taken as one
/// without fields.
fn nothing_required(document: &OpenApi) -> BTreeSet<String> {
    let all = document.components.iter().flat_map(|components| &components.schemas);
    let free = all.filter(|(_, schema)| {
        matches!(schema, RefOr::T(Schema::Object(object)) if object.required.is_empty()
            && object.schema_type == SchemaType::Type(Type::Object))
    });
    free.map(|(name, _)| format!("#/components/schemas/{name}")).collect()
}

fn is_one_of(content: &RefOr<Content>, schemas: &BTreeSet<String>) -> bool {
    let RefOr::T(content) = content else { return false };
    matches!(&content.schema, Some(RefOr::Ref(named)) if schemas.contains(&named.ref_location))
}

fn bound(parameter: &mut Parameter) {
    let Parameter { name, parameter_in, description, schema, .. } = parameter;
    let Some(RefOr::T(Schema::Object(schema))) = schema else { return };
    match (&*parameter_in, name.as_str()) {
        (ParameterIn::Header, "Idempotency-Key") => {
            (schema.min_length, schema.max_length) =
                (Some(1), Some(crate::extract::conditions::KEY_LENGTH));
        }
        (ParameterIn::Query, "limit") => {
            schema.minimum = Some(Number::UInt(1));
            schema.maximum = Some(Number::UInt(500));
            schema.default = Some(50.into());
        }
        (
            ParameterIn::Query,
            "as_of" | "on" | "open_on" | "reported_from" | "reported_to" | "since",
        ) => schema.format = Some(SchemaFormat::KnownFormat(KnownFormat::Date)),
        (ParameterIn::Query, "half") => schema.pattern = Some("^[0-9]{4}-H[12]$".to_owned()),
        (ParameterIn::Query, "format") => choices(schema, description.as_deref()),
        _ => {}
    }
}

/// The values that a description names, each between backticks.
fn choices(schema: &mut Object, description: Option<&str>) {
    let named = description.unwrap_or_default().split('`').skip(1).step_by(2);
    let values: Vec<_> = named.map(Into::into).collect();
    schema.enum_values = (!values.is_empty()).then_some(values);
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_parameter_says_what_is_taken() {
        let document = serde_json::to_value(crate::document()).expect("JSON");
        let parameter = |path: &str, method: &str, name: &str| {
            let all = document["paths"][path][method]["parameters"].as_array().expect("parameters");
            let found = all.iter().find(|parameter| parameter["name"] == name);
            found.expect("the parameter")["schema"].clone()
        };
        let limit = parameter("/api/v1/cases", "get", "limit");
        assert_eq!((&limit["minimum"], &limit["maximum"]), (&1.into(), &500.into()));
        let key = parameter("/api/v1/cases", "post", "Idempotency-Key");
        assert_eq!(key["maxLength"], 255);
        let format = parameter("/api/v1/cases/{id}/record", "get", "format");
        assert_eq!(format["enum"], serde_json::json!(["html", "zip"]));
        let format = parameter("/api/v1/reviews/{id}", "get", "format");
        assert_eq!(format["enum"], serde_json::json!(["json", "html"]));
    }

    #[test]
    fn a_body_may_be_left_out_where_each_of_its_fields_may() {
        let document = serde_json::to_value(crate::document()).expect("JSON");
        let required =
            |path: &str| document["paths"][path]["post"]["requestBody"]["required"].clone();
        assert_eq!(required("/api/v1/settings/flags/preview"), false);
        assert_eq!(required("/api/v1/cases"), true);
    }
}
