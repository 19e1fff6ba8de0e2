//! `/forwardings`, those beside a case, and the ledger of silence.

pub mod command;
pub mod counterparties;
pub mod leaving;
pub mod ledger;
pub mod list;
pub mod read;

use app::forwardings::OpenedForwarding;
use app::{Answer, Caller};
use wire::forwarding::ForwardingView;

use crate::extract::etag;

fn view(opened: &OpenedForwarding, caller: &Caller) -> ForwardingView {
    ForwardingView::new(
        &opened.forwarding,
        &opened.counterparty,
        opened.case_number(),
        &opened.commands,
        &caller.set_up.units,
        caller.now,
    )
}

fn answer(opened: &OpenedForwarding, caller: &Caller, status: u16) -> Answer {
    let forwarding = &opened.forwarding;
    Answer {
        status,
        location: (status == 201).then(|| format!("/api/v1/forwardings/{}", forwarding.id)),
        etag: Some(etag(forwarding.version)),
        // A view is made of strings, numbers and lists only: this cannot fail.
        body: serde_json::to_vec(&view(opened, caller)).unwrap_or_default(),
    }
}
