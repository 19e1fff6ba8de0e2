//! One text for one value, so that a hash over it means the same on either database.

use serde_json::Value;

/// JSON with its names in the order of their bytes and no blanks. Unlike the text of a frozen report it
/// takes any number: it is read by this program alone, which wrote the number down.
pub(super) fn text(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            out.push_str(&value.to_string());
        }
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(name, _)| name.as_bytes());
            out.push('{');
            for (at, (name, item)) in fields.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(name.as_str()).to_string());
                out.push(':');
                write(item, out);
            }
            out.push('}');
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::text;

    #[test]
    fn names_are_in_order_and_nothing_else_is_touched() {
        let value = json!({ "ö": [1, 2.5, null], "b": { "z": "å\n\"", "a": true }, "a": "" });
        let wanted = "{\"a\":\"\",\"b\":{\"a\":true,\"z\":\"å\\n\\\"\"},\"ö\":[1,2.5,null]}";
        assert_eq!(text(&value), wanted);
    }
}
