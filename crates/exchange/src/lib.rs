//! Messages between caregivers' systems: what they say, who signed them, and how they are carried.
//!
//! A message is one POST of JSON ([`message`]), signed by HTTP Message Signatures (RFC 9421) with
//! Ed25519 over the profile of [`signature`], its body bound by Content-Digest (RFC 9530). What is
//! refused is refused with one [`Refused`]. [`Carrier`] takes a signed request to an endpoint, and
//! nowhere else: no private address, no redirect, no answer without end.
//!
//! Nothing here reads a clock or a database, nor knows who is registered: that is asked of the caller.

pub mod address;
mod carrier;
mod description;
pub mod digest;
mod key;
pub mod message;
mod refused;
mod request;
pub mod signature;
mod target;

pub use carrier::{Carrier, LARGEST_REPLY, Reply, Rules};
pub use key::{Jwk, PublicKey, SigningKey, WrongKey};
pub use refused::Refused;
pub use request::Request;
pub use target::{Target, WrongTarget};
