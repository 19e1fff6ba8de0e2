//! The tenant's own set-up: units, staff, grants, codes; the statutes; and who one is.

use domain::code_lists::{self as lists, CodeLists};
use domain::ids::GroupGrantId;
use domain::law::{self, Provision, Statute};
use domain::organisation::{self as o, UnitTree};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::case::UnitRef;
use crate::code::{Law, Role};
use crate::language::Language;

/// Tells a field that is `null` from one that is left out.
fn present<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

/// A unit.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct UnitView {
    /// Its id.
    pub id: Uuid,
    /// The tenant's own code for it.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its area, a code of the list `area`.
    pub area: Option<String>,
    /// The unit above it.
    pub parent: Option<UnitRef>,
    /// The unit that took over, or will, when it closes.
    pub successor: Option<UnitRef>,
    /// First day; `null` is since ever.
    pub valid_from: Option<Date>,
    /// Last day; `null` is until further notice.
    pub valid_to: Option<Date>,
    /// Takes the filings whose unit nobody knows. Exactly one.
    pub unknown: bool,
    /// Grows with every change.
    pub version: i64,
}

impl UnitView {
    /// A unit among the others.
    pub fn new(unit: &o::Unit, units: &UnitTree) -> Self {
        Self {
            id: unit.id.0,
            code: unit.code.clone(),
            name: unit.name.clone(),
            area: unit.area.clone(),
            parent: unit.parent.map(|id| UnitRef::of(units, id)),
            successor: unit.successor.map(|id| UnitRef::of(units, id)),
            valid_from: unit.valid_from,
            valid_to: unit.valid_to,
            unknown: unit.unknown,
            version: unit.version,
        }
    }
}

/// A unit to be made.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"code": "syrenen", "name": "Syrenen", "area": "SAB", "parent": "centrum"}))]
pub struct UnitRequest {
    /// The tenant's own code for it: unique, without `,` and `/`, and no UUID.
    #[schema(min_length = 1, max_length = 100)]
    pub code: String,
    /// Its name.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// Its area, a code of the list `area`.
    #[schema(max_length = 40)]
    pub area: Option<String>,
    /// The unit above it, by id or code.
    #[schema(max_length = 200)]
    pub parent: Option<String>,
    /// The unit that takes over when it closes, by id or code.
    #[schema(max_length = 200)]
    pub successor: Option<String>,
    /// First day; left out is since ever.
    pub valid_from: Option<Date>,
    /// Last day; left out is until further notice.
    pub valid_to: Option<Date>,
}

/// What changes in a unit. What is left out stays as it was; `null` takes it away.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"valid_to": "2026-12-31", "successor": "lonnen"}))]
pub struct UnitChange {
    /// The tenant's own code for it; that of the unknown unit stays.
    #[schema(min_length = 1, max_length = 100)]
    pub code: Option<String>,
    /// Its name.
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// Its area, a code of the list `area`.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 40)]
    pub area: Option<Option<String>>,
    /// The unit above it, by id or code.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 200)]
    pub parent: Option<Option<String>>,
    /// The unit that takes over when it closes, by id or code.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 200)]
    pub successor: Option<Option<String>>,
    /// First day.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Date>)]
    pub valid_from: Option<Option<Date>>,
    /// Last day: this is how a unit is closed.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Date>)]
    pub valid_to: Option<Option<Date>>,
}

/// A member of the staff.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct StaffView {
    /// Their id.
    pub id: Uuid,
    /// Who signs their tokens.
    pub issuer: String,
    /// Their `sub` at that issuer, or what the issuer's tokens name them by instead; of a machine `machine:` and its client.
    pub subject: String,
    /// Whether it is a machine.
    pub machine: bool,
    /// Name, where it is known.
    pub name: Option<String>,
    /// Profession, a code of the list `profession`.
    pub profession: Option<String>,
    /// E-mail address for notices.
    pub email: Option<String>,
    /// Whether a token lets them in.
    pub active: bool,
    /// Since when not.
    pub deactivated_at: Option<Timestamp>,
    /// Grows with every change.
    pub version: i64,
}

impl From<&o::Staff> for StaffView {
    fn from(person: &o::Staff) -> Self {
        Self {
            id: person.id.0,
            issuer: person.issuer.clone(),
            subject: person.subject.clone(),
            machine: person.is_machine(),
            name: person.name.clone(),
            profession: person.profession.clone(),
            email: person.email.clone(),
            active: person.deactivated_at.is_none(),
            deactivated_at: person.deactivated_at,
            version: person.version,
        }
    }
}

