//! Lists, page by page.

use serde::Serialize;
use utoipa::ToSchema;

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Give this as `cursor` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    /// Give this as `updated_since` in the next round of changes; on the last page of a list of
    /// changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_updated_since: Option<jiff::Timestamp>,
}
