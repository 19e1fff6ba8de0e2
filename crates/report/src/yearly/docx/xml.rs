//! Writing XML: elements that are closed in order, texts and values that are escaped.

/// XML that is being written.
#[derive(Default)]
pub(super) struct Xml(String);

impl Xml {
    /// Begins a part of a package.
    pub(super) fn part() -> Self {
        Self("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n".to_owned())
    }

    /// An element around what `inside` writes.
    pub(super) fn around(
        &mut self,
        name: &str,
        attributes: &[(&str, &str)],
        inside: impl FnOnce(&mut Self),
    ) {
        self.open(name, attributes);
        self.0.push('>');
        inside(self);
        self.0.push_str("</");
        self.0.push_str(name);
        self.0.push('>');
    }

    /// An element with nothing in it.
    pub(super) fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.open(name, attributes);
        self.0.push_str("/>");
    }

    fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.0.push('<');
        self.0.push_str(name);
        for (name, value) in attributes {
            self.0.push(' ');
            self.0.push_str(name);
            self.0.push_str("=\"");
            self.escaped(value);
            self.0.push('"');
        }
    }

    /// A text.
    pub(super) fn text(&mut self, text: &str) {
        self.escaped(text);
    }

    fn escaped(&mut self, text: &str) {
        for letter in text.chars() {
            match letter {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\t' | '\n' | '\r' => self.0.push(letter),
                // No XML may hold these, however written.
                '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
                other => self.0.push(other),
            }
        }
    }

    /// What was written.
    pub(super) fn end(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_written_breaks_the_xml() {
        let mut xml = Xml::default();
        xml.around("a", &[("b", "\"<&\u{1}")], |xml| {
            xml.empty("c", &[]);
            xml.text("]]> & <d>\u{0}\u{ffff}å");
        });
        assert_eq!(xml.end(), "<a b=\"&quot;&lt;&amp;\"><c/>]]&gt; &amp; &lt;d&gt;å</a>");
    }
}
