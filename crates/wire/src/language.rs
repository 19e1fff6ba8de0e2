//! The languages messages come in.

/// A language for messages: `sv` (default), `en`, `sv-x-easy`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// Swedish.
    #[default]
    Sv,
    /// English.
    En,
    /// Easy Swedish.
    SvEasy,
}

impl Language {
    /// Every language.
    pub const ALL: [Language; 3] = [Language::Sv, Language::En, Language::SvEasy];

    /// The language tag.
    pub fn tag(self) -> &'static str {
        match self {
            Language::Sv => "sv",
            Language::En => "en",
            Language::SvEasy => "sv-x-easy",
        }
    }

    /// The best of our languages for an `Accept-Language` header; Swedish where none fits.
    pub fn accepted(header: &str) -> Self {
        let mut best = (0.0, Language::default());
        for item in header.split(',') {
            let mut parts = item.split(';');
            let tag = parts.next().unwrap_or("").trim().to_ascii_lowercase();
            let weight = parts
                .find_map(|part| part.trim().strip_prefix("q="))
                .map_or(Some(1.0), |weight| weight.trim().parse::<f32>().ok())
                .filter(|weight| (0.0..=1.0).contains(weight))
                .unwrap_or(0.0);
            let language = match tag.as_str() {
                "sv-x-easy" => Language::SvEasy,
                "*" | "sv" => Language::Sv,
                "en" => Language::En,
                tag if tag.starts_with("sv-") => Language::Sv,
                tag if tag.starts_with("en-") => Language::En,
                _ => continue,
            };
            if weight > best.0 {
                best = (weight, language);
            }
        }
        best.1
    }
}

#[cfg(test)]
mod tests {
    use super::Language;

    #[test]
    fn the_heaviest_language_we_have_wins() {
        for (header, language) in [
            ("", Language::Sv),
            ("en", Language::En),
            ("de, en-GB;q=0.8, sv;q=0.5", Language::En),
            ("sv-x-easy, sv;q=0.9", Language::SvEasy),
            ("de", Language::Sv),
            ("en;q=0, sv", Language::Sv),
            ("en;q=x", Language::Sv),
            ("*", Language::Sv),
        ] {
            assert_eq!(Language::accepted(header), language, "{header}");
        }
    }
}
