//! Which claims of an issuer say who somebody is, and which groups they are in?
//!
//! What the standard says holds unless a preset or a setting of the issuer says otherwise. Only claims at the top level of
//! the access token are read.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::issuer::IssuerConfig;
use crate::{Groups, MACHINE, TokenError, claims};

/// More groups than this are no groups of one person.
const MAX_GROUPS: usize = 1000;
/// The longest name of a group, in characters.
const MAX_GROUP: usize = 200;
/// The digits of a personal identity number with its century.
const DIGITS: usize = 12;
/// Where Sweden Connect's providers put the personal identity number.
const PERSONAL_NUMBER: &str = "https://id.oidc.se/claim/personalIdentityNumber";

/// Providers whose claims are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// Inera's, with SITHS: a person is their HSA-id, a group the commission (medarbetaruppdrag) that was chosen.
    Inera,
    /// Sweden Connect's: a person is a keyed hash of their personal identity number.
    SwedenConnect,
    /// Microsoft Entra ID: a person is the object id in its directory; groups are groups and app roles.
    Entra,
}

/// One claim, or several.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Claims {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
}

impl Claims {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Several(names) => names.as_slice(),
        }
        .iter()
        .map(String::as_str)
    }
}

/// The claims of an issuer, by preset and settings.
#[derive(Debug)]
pub(crate) struct Mapping {
    subject: Vec<String>,
    personal: bool,
    email: Option<String>,
    groups: Vec<String>,
    client: String,
}

/// Whom a token is about.
pub(crate) struct Subject {
    pub(crate) text: String,
    pub(crate) personal: bool,
    pub(crate) machine: bool,
}

impl Mapping {
    pub(crate) fn of(config: &IssuerConfig) -> Self {
        let (subject, personal, email, groups, client): (&[&str], _, _, &[&str], _) = match config
            .preset
        {
            None => (&["sub"], false, None, &[], "client_id"),
            Some(Preset::Inera) => {
                (&["employeeHsaId"], false, None, &["commissionHsaId"], "client_id")
            }
            Some(Preset::SwedenConnect) => (&[PERSONAL_NUMBER], true, None, &[], "client_id"),
            Some(Preset::Entra) => {
                (&["tid", "oid"], false, Some("preferred_username"), &["groups", "roles"], "azp")
            }
        };
        let names = |set: &Option<Claims>, usual: &[&str]| -> Vec<String> {
            match set {
                Some(claims) => claims.iter().map(str::to_owned).collect(),
                None => usual.iter().map(|&name| name.to_owned()).collect(),
            }
        };
        Self {
            subject: names(&config.subject_claim, subject),
            personal: config.subject_is_personal_number.unwrap_or(personal),
            email: config.email_claim.clone().or_else(|| email.map(str::to_owned)),
            groups: names(&config.groups_claim, groups),
            client: config.client_claim.clone().unwrap_or_else(|| client.to_owned()),
        }
    }

    /// Whether people are named by their personal identity number.
    pub(crate) fn is_personal(&self) -> bool {
        self.personal
    }

