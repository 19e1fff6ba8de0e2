//! Checking request bodies against their own schema from the description: all faults at once, each
//! with its JSON pointer.

use std::collections::HashMap;
use std::sync::OnceLock;

use domain::fault::{Fault, Reason};
use jsonschema::error::ValidationErrorKind as Kind;
use jsonschema::{ValidationError, Validator};
use serde_json::{Map, Value, json};

/// The schemas of all request bodies, by name.
pub struct Schemas(HashMap<String, Schema>);

/// The schema of one request body with all it refers to, compiled when the first such body comes:
/// most operations are not asked for in most hours, and a compiled schema is large.
struct Schema {
    text: Box<str>,
    compiled: OnceLock<Option<Validator>>,
}

impl Schema {
    /// `None` for a schema that does not compile, which a test holds none to be.
    fn validator(&self) -> Option<&Validator> {
        let compile = || {
            let schema = serde_json::from_str(&self.text).map_err(|error| error.to_string());
            let validator = schema.and_then(|schema: Value| {
                jsonschema::options()
                    .should_validate_formats(true)
                    .build(&schema)
                    .map_err(|error| error.to_string())
            });
            validator.inspect_err(|error| tracing::error!(error, "a schema")).ok()
        };
        self.compiled.get_or_init(compile).as_ref()
    }
}

impl Schemas {
    /// The schemas that the description's request bodies name.
    pub fn of(description: &Value) -> Self {
        let mut schemas = HashMap::new();
        let paths = description["paths"].as_object().into_iter().flat_map(|paths| paths.values());
        let operations = paths.filter_map(Value::as_object).flat_map(|path| path.values());
        for operation in operations {
            let reference =
                operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].as_str();
            let Some(reference) = reference else { continue };
            let Some(name) = reference.rsplit('/').next() else { continue };
            let schema = json!({
                "$ref": reference,
                "components": { "schemas": needed(name, &description["components"]["schemas"]) },
            });
            let text = schema.to_string().into_boxed_str();
            schemas.insert(name.to_owned(), Schema { text, compiled: OnceLock::new() });
        }
        Self(schemas)
    }

    /// Every fault of `body` against the schema `name`.
    pub fn faults(&self, name: &str, body: &Value) -> Vec<Fault> {
        let Some(validator) = self.0.get(name).and_then(Schema::validator) else {
            tracing::error!(name, "a request body without a schema");
            return vec![Fault::at("", Reason::WrongType { expected: "nothing".into() })];
        };
        let mut faults = Vec::new();
        for error in validator.iter_errors(body) {
            collect(&error, &mut faults);
        }
        faults
    }
}

/// The schema `name` with those it refers to, and so on. A validator keeps all it is given, and there
/// is one for each request body.
fn needed(name: &str, schemas: &Value) -> Map<String, Value> {
    let mut found = Map::new();
    let mut wanted = vec![name.to_owned()];
    while let Some(name) = wanted.pop() {
        if let Some(schema) = schemas.get(&name)
            && !found.contains_key(&name)
        {
            references(schema, &mut wanted);
            found.insert(name, schema.clone());
        }
    }
    found
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
fn collect(error: &ValidationError<'_>, faults: &mut Vec<Fault>) {
    let pointer = error.instance_path().to_string();
    let reason = match error.kind() {
        Kind::AdditionalProperties { unexpected } => {
            for name in unexpected {
                let name = name.replace('~', "~0").replace('/', "~1");
                faults.push(Fault::at(format!("{pointer}/{name}"), Reason::UnknownField));
            }
            return;
        }
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
                        collect(inner, faults);
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
        Kind::Minimum { .. } | Kind::Maximum { .. } => {
            // Only octets have such limits; what they mean is checked by the domain.
            Reason::WrongType { expected: "integer 0–255".into() }
        }
        Kind::MaxItems { limit } => {
            Reason::OutOfRange { min: 0, max: i64::try_from(*limit).unwrap_or(i64::MAX) }
        }
        Kind::Enum { options } => Reason::WrongType { expected: one_of(options) },
        Kind::Format { format } => Reason::WrongType { expected: format.clone() },
        Kind::Type { kind } => Reason::WrongType { expected: type_name(kind) },
        other => Reason::WrongType { expected: other.keyword().to_owned() },
    };
    faults.push(Fault::at(pointer, reason));
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
        let description = crate::openapi::document().to_json().expect("a description");
        let schemas = Schemas::of(&serde_json::from_str(&description).expect("JSON"));
        assert!(schemas.0.len() > 30, "{}", schemas.0.len());
        for (name, schema) in &schemas.0 {
            assert!(schema.validator().is_some(), "{name}");
        }
    }
}