/// What changes in a member of the staff. What is left out stays as it was; `null` takes it away.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"active": false}))]
pub struct StaffChange {
    /// Name.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 200)]
    pub name: Option<Option<String>>,
    /// Profession, a code of the list `profession`.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 40)]
    pub profession: Option<Option<String>>,
    /// E-mail address for notices.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 254)]
    pub email: Option<Option<String>>,
    /// `false` keeps the person out from now on; `true` lets them in again.
    pub active: Option<bool>,
    /// With `active: false`, the staff id of the area manager who takes over what a manager would leave
    /// alone.
    pub taken_over_by: Option<Uuid>,
}

/// A grant.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct GrantView {
    /// Its id.
    pub id: Uuid,
    /// The staff id of who has it.
    pub staff: Uuid,
    /// As what.
    pub role: Role,
    /// The units it covers, each with all below it; empty is the whole tenant.
    pub units: Vec<UnitRef>,
    /// The laws it covers; empty is every law the role may see.
    pub laws: Vec<Law>,
    /// First day, Swedish time.
    pub valid_from: Date,
    /// Last day, Swedish time; `null` is until further notice.
    pub valid_to: Option<Date>,
    /// The staff id of whom the holder stands in for.
    pub stands_in_for: Option<Uuid>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
    /// What a group gives by which it came, and with which it ends; `null` where somebody gave it.
    pub group_grant: Option<Uuid>,
    /// Grows with every change.
    pub version: i64,
}

impl GrantView {
    /// The grant as one that came by a group.
    #[must_use]
    pub fn by_group(self, group_grant: Option<GroupGrantId>) -> Self {
        Self { group_grant: group_grant.map(|id| id.0), ..self }
    }

    /// A grant, with its units by name.
    pub fn new(grant: &o::Grant, units: &UnitTree) -> Self {
        Self {
            id: grant.id.0,
            staff: grant.staff.0,
            role: grant.role.into(),
            units: grant.units.iter().map(|id| UnitRef::of(units, *id)).collect(),
            laws: grant.laws.iter().copied().map(Into::into).collect(),
            valid_from: grant.valid_from,
            valid_to: grant.valid_to,
            stands_in_for: grant.stands_in_for.map(|staff| staff.0),
            revoked_at: grant.revoked_at,
            group_grant: None,
            version: grant.version,
        }
    }
}

/// A grant to be given: to `staff`, or to whoever comes with a token of `issuer` and `subject`.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "issuer": "https://login.example.se", "subject": "anna.ek", "role": "unit_manager",
    "units": ["syrenen"], "valid_from": "2026-09-01",
}))]
pub struct GrantRequest {
    /// The staff id of who gets it.
    pub staff: Option<Uuid>,
    /// Who signs the person's tokens. A staff row is made when nobody came with such a token yet.
    #[schema(min_length = 1, max_length = 500)]
    pub issuer: Option<String>,
    /// The person's `sub` at that issuer.
    #[schema(min_length = 1, max_length = 500)]
    pub subject: Option<String>,
    /// As what.
    pub role: Role,
    /// The units, by id or code, each with all below it; empty or left out is the whole tenant.
    #[schema(max_items = 200)]
    pub units: Option<Vec<String>>,
    /// The laws; empty or left out is every law the role may see.
    #[schema(max_items = 3)]
    pub laws: Option<Vec<Law>>,
    /// First day, Swedish time; today unless given.
    pub valid_from: Option<Date>,
    /// Last day, Swedish time; left out is until further notice.
    pub valid_to: Option<Date>,
    /// The staff id of whom the holder stands in for.
    pub stands_in_for: Option<Uuid>,
}

/// What whoever is in a group at the identity provider is given.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct GroupGrantView {
    /// Its id.
    pub id: Uuid,
    /// Who signs the tokens.
    pub issuer: String,
    /// The group, as the tokens name it.
    pub group: String,
    /// As what.
    pub role: Role,
    /// The units it covers, each with all below it; empty is the whole tenant.
    pub units: Vec<UnitRef>,
    /// The laws it covers; empty is every law the role may see.
    pub laws: Vec<Law>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Grows with every change.
    pub version: i64,
}

