//! As much of XML as it takes to leave elements out of the lists that office documents keep of their
//! parts.

/// Leaves out the elements called `name`, under any prefix, whose start tag `unwanted` says yes to.
/// Text that is no XML comes back as it is.
pub fn without(text: &str, name: &str, mut unwanted: impl FnMut(&str) -> bool) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        let Some(length) = rest[start..].find('>') else { break };
        let (before, tag) = (&rest[..start], &rest[start..=start + length]);
        kept.push_str(before);
        rest = &rest[start + length + 1..];
        let full = tag[1..].split(|c: char| c.is_whitespace() || c == '/' || c == '>').next();
        let full = full.unwrap_or_default();
        let local = full.rsplit(':').next().unwrap_or_default();
        if local != name || !unwanted(tag) {
            kept.push_str(tag);
        } else if !tag.ends_with("/>") {
            let close = format!("</{full}>");
            rest = rest.find(&close).map_or(rest, |at| &rest[at + close.len()..]);
        }
    }
    kept.push_str(rest);
    kept
}

/// The value of an attribute in a start tag.
pub fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let mut from = 0;
    while let Some(at) = tag[from..].find(name).map(|at| at + from) {
        let after = tag[at + name.len()..].trim_start();
        from = at + name.len();
        if !tag[..at].ends_with(char::is_whitespace) {
            continue;
        }
        let Some(value) = after.strip_prefix('=').map(str::trim_start) else { continue };
        let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        return value[1..].split(quote).next();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_go_and_the_rest_stays_letter_by_letter() {
        let text =
            "<?xml?><a:R xmlns=\"x\"><a:P T='1'/> <a:P T=\"2\">inner</a:P>\n<Q T=\"1\"/></a:R>";
        let wanted = |value: &'static str| move |tag: &str| attribute(tag, "T") == Some(value);
        assert_eq!(
            without(text, "P", wanted("1")),
            "<?xml?><a:R xmlns=\"x\"> <a:P T=\"2\">inner</a:P>\n<Q T=\"1\"/></a:R>"
        );
        assert_eq!(
            without(text, "P", wanted("2")),
            "<?xml?><a:R xmlns=\"x\"><a:P T='1'/> \n<Q T=\"1\"/></a:R>"
        );
        assert_eq!(without("no < xml", "P", |_| true), "no < xml");
    }

    #[test]
    fn an_attribute_is_found_by_its_whole_name() {
        let tag = "<R TargetMode=\"x\" Target = 'docProps/core.xml' Id=\"1\"/>";
        assert_eq!(attribute(tag, "Target"), Some("docProps/core.xml"));
        assert_eq!(attribute(tag, "Id"), Some("1"));
        assert_eq!(attribute(tag, "Type"), None);
    }
}
