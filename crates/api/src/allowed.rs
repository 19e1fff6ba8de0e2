//! Which methods a path takes, for 405.
//!
//! `/cases/actions` looks like `/cases/{id}`, and the framework would hand a method that only the latter has
//! to it. So what has a name of its own is known before it is routed.

use std::collections::BTreeMap;

use actix_web::dev::ResourceDef;

/// The methods of every path of the description.
#[derive(Debug)]
pub struct Allowed {
    paths: Vec<Known>,
    /// Which of them look like another that takes other methods.
    mistaken: Vec<usize>,
}

#[derive(Debug)]
struct Known {
    path: ResourceDef,
    methods: Vec<String>,
    /// How many of its parts may be anything.
    open: usize,
}

impl Allowed {
    /// By path template; methods in capital letters. What takes GET takes HEAD.
    pub fn new(described: BTreeMap<&str, Vec<String>>) -> Self {
        let mistaken = |path: &str, methods: &[String]| {
            described.iter().any(|(other, others)| {
                *other != path
                    && looks_like(path, other)
                    && others.iter().any(|method| !methods.contains(method))
            })
        };
        let found: Vec<usize> = described
            .iter()
            .enumerate()
            .filter(|(_, (path, methods))| mistaken(path, methods))
            .map(|(at, _)| at)
            .collect();
        let paths = described
            .into_iter()
            .map(|(path, mut methods)| {
                if methods.iter().any(|method| method == "GET") {
                    methods.push("HEAD".to_owned());
                }
                methods.sort();
                let open = path.split('/').filter(|part| part.starts_with('{')).count();
                Known { path: ResourceDef::new(path), methods, open }
            })
            .collect();
        Self { paths, mistaken: found }
    }

    /// The methods of a path: of several templates that it matches, those of the one that names most of it.
    pub fn of(&self, path: &str) -> Option<&[String]> {
        let known = self.paths.iter().filter(|known| known.path.is_match(path));
        known.min_by_key(|known| known.open).map(|known| known.methods.as_slice())
    }

    /// The methods of a path that would be taken for another one, unless this is one of them.
    pub fn refuses(&self, method: &str, path: &str) -> Option<&[String]> {
        let mut mistaken = self.mistaken.iter().filter_map(|at| self.paths.get(*at));
        let known = mistaken.find(|known| known.path.is_match(path))?;
        let taken = known.methods.iter().any(|known| known == method);
        (!taken).then_some(known.methods.as_slice())
    }
}

/// Whether what one template describes is matched by the other.
fn looks_like(path: &str, other: &str) -> bool {
    let (mut parts, mut others) = (path.split('/'), other.split('/'));
    loop {
        match (parts.next(), others.next()) {
            (None, None) => return true,
            (Some(part), Some(other)) if part == other || other.starts_with('{') => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed() -> Allowed {
        let described = [
            ("/cases", vec!["GET", "POST"]),
            ("/cases/actions", vec!["POST"]),
            ("/cases/{id}", vec!["GET", "PATCH"]),
            ("/cases/{id}/measures/decision", vec!["POST"]),
            ("/cases/{id}/measures/{measure}", vec!["PATCH"]),
        ];
        let owned = |(path, methods): (_, Vec<&str>)| {
            (path, methods.into_iter().map(str::to_owned).collect())
        };
        Allowed::new(described.into_iter().map(owned).collect())
    }

    #[test]
    fn a_name_of_its_own_is_no_id() {
        let allowed = allowed();
        assert_eq!(allowed.refuses("GET", "/cases/actions"), Some(&["POST".to_owned()][..]));
        assert_eq!(allowed.refuses("POST", "/cases/actions"), None);
        assert_eq!(allowed.refuses("PATCH", "/cases/1/measures/decision").map(<[_]>::len), Some(1));
        assert_eq!(allowed.refuses("PATCH", "/cases/1/measures/2"), None);
        assert_eq!(allowed.refuses("GET", "/cases/1"), None);
    }

    #[test]
    fn a_path_is_told_its_own_methods() {
        let allowed = allowed();
        assert_eq!(allowed.of("/cases/actions"), Some(&["POST".to_owned()][..]));
        assert_eq!(
            allowed.of("/cases/1").map(|it| it.join(", ")).as_deref(),
            Some("GET, HEAD, PATCH")
        );
        assert_eq!(allowed.of("/nowhere"), None);
    }
}
