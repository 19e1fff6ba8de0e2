//! A request, as both ends see it.

/// A request, whole. Who receives one has put its own address into `target`: what stands in `Host` was
/// chosen by whoever came, and a proxy in front may have changed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The method, in capitals.
    pub method: String,
    /// The target URI: scheme, authority, path and query.
    pub target: String,
    /// The fields, by their names in small letters, in the order they came.
    pub headers: Vec<(String, String)>,
    /// The content.
    pub body: Vec<u8>,
}

impl Request {
    /// The value of a field as RFC 9421 (2.1) has it: each line trimmed, lines joined by a comma.
    pub fn header(&self, name: &str) -> Option<String> {
        let mut lines = self.headers.iter().filter(|(known, _)| known == name);
        let first = lines.next()?.1.trim().to_owned();
        Some(lines.fold(first, |joined, (_, line)| joined + ", " + line.trim()))
    }
}