impl GroupGrantView {
    /// What a group gives, with its units by name.
    pub fn new(given: &o::GroupGrant, units: &UnitTree) -> Self {
        Self {
            id: given.id.0,
            issuer: given.issuer.clone(),
            group: given.group.clone(),
            role: given.role.into(),
            units: given.units.iter().map(|id| UnitRef::of(units, *id)).collect(),
            laws: given.laws.iter().copied().map(Into::into).collect(),
            ended_at: given.ended_at,
            version: given.version,
        }
    }
}

/// What a group is to give to whoever is in it.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "issuer": "https://login.example.se", "group": "avvikelse-chefer-syrenen", "role": "unit_manager",
    "units": ["syrenen"],
}))]
pub struct GroupGrantRequest {
    /// Who signs the tokens.
    #[schema(min_length = 1, max_length = 500)]
    pub issuer: String,
    /// The group, as the tokens name it.
    #[schema(min_length = 1, max_length = 200)]
    pub group: String,
    /// As what; not `admin`.
    pub role: Role,
    /// The units, by id or code, each with all below it; empty or left out is the whole tenant.
    #[schema(max_items = 200)]
    pub units: Option<Vec<String>>,
    /// The laws; empty or left out is every law the role may see.
    #[schema(max_items = 3)]
    pub laws: Option<Vec<Law>>,
}

/// Ending what a group gives.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub struct EndGroupGrantRequest {}

/// Why a grant is taken back. Codes, since the reason is kept in the audit trail, which holds no
/// text about persons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RevokeReason {
    /// The holder has left.
    Left,
    /// The holder has other duties now.
    OtherDuties,
    /// Another grant takes its place.
    Replaced,
    /// It was given by mistake.
    Mistake,
    /// It was misused, or its token is in wrong hands.
    Misuse,
    /// Another reason.
    Other,
}

impl RevokeReason {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            RevokeReason::Left => "left",
            RevokeReason::OtherDuties => "other_duties",
            RevokeReason::Replaced => "replaced",
            RevokeReason::Mistake => "mistake",
            RevokeReason::Misuse => "misuse",
            RevokeReason::Other => "other",
        }
    }
}

/// Taking a grant back.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "left"}))]
pub struct RevokeRequest {
    /// Why.
    pub reason: RevokeReason,
    /// The staff id of the area manager who takes over, where a manager leaves open cases behind and
    /// nobody else is manager or deputy there.
    pub taken_over_by: Option<Uuid>,
}

/// One code of a list.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CodeView {
    /// Name of its list.
    pub list: String,
    /// The code.
    pub code: String,
    /// Its text in the language asked for; the Swedish one where there is no other.
    pub label: String,
    /// Its Swedish text.
    pub sv: String,
    /// Its English text; may be empty for a tenant's own code.
    pub en: String,
    /// The code above it in the same list.
    pub parent: Option<String>,
    /// First day; `null` is since ever.
    pub valid_from: Option<Date>,
    /// Last day; `null` is until further notice.
    pub valid_to: Option<Date>,
    /// Whether it is the tenant's own.
    pub own: bool,
}

impl CodeView {
    /// A code in a language.
    pub fn new(code: &lists::Code, language: Language) -> Self {
        let label = match language {
            Language::En if !code.en.is_empty() => &code.en,
            Language::En | Language::Sv | Language::SvEasy => &code.sv,
        };
        Self {
            list: code.list.clone(),
            code: code.code.clone(),
            label: label.clone(),
            sv: code.sv.clone(),
            en: code.en.clone(),
            parent: code.parent.clone().filter(|parent| !parent.is_empty()),
            valid_from: code.valid_from,
            valid_to: code.valid_to,
            own: code.own,
        }
    }
}

/// One list of codes, in the order they are shown.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CodeListView {
    /// Its name.
    pub list: String,
    /// Whether the tenant may add codes of its own.
    pub extensible: bool,
    /// Its codes, also those that are not valid today: what was filed with them is still there.
    pub codes: Vec<CodeView>,
}

impl CodeListView {
    /// A list in a language; `None` when there is no such list.
    pub fn new(codes: &CodeLists, list: &str, language: Language) -> Option<Self> {
        let items = codes.list(list)?;
        Some(Self {
            list: list.to_owned(),
            extensible: lists::EXTENSIBLE.contains(&list),
            codes: items.iter().map(|code| CodeView::new(code, language)).collect(),
        })
    }
}

