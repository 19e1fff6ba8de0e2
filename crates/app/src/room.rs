//! Whether there is room for what is filed.

use std::path::PathBuf;

/// Where there must be room, and how much.
#[derive(Debug, Default)]
pub struct Room {
    /// Directories on the file systems that are written to.
    pub places: Vec<PathBuf>,
    /// The least that may be free, in bytes.
    pub least: u64,
}

impl Room {
    /// Whether one of the places has less. One that does not say how much it has is not taken for full.
    pub fn is_short(&self) -> bool {
        let short = |place: &PathBuf| store::free_space(place).is_ok_and(|free| free < self.least);
        self.places.iter().any(short)
    }
}
