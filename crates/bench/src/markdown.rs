//! Numbers and tables as they stand on the page.

/// Milliseconds to three digits.
pub fn ms(value: f64) -> String {
    match value {
        value if value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}

/// A ratio to two digits, anything large to whole ones.
pub fn short(value: f64) -> String {
    if value >= 100.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

/// To a tenth, which a whole number does without.
pub fn round(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
}

/// A table in Markdown, padded so that it can be read as it stands; nothing without rows.
pub fn table(heads: &[&str], rows: &[Vec<String>]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let width = |at: usize| {
        let cells = rows.iter().filter_map(|row| row.get(at)).map(String::as_str);
        cells.chain(heads.get(at).copied()).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..heads.len()).map(|at| width(at).max(3)).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded: Vec<_> =
            cells.zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        format!("| {} |\n", padded.join(" | "))
    };
    let mut text = line(&mut heads.iter().copied());
    let dashes: Vec<_> = widths.iter().map(|width| "-".repeat(*width)).collect();
    text += &line(&mut dashes.iter().map(String::as_str));
    for row in rows {
        text += &line(&mut row.iter().map(String::as_str));
    }
    text + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_as_wide_as_its_widest_cell() {
        let rows = [vec!["å".to_owned(), "12345".to_owned()]];
        let expected = "| a   | b     |\n| --- | ----- |\n| å   | 12345 |\n\n";
        assert_eq!(table(&["a", "b"], &rows), expected);
        assert_eq!(table(&["a", "b"], &[]), "");
    }

    #[test]
    fn numbers_have_no_more_digits_than_they_are_worth() {
        assert_eq!([ms(0.123), ms(12.34), ms(512.3)], ["0.12", "12.3", "512"]);
        assert_eq!([short(0.666), short(123.4)], ["0.67", "123"]);
        assert_eq!([round(40.0), round(47.37)], ["40", "47.4"]);
    }
}
