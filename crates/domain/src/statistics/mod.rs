//! What the figures count: one fact a case, the rules of counting, and the cube.
//!
//! A question becomes a [`CubeQuery`]; that becomes one or two [`BaseQuery`]s over the facts, which
//! group by columns and nothing else; a [`Fold`] makes the answer, a [`Cube`], of what comes back.

pub mod base;
pub mod cube;
pub mod dimension;
pub mod escalations;
pub mod fact;
pub mod fold;
pub mod forwardings;
pub mod lead_time;
pub mod months;
pub(crate) mod order;
mod parse;
mod query;
#[cfg(test)]
mod tests;

pub use base::{BaseQuery, BaseRow, CaseRow, Condition, Held, Part, Placed, Summed, Times, Values};
pub use cube::{Cube, Figures, Key, NamedUnit, Row};
pub use dimension::{Column, Dimension};
pub use escalations::{
    EscalationCube, EscalationDimension, EscalationFact, EscalationFigures, EscalationQuery,
};
pub use fact::{Fact, Period};
pub use fold::Fold;
pub use forwardings::{ForwardingCube, ForwardingDimension, ForwardingFigures, ForwardingQuery};
pub use lead_time::{Days, LeadTime, LeadTimes};
pub use months::{Month, Months};
pub use query::{CountBy, CubeQuery, Format, Measure, Of};