/// All lists of codes.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CodesView {
    /// Differs when any code differs.
    pub version: String,
    /// The lists, in the order they are shown.
    pub lists: Vec<CodeListView>,
}

impl CodesView {
    /// All lists in a language.
    pub fn new(codes: &CodeLists, language: Language) -> Self {
        let lists = codes.lists().filter_map(|name| CodeListView::new(codes, name, language));
        Self { version: codes.version(), lists: lists.collect() }
    }
}

/// A code of the tenant's own to be added to a list. It is never changed afterwards.
#[derive(Clone, Debug, PartialEq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "code": "HSL.FAL.SANG", "parent": "HSL.FAL", "sv": "Fall ur säng", "en": "Fall out of bed",
}))]
pub struct CodeRequest {
    /// The code: its parent's, a full stop, and ASCII letters, digits, `-` or `_`.
    #[schema(min_length = 1, max_length = 40)]
    pub code: String,
    /// The code it stands below, shared or own.
    #[schema(min_length = 1, max_length = 40)]
    pub parent: String,
    /// Its Swedish text.
    #[schema(min_length = 1, max_length = 200)]
    pub sv: String,
    /// Its English text.
    #[schema(max_length = 200)]
    pub en: Option<String>,
    /// First day; left out is since ever.
    pub valid_from: Option<Date>,
    /// Last day; left out is until further notice.
    pub valid_to: Option<Date>,
}

/// The tenant, as far as its staff sees it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct TenantView {
    /// Its name in public paths and in tokens.
    pub slug: String,
    /// Its name as people write it.
    pub name: String,
}

/// Who one is, and what one holds today.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct MeView {
    /// One's staff id.
    pub staff: Uuid,
    /// Who signed the token.
    pub issuer: String,
    /// The `sub` of the token.
    pub subject: String,
    /// Name, where it is known.
    pub name: Option<String>,
    /// The tenant of the token.
    pub tenant: TenantView,
    /// The grants that hold today. Without any one may still file, and read what one has filed.
    pub grants: Vec<GrantView>,
}

/// What one chooses about one's own mail.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MyMailRequest {
    /// Whether one gets, once a working day, how much waits for one.
    pub digest: bool,
}

/// One's own mail.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct MyMailView {
    /// Where it goes; nobody is written to without an address.
    pub email: Option<String>,
    /// Whether one gets, once a working day, how much waits for one.
    pub digest: bool,
}

/// An act as it stood over a span of days, with the duties known to be laid in it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct StatuteView {
    /// Which act: `HSL`, `SOL`, `LSS` or `PSL`.
    pub act: String,
    /// Its number in Svensk författningssamling.
    #[schema(example = "2025:400")]
    pub sfs: String,
    /// Its name.
    pub name: String,
    /// First day in force.
    pub valid_from: Date,
    /// Last day in force; `null` is until further notice.
    pub valid_to: Option<Date>,
    /// Whether it has been read at the source.
    pub verified: bool,
    /// How it is printed; `null` unless verified: what nobody has read is not printed as law.
    #[schema(example = "Socialtjänstlag (2025:400)")]
    pub citation: Option<String>,
    /// The duties it lays on those a case concerns.
    pub provisions: Vec<ProvisionView>,
}

/// A paragraph that lays a duty on those a case of a law concerns.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ProvisionView {
    /// The duty.
    #[schema(example = "lex_maria")]
    pub duty: String,
    /// The law of the case.
    pub law: Law,
    /// Chapter and paragraph.
    #[schema(example = "3 kap. 5 §")]
    pub paragraph: String,
    /// The law's own word for how soon.
    #[schema(example = "snarast")]
    pub legal_word: Option<String>,
    /// First day.
    pub valid_from: Date,
    /// Last day; `null` is until further notice.
    pub valid_to: Option<Date>,
    /// Whether it has been read at the source.
    pub verified: bool,
    /// How it is printed; `null` unless both it and its act are verified.
    #[schema(example = "3 kap. 5 § Patientsäkerhetslag (2010:659)")]
    pub citation: Option<String>,
}

