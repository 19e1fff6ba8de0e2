//! Files that go with a case: adding, reading, withdrawing.

mod add;
mod read;
mod withdraw;

pub use add::Handed;
pub(crate) use add::refused as refused_file;
pub use read::ContentInClear;

use domain::case::Attachment;
use domain::policy::Access;

use crate::context::Caller;

/// How often a change that depends on nothing another change could have touched is tried again when
/// somebody else changed the case meanwhile.
const TRIES: usize = 32;

/// Whether a caller may see an attachment of a case they may read: whoever only reported it sees
/// what they added themselves, not what the assessors did.
fn sees(caller: &Caller, access: Access, file: &Attachment) -> bool {
    access != Access::Own || file.added_by == Some(caller.staff.id)
}
