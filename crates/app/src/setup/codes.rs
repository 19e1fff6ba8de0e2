//! The tenant's own codes, below the shared ones. Added and never changed: figures of earlier years
//! must go on meaning what they meant.

use domain::code_lists::{Code, validate_own};
use domain::fault::{Fault, Reason};
use domain::policy::Act;
use jiff::civil::Date;
use serde_json::json;

use super::{Refused, Trace};
use crate::context::{App, Caller};
use crate::error::Error;
use crate::idempotency::{Answer, Once};

/// A code to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCode {
    /// The code itself: its parent's, a full stop, and more.
    pub code: String,
    /// The code it stands below.
    pub parent: String,
    /// Swedish text.
    pub sv: String,
    /// English text; empty where there is none.
    pub en: String,
    /// First day.
    pub valid_from: Option<Date>,
    /// Last day.
    pub valid_to: Option<Date>,
}

impl App {
    /// Adds a code to a list. `render` makes the answer from it.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`] when there is no such list; [`Error::Faults`] with
    /// everything that is wrong.
    pub async fn add_code(
        &self,
        caller: &Caller,
        list: &str,
        new: NewCode,
        once: Option<Once>,
        render: impl FnOnce(&Code) -> Answer,
    ) -> Result<Answer, Error> {
        caller.may(Act::ManageSetup)?;
        let own = caller.set_up.codes.list(list).ok_or(Error::NotFound)?;
        let own: Vec<Code> = own.iter().filter(|code| code.own).cloned().collect();
        let code = Code {
            list: list.to_owned(),
            code: new.code.trim().to_owned(),
            sv: new.sv.trim().to_owned(),
            en: new.en.trim().to_owned(),
            parent: Some(new.parent.trim().to_owned()),
            valid_from: new.valid_from,
            valid_to: new.valid_to,
            basis: String::new(),
            own: true,
        };
        Refused::faults(faults_of(own, &code)).map_err(Refused::into_error)?;
        let answer = render(&code);
        let details = json!({ "list": code.list, "code": code.code });
        // A code has no id of its own: it is the tenant that has one code more.
        let object = ("code", caller.tenant_id().0);
        let trace = Trace::new(self, caller, "code.add", object, details);
        let made = self.make(caller, trace, once.as_ref(), answer, move |tx| {
            // First, so that additions wait for each other: codes that differ only in case collide,
            // and no constraint says so.
            tx.bump_config_version()?;
            Refused::faults(faults_of(tx.tenant_codes()?, &code))?;
            Ok(tx.insert_tenant_code(&code)?)
        });
        made.await.map_err(|refused| match refused.conflict() {
            Some("tenant_codes_list_code_key") => {
                Error::Faults(vec![Fault::at("/code", Reason::NotUnique)])
            }
            _ => refused.into_error(),
        })
    }
}

/// What is wrong with `code` beside the tenant's other own codes. What is wrong with those was wrong
/// before and is not told here.
fn faults_of(mut own: Vec<Code>, code: &Code) -> Vec<Fault> {
    let place = format!("/{}", own.len());
    own.push(code.clone());
    let within = |pointer: &str| -> Option<String> {
        // The list stands in the path, not in the body.
        let field = pointer.strip_prefix(&place)?;
        (field.is_empty() || field.starts_with('/')).then(|| match field {
            "/list" => String::new(),
            field => field.to_owned(),
        })
    };
    validate_own(&own)
        .into_iter()
        .filter_map(|fault| {
            let field = within(&fault.field)?;
            let reason = match fault.reason {
                Reason::Before { other } => {
                    Reason::Before { other: within(&other).unwrap_or(other) }
                }
                reason => reason,
            };
            Some(Fault { field, reason })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::tests::{in_a_world, made, pairs, told};
    use super::*;

    fn new(code: &str) -> NewCode {
        NewCode {
            code: code.to_owned(),
            parent: "HSL.FAL".to_owned(),
            sv: "Ur säng".to_owned(),
            en: String::new(),
            valid_from: None,
            valid_to: None,
        }
    }

    #[test]
    fn faults_point_into_the_request() {
        let code = |list: &str, code: &str, parent: &str| Code {
            list: list.to_owned(),
            code: code.to_owned(),
            sv: "Egen".to_owned(),
            en: String::new(),
            parent: Some(parent.to_owned()),
            valid_from: None,
            valid_to: None,
            basis: String::new(),
            own: true,
        };
        // Eleven that are wrong themselves: their faults are not those of the twelfth, and `/1`
        // is not `/11`.
        let own: Vec<Code> = (0..11).map(|n| code("area", &format!("X.{n}"), "X")).collect();
        assert_eq!(faults_of(own.clone(), &code("area", "ORD.A", "ORD")), []);
        assert_eq!(faults_of(own[..1].to_vec(), &code("area", "ORD.A", "ORD")), []);
        let mut late = code("area", "ORD.A", "ORD");
        late.valid_from = Some(date(2026, 1, 2));
        late.valid_to = Some(date(2026, 1, 1));
        let before = Reason::Before { other: "/valid_from".into() };
        assert_eq!(faults_of(own, &late), [Fault::at("/valid_to", before)]);
        let closed = Reason::inconsistent("list_takes_no_own_codes");
        assert_eq!(faults_of(Vec::new(), &code("severity", "1.5", "1")), [Fault::at("", closed)]);
    }

    #[test]
    fn a_code_is_added_once_in_any_case() {
        in_a_world(async |world| {
            let admin = world.admin("anna").await;
            let add = async |list: &str, code: &str| {
                world.app.add_code(&admin, list, new(code), None, |_| made(1)).await
            };
            add("category", "HSL.FAL.SANG").await.unwrap();
            // The caller's lists are older than the code: the transaction finds out.
            let refused = add("category", "HSL.FAL.sang").await.unwrap_err();
            assert_eq!(told(&refused), pairs(&[("/code", "not_unique")]));
            assert!(matches!(add("nej", "A.B").await, Err(Error::NotFound)));
            let next = world.enter("bo").await.unwrap();
            assert!(next.set_up.codes.get("category", "HSL.FAL.SANG").unwrap().own);
            let refused = world.app.add_code(&next, "category", new("x"), None, |_| made(1)).await;
            assert!(matches!(refused, Err(Error::Forbidden)));
        });
    }
}
