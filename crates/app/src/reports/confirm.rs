//! Which of the words of a report may go out: who said so, of which words, after seeing what a scan found.

use std::collections::{BTreeMap, BTreeSet};

use domain::calendar::swedish_date;
use domain::fault::{Fault, Reason};
use domain::learning::{Done, Names};
use domain::organisation::UnitTree;
use domain::policy::Act;
use domain::yearly::Yearly;
use domain::yearly::confirm::{ReportText, Scan, Seen, Sign, texts};
use serde_json::json;
use store::{ReportConfirmation, ReportWord, Tx};

use super::public::sizes;
use super::state::{established, frozen, sha256, whole};
use crate::context::{App, Caller};
use crate::error::Error;
use crate::setup::{Refused, Trace};

/// Words of a report with what is known of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextShown {
    /// SHA-256 over where they stand and what they say: their name.
    pub id: String,
    /// The words.
    pub text: ReportText,
    /// What a scan finds in them now.
    pub found: Vec<Seen>,
    /// Who confirmed them and when, and who took that back.
    pub word: Option<ReportWord>,
    /// Whether they stand in what is public now.
    pub in_public: bool,
}

impl TextShown {
    /// Whether they may go out.
    pub fn confirmed(&self) -> bool {
        self.word.as_ref().is_some_and(|word| word.withdrawn.is_none())
    }
}

/// The words of the report of a year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextsShown {
    /// The year.
    pub year: i16,
    /// The frozen version they are taken from; `None` is the draft.
    pub version: Option<u32>,
    /// The words.
    pub texts: Vec<TextShown>,
}

/// The name of words: a confirmation is bound to it.
pub(super) fn name_of(text: &ReportText) -> String {
    sha256(&text.bound())
}

/// What nobody has confirmed of a report, each as a fault where it stands.
pub(super) fn unconfirmed(report: &Yearly, confirmed: Option<&BTreeSet<String>>) -> Vec<Fault> {
    let open = |text: &ReportText| confirmed.is_none_or(|known| !known.contains(&name_of(text)));
    texts(report).iter().filter(|text| open(text)).map(ReportText::unconfirmed).collect()
}

/// What a scan knows: the staff, and the units with fewer persons than the tenant calls small, or of which
/// nobody said how many they have.
fn scan(tx: &mut Tx<'_>, caller: &Caller, year: i16) -> Result<Scan, store::Error> {
    let (units, settings) = (&caller.set_up.units, &caller.set_up.settings);
    let least = u64::from(settings.report_publication.small_unit);
    let sizes = sizes(tx, year, year)?.remove(&year).unwrap_or_default();
    let is_small = |id: &str| sizes.get(id).is_none_or(|persons| *persons < least);
    let small: Vec<_> =
        units.iter().filter(|unit| is_small(&unit.id.to_string())).cloned().collect();
    let staff = tx.all_staff()?;
    Ok(Scan {
        small: small.iter().map(|unit| unit.name.clone()).collect(),
        names: Names::of(&UnitTree::new(small), &staff, &caller.set_up.codes),
        today: swedish_date(caller.now),
    })
}

/// Everything that people wrote in what is frozen newest, and in what is public; in the draft where nothing is
/// frozen yet.
fn read(tx: &mut Tx<'_>, caller: &Caller, year: i16) -> Result<TextsShown, store::Error> {
    let absent = |found: Result<super::Frozen, store::Error>| match found {
        Ok(found) => Ok(Some(found)),
        Err(store::Error::NotFound) => Ok(None),
        Err(other) => Err(other),
    };
    let newest = absent(frozen(tx, year, None))?;
    let public = absent(established(tx, year))?;
    let version = newest.as_ref().map(|it| it.version.head.lock.version);
    let mut found = match &newest {
        Some(newest) => texts(&newest.report),
        None => {
            let draft = tx.report_draft(year)?;
            texts(&whole(tx, caller, year, &draft)?)
        }
    };
    let issued = public.map(|it| texts(&it.report)).unwrap_or_default();
    let in_public: BTreeSet<String> = issued.iter().map(name_of).collect();
    let known: BTreeSet<String> = found.iter().map(name_of).collect();
    found.extend(issued.into_iter().filter(|text| !known.contains(&name_of(text))));
    let scan = scan(tx, caller, year)?;
    let words: BTreeMap<String, ReportWord> = tx.report_confirmations(year)?;
    let shown = |text: ReportText| {
        let id = name_of(&text);
        TextShown {
            found: scan.find(&text),
            word: words.get(&id).cloned(),
            in_public: in_public.contains(&id),
            id,
            text,
        }
    };
    Ok(TextsShown { year, version, texts: found.into_iter().map(shown).collect() })
}

