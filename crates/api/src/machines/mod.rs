//! From machine to machine: what administrators set up, and what other systems read and send.

pub mod deliveries;
pub mod keys;
pub mod peers;
pub mod public;
pub(crate) mod refusals;

use crate::routes::Routes;

/// The operations.
pub(crate) fn operations<R: Routes>(routes: R) -> R {
    routes
        .service(keys::list_machine_keys)
        .service(keys::make_machine_key)
        .service(keys::withdraw_machine_key)
        .service(peers::read_machine_peer)
        .service(peers::register_machine_peer)
        .service(peers::change_machine_peer)
        .service(peers::register_machine_peer_key)
        .service(peers::revoke_machine_peer_key)
        .service(deliveries::read_deliveries)
        .service(deliveries::deliver_again)
        .service(public::describe_machine)
        .service(public::take_message)
}