    /// Whom the token is about: a person, or a machine where the client speaks for nobody but itself. That is so when
    /// `sub` is the client (RFC 9068, 2.2), and with Entra ID when `idtyp` says `app`.
    pub(crate) fn subject(&self, claims: &Map<String, Value>) -> Result<Subject, TokenError> {
        let client = claims.get(&self.client).and_then(Value::as_str);
        let standing = claims.get("sub").and_then(Value::as_str);
        let app = claims.get("idtyp").and_then(Value::as_str) == Some("app");
        if let Some(client) = client
            && (app || standing == Some(client))
        {
            claims::check_subject(client)?;
            let text = format!("{MACHINE}{client}");
            return Ok(Subject { text, personal: false, machine: true });
        }
        if app {
            return Err(TokenError::InvalidSubject);
        }
        let mut parts = Vec::new();
        for name in &self.subject {
            let part =
                claims.get(name).and_then(Value::as_str).ok_or(TokenError::InvalidSubject)?;
            claims::check_subject(part)?;
            parts.push(part);
        }
        let mut text = parts.join(":");
        if self.personal {
            text.retain(|it| it != '-');
            if text.len() != DIGITS || !text.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(TokenError::InvalidSubject);
            }
        }
        claims::check_subject(&text)?;
        Ok(Subject { text, personal: self.personal, machine: false })
    }

    /// An address, where one is asked for and the claim looks like one: nothing depends on it.
    pub(crate) fn email(&self, claims: &Map<String, Value>) -> Option<String> {
        let text = claims::name(claims, self.email.as_ref()?)?;
        let (local, domain) = text.split_once('@')?;
        let plain = !text.contains(char::is_whitespace) && !domain.contains('@');
        (plain && !local.is_empty() && domain.contains('.')).then_some(text)
    }

    /// The groups, where any are asked for. A token without the claim is of somebody in no group.
    pub(crate) fn groups(&self, claims: &Map<String, Value>) -> Result<Option<Groups>, TokenError> {
        if self.groups.is_empty() {
            return Ok(None);
        }
        let left_out = claims
            .get("_claim_names")
            .and_then(Value::as_object)
            .is_some_and(|named| self.groups.iter().any(|name| named.contains_key(name)));
        if left_out || claims.get("hasgroups").is_some_and(|it| it != &Value::Bool(false)) {
            return Err(TokenError::GroupsElsewhere);
        }
        let issued_at = claims.get("iat").ok_or(TokenError::InvalidGroups)?;
        let issued_at = claims::numeric_date(issued_at)?;
        let mut names = Vec::new();
        for name in &self.groups {
            match claims.get(name) {
                None | Some(Value::Null) => {}
                Some(Value::String(group)) => names.push(group.clone()),
                Some(Value::Array(groups)) => {
                    for group in groups {
                        names.push(group.as_str().ok_or(TokenError::InvalidGroups)?.to_owned());
                    }
                }
                Some(_) => return Err(TokenError::InvalidGroups),
            }
        }
        if names.len() > MAX_GROUPS {
            return Err(TokenError::InvalidGroups);
        }
        // A group with such a name cannot be given anything here.
        names.retain(|name| (1..=MAX_GROUP).contains(&name.chars().count()));
        names.sort_unstable();
        names.dedup();
        Ok(Some(Groups { names, issued_at }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn mapping(settings: Value) -> Mapping {
        let mut config = json!({"issuer": "https://id.example", "audience": "a", "tenants": "x"});
        let (into, from) = (config.as_object_mut().unwrap(), settings.as_object().unwrap().clone());
        into.extend(from);
        Mapping::of(&serde_json::from_value(config).unwrap())
    }

    fn claims(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    fn subject(mapping: &Mapping, value: Value) -> Result<(String, bool, bool), TokenError> {
        mapping.subject(&claims(value)).map(|it| (it.text, it.personal, it.machine))
    }

    #[test]
    fn each_provider_names_people_in_its_own_way() {
        let person = |text: &str, personal| Ok((text.to_owned(), personal, false));
        let plain = mapping(json!({}));
        assert_eq!(
            subject(&plain, json!({"sub": "anna", "client_id": "app"})),
            person("anna", false)
        );
        let inera = mapping(json!({"preset": "inera"}));
        let said =
            json!({"sub": "x", "employeeHsaId": "SE2321000016-1001", "commissionHsaId": "SE1"});
        assert_eq!(subject(&inera, said.clone()), person("SE2321000016-1001", false));
        let mut said = claims(said);
        said.insert("iat".to_owned(), json!(1_790_000_000));
        assert_eq!(inera.groups(&said).unwrap().unwrap().names, ["SE1"]);
        let entra = mapping(json!({"preset": "entra"}));
        let said =
            json!({"sub": "s", "oid": "o", "tid": "t", "preferred_username": "anna@kommun.se"});
        assert_eq!(subject(&entra, said.clone()), person("t:o", false));
        assert_eq!(entra.email(&claims(said)), Some("anna@kommun.se".to_owned()));
        let connect = mapping(json!({"preset": "sweden_connect"}));
        let number = json!({"sub": "s", PERSONAL_NUMBER: "19121212-1212"});
        assert_eq!(subject(&connect, number), person("191212121212", true));
        let free = mapping(json!({"subject_claim": ["org", "uid"], "groups_claim": "roller"}));
        assert_eq!(
            subject(&free, json!({"sub": "s", "org": "a", "uid": "b"})),
            person("a:b", false)
        );
    }

    #[test]
    fn who_is_not_named_as_agreed_is_nobody() {
        for (preset, said) in [
            ("inera", json!({"sub": "anna"})),
            ("entra", json!({"sub": "anna", "oid": "o"})),
            ("entra", json!({"sub": "anna", "oid": ["o"], "tid": "t"})),
            ("entra", json!({"sub": "o", "oid": "o", "tid": "t", "idtyp": "app"})),
            ("sweden_connect", json!({"sub": "191212121212"})),
            ("sweden_connect", json!({"sub": "s", PERSONAL_NUMBER: "121212-1212"})),
            ("sweden_connect", json!({"sub": "s", PERSONAL_NUMBER: "19121212121x"})),
            ("inera", json!({"sub": "s", "employeeHsaId": "machine:exporter"})),
        ] {
            let mapping = mapping(json!({"preset": preset}));
            assert_eq!(subject(&mapping, said.clone()), Err(TokenError::InvalidSubject), "{said}");
        }
        let plain = mapping(json!({}));
        let posing = json!({"sub": "machine:exporter", "client_id": "app"});
        assert_eq!(subject(&plain, posing), Err(TokenError::InvalidSubject));
    }

    #[test]
    fn a_client_that_speaks_for_nobody_is_a_machine() {
        let machine = |text: &str| Ok((text.to_owned(), false, true));
        let plain = mapping(json!({}));
        let said = json!({"sub": "exporter", "client_id": "exporter"});
        assert_eq!(subject(&plain, said.clone()), machine("machine:exporter"));
        // Also where people are named otherwise.
        assert_eq!(
            subject(&mapping(json!({"preset": "inera"})), said),
            machine("machine:exporter")
        );
        let entra = mapping(json!({"preset": "entra"}));
        let said = json!({"sub": "o", "oid": "o", "tid": "t", "azp": "c", "idtyp": "app"});
        assert_eq!(subject(&entra, said), machine("machine:c"));
    }

    #[test]
    fn groups_that_were_left_out_are_no_empty_groups() {
        let entra = mapping(json!({"preset": "entra"}));
        let groups = |value: Value| {
            let found = entra.groups(&claims(value))?;
            Ok(found.expect("groups are asked for").names)
        };
        let iat = 1_790_000_000;
        assert_eq!(
            groups(json!({"iat": iat, "groups": ["b", "a", "b"], "roles": ["c"]})).unwrap(),
            ["a", "b", "c"]
        );
        assert_eq!(groups(json!({"iat": iat})).unwrap(), Vec::<String>::new());
        for (said, expected) in [
            (json!({"iat": iat, "_claim_names": {"groups": "src1"}}), TokenError::GroupsElsewhere),
            (json!({"iat": iat, "hasgroups": true}), TokenError::GroupsElsewhere),
            (json!({"iat": iat, "hasgroups": "true"}), TokenError::GroupsElsewhere),
            (json!({"groups": ["a"]}), TokenError::InvalidGroups),
            (json!({"iat": iat, "groups": [1]}), TokenError::InvalidGroups),
            (json!({"iat": iat, "groups": {"a": true}}), TokenError::InvalidGroups),
        ] {
            assert_eq!(groups(said.clone()), Err::<Vec<String>, _>(expected), "{said}");
        }
        assert_eq!(mapping(json!({})).groups(&claims(json!({"groups": ["a"]}))), Ok(None));
    }
}