impl StatuteView {
    /// A statute with those of `provisions` that stand in it.
    pub fn new<'a>(statute: &Statute, provisions: impl IntoIterator<Item = &'a Provision>) -> Self {
        let printed = format!("{} ({})", statute.name, statute.sfs);
        let citation = statute.verified().then_some(printed);
        let provisions = provisions
            .into_iter()
            .filter(|provision| provision.sfs == statute.sfs)
            .map(|provision| ProvisionView::new(provision, citation.as_deref()))
            .collect();
        Self {
            act: match statute.act {
                law::Act::Hsl => "HSL",
                law::Act::Sol => "SOL",
                law::Act::Lss => "LSS",
                law::Act::Psl => "PSL",
            }
            .to_owned(),
            sfs: statute.sfs.clone(),
            name: statute.name.clone(),
            valid_from: statute.valid_from,
            valid_to: statute.valid_to,
            verified: statute.verified(),
            citation,
            provisions,
        }
    }
}

impl ProvisionView {
    fn new(provision: &Provision, statute: Option<&str>) -> Self {
        let verified = provision.verified();
        Self {
            duty: provision.duty.code().to_owned(),
            law: provision.law.into(),
            paragraph: provision.paragraph.clone(),
            legal_word: provision.legal_word.clone(),
            valid_from: provision.valid_from,
            valid_to: provision.valid_to,
            verified,
            citation: statute
                .filter(|_| verified)
                .map(|statute| format!("{} {statute}", provision.paragraph)),
        }
    }
}

/// The statutes behind the cases.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct LawsView {
    /// The statutes; of one act, the oldest first.
    pub items: Vec<StatuteView>,
}

impl LawsView {
    /// Every statute; with a day, those in force on it.
    pub fn new(on: Option<Date>) -> Self {
        let statutes = law::statutes().iter().filter(|it| on.is_none_or(|on| it.valid_on(on)));
        let items = statutes.map(|statute| {
            let provisions = law::provisions();
            let now = provisions.iter().filter(|it| on.is_none_or(|on| it.valid_on(on)));
            StatuteView::new(statute, now)
        });
        Self { items: items.collect() }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn what_nobody_has_read_is_not_printed_as_law() {
        let all = LawsView::new(None);
        for statute in &all.items {
            assert_eq!(statute.citation.is_some(), statute.verified, "{}", statute.sfs);
            for provision in &statute.provisions {
                let printed = provision.verified && statute.verified;
                assert_eq!(provision.citation.is_some(), printed, "{}", provision.paragraph);
            }
        }
        let on_day = LawsView::new(Some(date(2025, 7, 1)));
        let acts: Vec<_> = on_day.items.iter().map(|it| it.act.as_str()).collect();
        assert_eq!(acts, ["HSL", "SOL", "LSS", "PSL"]);
        let sol = &on_day.items[1];
        assert_eq!(sol.citation.as_deref(), Some("Socialtjänstlag (2025:400)"));
        assert!(sol.provisions.iter().any(|it| it.duty == "lex_sarah_notify"
            && it.citation.as_deref() == Some("27 kap. 6 § Socialtjänstlag (2025:400)")));
    }

    #[test]
    fn a_code_has_a_label_in_every_language() {
        let codes = CodeLists::shared();
        let fall = codes.get("category", "HSL.FAL").unwrap();
        assert_eq!(CodeView::new(fall, Language::SvEasy).label, "Fall");
        let mut own = fall.clone();
        own.en = String::new();
        assert_eq!(CodeView::new(&own, Language::En).label, "Fall");
        let view = CodesView::new(&codes, Language::En);
        assert_eq!(view.lists.len(), codes.lists().count());
        assert!(view.lists.iter().flat_map(|list| &list.codes).all(|code| !code.label.is_empty()));
    }

    #[test]
    fn null_takes_away_and_left_out_stays() {
        let change: UnitChange = serde_json::from_str(r#"{"area": null}"#).unwrap();
        assert_eq!((change.area, change.parent), (Some(None), None));
        let change: StaffChange = serde_json::from_str(r#"{"name": "Anna"}"#).unwrap();
        assert_eq!((change.name, change.email), (Some(Some("Anna".into())), None));
    }

    #[test]
    fn a_reason_has_the_code_it_comes_with() {
        use RevokeReason::{Left, Mistake, Misuse, Other, OtherDuties, Replaced};
        for reason in [Left, OtherDuties, Replaced, Mistake, Misuse, Other] {
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.code());
        }
    }
}
