//! What the access log says of each cell of the matrix (HSLF-FS 2016:40 4 kap. 9 §): whoever is shown is named
//! in exactly one entry of the request, and whatever case is refused is logged as refused, once.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use domain::ids::{EntryId, TenantId};
use store::AccessEntry;
use testkit::{Response, Service};

/// Words that stand in the text of one case each, and nowhere else.
#[derive(Default)]
pub struct Canaries(RefCell<Vec<(String, Option<String>)>>);

impl Canaries {
    /// A new word; whose it is, is said when the case has an id.
    pub fn word(&self) -> String {
        let mut words = self.0.borrow_mut();
        let word = format!("kanarie{:04}fågel", words.len());
        words.push((word.clone(), None));
        word
    }

    /// The word stands in what is written of this case.
    pub fn of(&self, word: &str, case: &str) {
        let mut words = self.0.borrow_mut();
        let known = words.iter_mut().find(|(known, _)| known == word).expect("a word");
        known.1 = Some(case.to_owned());
    }

    /// The cases whose words stand in a text.
    fn shown_in(&self, text: &str) -> BTreeSet<String> {
        let words = self.0.borrow();
        let shown = words.iter().filter(|(word, _)| text.contains(word.as_str()));
        shown.filter_map(|(_, case)| case.clone()).collect()
    }
}

/// The log of a tenant, read as it grows.
pub struct Watched<'a> {
    service: &'a Service,
    tenant: TenantId,
    last: Option<EntryId>,
    canaries: &'a Canaries,
    /// The cases that somebody may read, by role.
    pub readable: BTreeMap<String, BTreeSet<String>>,
    missing: Vec<String>,
    exposed: usize,
    refused: usize,
}

impl<'a> Watched<'a> {
    /// From here on.
    pub fn begin(service: &'a Service, tenant: TenantId, canaries: &'a Canaries) -> Self {
        let readable = BTreeMap::new();
        let missing = Vec::new();
        let watched = Self {
            service,
            tenant,
            last: None,
            canaries,
            readable,
            missing,
            exposed: 0,
            refused: 0,
        };
        watched.anew()
    }

    /// The same, without what came meanwhile.
    #[must_use]
    pub fn anew(mut self) -> Self {
        while !self.new_entries().is_empty() {}
        self
    }

    fn new_entries(&mut self) -> Vec<AccessEntry> {
        let after = self.last;
        let read =
            self.service.app.store.read(self.tenant, move |tx| tx.access_entries(after, 500));
        let found: Result<Vec<AccessEntry>, store::Error> = self.service.run(read);
        let found = found.expect("entries");
        self.last = found.last().map(|entry| entry.id).or(self.last);
        found
    }

    /// Holds the log to one answer. `case` is what was asked for, where it is a case of the tenant or stands
    /// beside one.
    pub fn hold(&mut self, cell: &str, role: &str, case: Option<&str>, answer: &Response) {
        let entries = self.new_entries();
        let request = answer.header("x-request-id").unwrap_or_default().to_owned();
        let of_it: Vec<&AccessEntry> =
            entries.iter().filter(|entry| entry.request.to_string() == request).collect();
        let times = |refused: bool, case: &str| {
            let some = of_it.iter().filter(|entry| entry.refused == refused);
            let named = some.flat_map(|entry| &entry.exposed);
            named.filter(|(named, _)| named.to_string() == case).count()
        };
        for shown in self.canaries.shown_in(&answer.text) {
            self.exposed += 1;
            match times(false, &shown) {
                1 => {}
                times => self
                    .missing
                    .push(format!("{cell} {role}: {shown} is shown and named {times} times")),
            }
        }
        for (named, _) in of_it.iter().flat_map(|entry| &entry.exposed) {
            let named = named.to_string();
            if times(false, &named) + times(true, &named) > 1 {
                self.missing.push(format!("{cell} {role}: {named} is named more than once"));
            }
        }
        let Some(case) = case else { return };
        let may = self.readable.get(role).is_some_and(|cases| cases.contains(case));
        let wanted = match answer.status {
            403 => true,
            // What they may read has not what they asked for.
            404 => !may,
            _ => false,
        };
        if wanted {
            self.refused += 1;
            if times(true, case) != 1 {
                self.missing.push(format!(
                    "{cell} {role}: {case} is refused with {} and not logged",
                    answer.status
                ));
            }
        }
    }

    /// Nothing is missing, and there was something to miss.
    pub fn end(self) {
        println!("{} exposures and {} refusals held against the log", self.exposed, self.refused);
        let missing = &self.missing;
        assert!(
            missing.is_empty(),
            "{} missing:\n{}",
            missing.len(),
            missing[..missing.len().min(60)].join("\n")
        );
        assert!(
            self.exposed >= 74 && self.refused >= 5_297,
            "{} and {}",
            self.exposed,
            self.refused
        );
    }
}