impl App {
    /// Everything that people wrote in the report of a year, with what a scan finds in it and whether it may
    /// go out.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for those who confirm nothing.
    pub async fn report_words(&self, caller: &Caller, year: i16) -> Result<TextsShown, Error> {
        caller.may(Act::MarkReport)?;
        let asking = caller.clone();
        let found = self.store.read(caller.tenant_id(), move |tx| read(tx, &asking, year)).await?;
        Ok(found)
    }

    async fn word(&self, caller: &Caller, year: i16, id: &str) -> Result<TextShown, Error> {
        let found = self.report_words(caller, year).await?;
        found.texts.into_iter().find(|text| text.id == id).ok_or(Error::NotFound)
    }

    /// Says that words may go out. What a scan finds in them has to be named, so that it was seen.
    ///
    /// # Errors
    /// [`Error::NotFound`] for words that stand in no version, such as those that were changed since;
    /// [`Error::Faults`] with every sign that was not named, and for a personal number.
    pub async fn confirm_words(
        &self,
        caller: &Caller,
        year: i16,
        id: &str,
        acknowledged: &[Sign],
    ) -> Result<TextShown, Error> {
        let found = self.word(caller, year, id).await?;
        let signs: BTreeSet<Sign> = found.found.iter().map(|seen| seen.sign).collect();
        let held = |sign: &&Sign| **sign == Sign::PersonalNumber || !acknowledged.contains(*sign);
        let faults: Vec<Fault> = signs.iter().filter(held).map(|sign| sign.fault()).collect();
        if !faults.is_empty() {
            return Err(Error::Faults(faults));
        }
        if found.confirmed() {
            return Ok(found);
        }
        let signs: Vec<String> = signs.iter().map(|sign| sign.code().to_owned()).collect();
        let confirmed = caller.done();
        self.save_word(caller, year, found, "report.confirm_text", (signs, confirmed, None)).await
    }

    /// Takes back that words may go out: they are public no longer.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Faults`] for words that nobody has confirmed.
    pub async fn withdraw_words(
        &self,
        caller: &Caller,
        year: i16,
        id: &str,
    ) -> Result<TextShown, Error> {
        let found = self.word(caller, year, id).await?;
        let Some(word) = found.word.clone().filter(|word| word.withdrawn.is_none()) else {
            let reason = Reason::inconsistent("text_is_not_confirmed");
            return Err(Error::Faults(vec![Fault::at("", reason)]));
        };
        let said = (word.found, word.confirmed, Some(caller.done()));
        self.save_word(caller, year, found, "report.withdraw_text", said).await
    }

    async fn save_word(
        &self,
        caller: &Caller,
        year: i16,
        mut shown: TextShown,
        action: &'static str,
        (found, confirmed, withdrawn): (Vec<String>, Done, Option<Done>),
    ) -> Result<TextShown, Error> {
        let row = ReportConfirmation {
            sha256: shown.id.clone(),
            kind: shown.text.kind,
            section: shown.text.section,
            found: found.clone(),
            confirmed: confirmed.clone(),
            withdrawn: withdrawn.clone(),
        };
        let details = json!({
            "year": year, "sha256": row.sha256, "kind": row.kind.code(),
            "section": row.section.code(), "found": row.found,
        });
        let trace = Trace::new(self, caller, action, ("report", caller.tenant_id().0), details);
        let write = move |tx: &mut Tx<'_>| Ok(tx.save_report_confirmation(year, &row)?);
        match self.change_set_up(caller, trace, write).await {
            Err(refused) if refused.conflict().is_some() => return Err(Error::Stale),
            other => other.map_err(Refused::into_error)?,
        }
        shown.word = Some(ReportWord { found, confirmed, withdrawn });
        Ok(shown)
    }

    /// What of the newest frozen version of a year would be left out of what is public, since nobody has
    /// confirmed it.
    ///
    /// # Errors
    /// What the store says.
    pub async fn report_unconfirmed(
        &self,
        caller: &Caller,
        year: i16,
    ) -> Result<Vec<Fault>, Error> {
        let read = move |tx: &mut Tx<'_>| {
            let newest = match frozen(tx, year, None) {
                Ok(newest) => newest,
                Err(store::Error::NotFound) => return Ok(Vec::new()),
                Err(other) => return Err(other),
            };
            let confirmed = tx.all_report_confirmations()?;
            Ok(unconfirmed(&newest.report, confirmed.get(&year)))
        };
        Ok(self.store.read(caller.tenant_id(), read).await?)
    }
}
