//! Checking request bodies against their own schema from the description: all faults at once, each
//! with its JSON pointer.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use domain::fault::{Fault, Reason};
use jsonschema::error::ValidationErrorKind as Kind;
use jsonschema::{ValidationError, Validator};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::problem::ApiError;

/// The schemas of the description, by name. One is compiled when the first body comes that it is for:
/// most operations are not asked for in most hours, and a compiled schema is large.
pub struct Schemas(BTreeMap<&'static str, Schema>);

struct Schema {
    written: &'static RawValue,
    compiled: OnceLock<Option<Validator>>,
}

impl Schemas {
    /// The schemas as they are written in a description.
    pub fn of(written: BTreeMap<&'static str, &'static RawValue>) -> Self {
        let schema = |written| Schema { written, compiled: OnceLock::new() };
        Self(written.into_iter().map(|(name, written)| (name, schema(written))).collect())
    }

    /// `None` for a name that is not there, or a schema that does not compile, which a test holds
    /// none to be.
    fn validator(&self, name: &str) -> Option<&Validator> {
        let compile = || {
            let validator =
                self.needed(name).map_err(|error| error.to_string()).and_then(|needed| {
                    let schema = json!({
                        "$ref": format!("#/components/schemas/{name}"),
                        "components": { "schemas": needed },
                    });
                    jsonschema::options()
                        .should_validate_formats(true)
                        .build(&schema)
                        .map_err(|error| error.to_string())
                });
            validator.inspect_err(|error| tracing::error!(error, "a schema")).ok()
        };
        self.0.get(name)?.compiled.get_or_init(compile).as_ref()
    }

    /// The schema `name` with those it refers to, and so on. A validator keeps all it is given, and
    /// there is one for each request body.
    fn needed(&self, name: &str) -> serde_json::Result<Map<String, Value>> {
        let mut found = Map::new();
        let mut wanted = vec![name.to_owned()];
        while let Some(name) = wanted.pop() {
            if let Some(schema) = self.0.get(name.as_str())
                && !found.contains_key(&name)
            {
                let schema = serde_json::from_str(schema.written.get())?;
                references(&schema, &mut wanted);
                found.insert(name, schema);
            }
        }
        Ok(found)
    }

    /// Every fault of `body` against the schema `name`.
    ///
    /// # Errors
    /// [`NoSchema`] where there is none that a body could be held to: a fault of ours, which nobody's body is
    /// to blame for.
    pub fn faults(&self, name: &str, body: &Value) -> Result<Vec<Fault>, NoSchema> {
        let Some(validator) = self.validator(name) else {
            return Err(NoSchema(name.to_owned()));
        };
        let mut faults = Vec::new();
        for error in validator.iter_errors(body) {
            collect(&error, body, &mut faults);
        }
        Ok(faults)
    }
}

/// A request body has no schema in the description, or one that does not compile.
#[derive(Debug)]
pub struct NoSchema(String);

impl From<NoSchema> for ApiError {
    /// Logged where every error becomes an answer.
    fn from(missing: NoSchema) -> Self {
        let what = format!("no schema for the request body {}", missing.0);
        ApiError::App(app::Error::Internal(what))
    }
}

/// The names a schema refers to.
fn references(schema: &Value, found: &mut Vec<String>) {
    match schema {
        Value::Object(fields) => {
            for (name, value) in fields {
                match (name.as_str(), value.as_str().and_then(|text| text.rsplit('/').next())) {
                    ("$ref", Some(target)) => found.push(target.to_owned()),
                    _ => references(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Turns one error into faults. An optional object is "null or this": its faults are those of the
/// branch that is not null.
fn collect(error: &ValidationError<'_>, body: &Value, faults: &mut Vec<Fault>) {
    let pointer = error.instance_path().to_string();
    let reason = match error.kind() {
        Kind::AdditionalProperties { unexpected } => {
            faults.extend(unexpected.iter().map(|name| unknown(&pointer, name)));
            return;
        }
        // What takes nothing is only said not to take this.
        Kind::FalseSchema => match body.pointer(&pointer) {
            Some(Value::Object(fields)) if !fields.is_empty() => {
                faults.extend(fields.keys().map(|name| unknown(&pointer, name)));
                return;
            }
            _ => Reason::WrongType { expected: error.kind().keyword().to_owned() },
        },
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            faults.push(Fault::at(format!("{pointer}/{name}"), Reason::Required));
            return;
        }
        Kind::OneOfNotValid { context } | Kind::AnyOf { context } => {
            let branch = context.iter().find(|branch| !branch.iter().any(is_null_branch));
            match branch {
                Some(branch) if !branch.is_empty() => {
                    for inner in branch {
                        collect(inner, body, faults);
                    }
                    return;
                }
                _ => Reason::WrongType { expected: error.kind().keyword().to_owned() },
            }
        }
        Kind::MaxLength { limit } => {
            Reason::TooLong { max: usize::try_from(*limit).unwrap_or(usize::MAX) }
        }
        Kind::MinLength { .. } => Reason::Required,
        Kind::Minimum { limit } => match limit.as_i64() {
            Some(min) => Reason::OutOfRange { min, max: i64::MAX },
            None => Reason::WrongType { expected: "number".into() },
        },
        Kind::Maximum { limit } => match limit.as_i64() {
            Some(max) => Reason::OutOfRange { min: i64::MIN, max },
            None => Reason::WrongType { expected: "number".into() },
        },
        Kind::MinItems { .. } => Reason::Required,
        Kind::MaxItems { limit } => {
            Reason::TooMany { max: usize::try_from(*limit).unwrap_or(usize::MAX) }
        }
        Kind::Pattern { pattern } if pattern.starts_with(r"^\d{4}-") => {
            Reason::WrongType { expected: "a month, YYYY-MM".into() }
        }
        Kind::Enum { options } => Reason::WrongType { expected: one_of(options) },
        Kind::Format { format } => Reason::WrongType { expected: format.clone() },
        Kind::Type { kind } => Reason::WrongType { expected: type_name(kind) },
        other => Reason::WrongType { expected: other.keyword().to_owned() },
    };
    faults.push(Fault::at(pointer, reason));
}

fn unknown(pointer: &str, name: &str) -> Fault {
    let name = name.replace('~', "~0").replace('/', "~1");
    Fault::at(format!("{pointer}/{name}"), Reason::UnknownField)
}

/// Whether an error only says that the value is not null.
fn is_null_branch(error: &ValidationError<'_>) -> bool {
    matches!(error.kind(), Kind::Type { kind } if type_name(kind) == "null")
        && error.schema_path().to_string().contains("/oneOf/")
}

fn one_of(options: &Value) -> String {
    let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
    options.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" | ")
}

fn type_name(kind: &jsonschema::error::TypeKind) -> String {
    match kind {
        jsonschema::error::TypeKind::Single(kind) => kind.to_string(),
        jsonschema::error::TypeKind::Multiple(kinds) => kinds
            .iter()
            .map(|kind| kind.to_string())
            .filter(|kind| kind != "null")
            .collect::<Vec<_>>()
            .join(" | "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_compiles() {
        let schemas =
            crate::openapi::Described::of(crate::openapi::WRITTEN).expect("JSON").schemas();
        let schemas = Schemas::of(schemas);
        assert!(schemas.0.len() > 100, "{}", schemas.0.len());
        for name in schemas.0.keys() {
            assert!(schemas.validator(name).is_some(), "{name}");
        }
    }

    #[test]
    fn a_body_without_a_schema_is_our_fault_and_not_the_callers() {
        let missing = Schemas::of(BTreeMap::new()).faults("Nothing", &json!({}));
        let error = ApiError::from(missing.expect_err("no schema"));
        assert_eq!(actix_web::ResponseError::status_code(&error).as_u16(), 500);
    }
}
