//! One text for one value: JSON by RFC 8785, so that a hash over it means the same everywhere.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Number, Value};

/// The largest whole number that every reader of JSON has exactly (RFC 8785, 3.2.2.3): 2^53 − 1.
const LARGEST: u64 = 9_007_199_254_740_991;

/// Why a value has no canonical text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotCanonical {
    /// A number with a fraction, or too large to be read exactly everywhere.
    Number(String),
    /// It is no JSON at all.
    Json(String),
}

impl std::fmt::Display for NotCanonical {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number} is no number that all read alike"),
            Self::Json(why) => write!(f, "no JSON: {why}"),
        }
    }
}

/// The canonical text of a value: names in the order of their UTF-16 code units, no blanks, whole
/// numbers only.
///
/// # Errors
/// [`NotCanonical`], which no report is: all its figures are whole numbers.
pub fn canonical(value: &impl Serialize) -> Result<String, NotCanonical> {
    let value =
        serde_json::to_value(value).map_err(|error| NotCanonical::Json(error.to_string()))?;
    let mut out = String::new();
    write(&value, &mut out)?;
    Ok(out)
}

fn write(value: &Value, out: &mut String) -> Result<(), NotCanonical> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => out.push_str(&whole(number)?),
        Value::String(text) => quoted(text, out),
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write(item, out)?;
            }
            out.push(']');
        }
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by(|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16()));
            out.push('{');
            for (at, (name, field)) in fields.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                quoted(name, out);
                out.push(':');
                write(field, out)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

fn whole(number: &Number) -> Result<String, NotCanonical> {
    let size = number.as_u64().or_else(|| number.as_i64().map(i64::unsigned_abs));
    match size {
        Some(size) if size <= LARGEST => Ok(number.to_string()),
        Some(_) | None => Err(NotCanonical::Number(number.to_string())),
    }
}

fn quoted(text: &str, out: &mut String) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            control if control < ' ' => {
                // Writing to a text cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_stand_in_the_order_of_their_code_units_and_nothing_is_spaced() {
        // The example of RFC 8785, 3.2.3, with values that say which is which.
        let value = json!({"\u{20ac}": 1, "\r": 2, "\u{fb33}": 3, "1": 4, "\u{1f600}": 5,
            "\u{80}": 6, "\u{f6}": 7});
        let text = canonical(&value).expect("a text");
        let order = "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"\u{f6}\":7,\"\u{20ac}\":1,\"\u{1f600}\":5,\"\u{fb33}\":3}";
        assert_eq!(text, order);
        assert_eq!(
            canonical(&json!([{"b": [true, null], "a": "Å\"\\\u{7}\n/"}, -0i64, -12])),
            Ok("[{\"a\":\"Å\\\"\\\\\\u0007\\n/\",\"b\":[true,null]},0,-12]".to_owned())
        );
    }

    #[test]
    fn what_others_may_read_otherwise_is_no_figure() {
        assert!(canonical(&json!(9_007_199_254_740_991u64)).is_ok());
        for wrong in [json!(1.5), json!(9_007_199_254_740_992u64), json!(-9_007_199_254_740_992i64)]
        {
            assert!(matches!(canonical(&wrong), Err(NotCanonical::Number(_))), "{wrong}");
        }
    }
}
