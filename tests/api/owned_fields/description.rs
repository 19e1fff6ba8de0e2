//! What the description says of bodies and answers.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use testkit::Service;

/// Fields that rows have and no body gives, whatever the answer shows of them.
const OWNED: [&str; 32] = [
    "id",
    "status",
    "state",
    "version",
    "number",
    "tenant",
    "tenant_id",
    "staff_id",
    "track",
    "outcome",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
    "reported_at",
    "reported_by",
    "registered_at",
    "registered_by",
    "triaged_at",
    "assessed_by",
    "decided_by",
    "decided_at",
    "approved_by",
    "approved_at",
    "closed_at",
    "closed_by",
    "entered_by",
    "withdrawn",
    "erased_at",
    "warnings",
    "commands",
    "hash",
];

/// The description, as it is served.
pub struct Description(Value);

impl Description {
    pub fn of(service: &Service) -> Self {
        Self(service.anonymous().get("/openapi.json").expect(200).json())
    }

    /// Every operation with a JSON body: method, path, and the body's schema.
    pub fn bodies(&self) -> Vec<(String, String, &Value)> {
        let mut found = Vec::new();
        for (path, item) in self.0["paths"].as_object().expect("paths") {
            for (method, operation) in item.as_object().expect("methods") {
                let body = &operation["requestBody"]["content"]["application/json"]["schema"];
                if !body.is_null() {
                    found.push((method.to_uppercase(), path.clone(), body));
                }
            }
        }
        found
    }

    /// The name of a schema, if it has one, and what it says.
    pub fn resolved<'a>(&'a self, schema: &'a Value) -> (Option<&'a str>, &'a Value) {
        match schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
            Some(name) => (Some(name), &self.0["components"]["schemas"][name]),
            None => (None, schema),
        }
    }

    /// What a field is when it is not null, where that is one thing.
    pub fn given<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let (_, schema) = self.resolved(schema);
        let given = |it: &&Value| it["type"] != "null";
        match schema["oneOf"].as_array() {
            Some(any) if any.iter().filter(given).count() == 1 => {
                self.given(any.iter().find(given).expect("one"))
            }
            _ => schema,
        }
    }

    pub fn names(&self, schema: &Value) -> BTreeSet<String> {
        let (_, schema) = self.resolved(schema);
        schema["properties"].as_object().into_iter().flat_map(Map::keys).cloned().collect()
    }

    /// What only the service says: fields of the answer to an operation, and of rows, that its body has not.
    pub fn owned(&self, method: &str, path: &str) -> Vec<String> {
        let operation = &self.0["paths"][path][method.to_lowercase()];
        let body = self.names(&operation["requestBody"]["content"]["application/json"]["schema"]);
        let mut owned: BTreeSet<String> = OWNED.map(str::to_owned).into();
        for (status, answer) in operation["responses"].as_object().expect("answers") {
            if status.starts_with('2') {
                owned.extend(self.names(&answer["content"]["application/json"]["schema"]));
            }
        }
        owned.difference(&body).cloned().collect()
    }

    /// The objects below a body, each as a body that has nothing but a field there that it does not know, with
    /// the way to that field.
    pub fn inner(&self, schema: &Value, above: &[&str], found: &mut Vec<(Value, String)>) {
        let schema = self.given(schema);
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            let field = self.given(field);
            let (field, is_list) = match field["items"].is_object() {
                true => (self.given(&field["items"]), true),
                false => (field, false),
            };
            if !field["properties"].is_object() || above.len() > 4 {
                continue;
            }
            let mut at: Vec<&str> = above.to_vec();
            at.push(name);
            at.extend(is_list.then_some("0"));
            let mut body = json!({"version": 987_654_321});
            for step in at.iter().rev() {
                body = if *step == "0" { json!([body]) } else { json!({*step: body}) };
            }
            if !field["properties"]["version"].is_object() {
                found.push((body, format!("{}/version", at.join("/"))));
            }
            self.inner(field, &at, found);
        }
    }

    /// The objects of a schema that take more than they name.
    pub fn open(
        &self,
        schema: &Value,
        at: &str,
        seen: &mut BTreeSet<String>,
        found: &mut Vec<String>,
    ) {
        let (name, it) = self.resolved(schema);
        if name.is_some_and(|name| !seen.insert(name.to_owned())) {
            return;
        }
        let at = name.unwrap_or(at);
        let is_object = it["type"] == "object"
            || it["type"].as_array().is_some_and(|any| any.contains(&json!("object")));
        if (is_object || it["properties"].is_object()) && it["additionalProperties"] != false {
            found.push(at.to_owned());
        }
        for (name, field) in it["properties"].as_object().into_iter().flatten() {
            self.open(field, &format!("{at}/{name}"), seen, found);
        }
        for inner in [&it["items"], &it["additionalProperties"]] {
            if inner.is_object() {
                self.open(inner, at, seen, found);
            }
        }
        for kind in ["oneOf", "anyOf", "allOf"] {
            for (nth, one) in it[kind].as_array().into_iter().flatten().enumerate() {
                self.open(one, &format!("{at}/{nth}"), seen, found);
            }
        }
    }
}
