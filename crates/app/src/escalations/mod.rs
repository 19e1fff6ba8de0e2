//! Lex Maria, lex Sarah and riskperson: seen, raised, handled, and what each change leaves behind.

pub mod delegations;
mod dossier;
mod execute;
mod flags;
mod list;
mod notices;
mod raise;
mod read;
pub(crate) mod record;
mod screenings;

pub use dossier::DossierShown;
pub use execute::EscalationCommand;
pub(crate) use list::visible;
pub use list::{EscalationPage, EscalationQuery};
pub(crate) use raise::by_change;
pub use raise::{NewEscalation, NewRiskperson, Told};
pub use read::OpenedEscalation;
pub(crate) use read::PERSONS;
pub use screenings::{OfScreening, ScreeningAsked};
