//! How often the right category is among the first three suggested, over sentences as staff, the
//! persons themselves and relatives write them. Two files measure rules that were written without
//! them; the others hold what the rules have learnt from: the second, and a night shift's sentences.

use std::collections::BTreeMap;

use domain::case::Kind;
use domain::code_lists::CodeLists;
use domain::suggest::{SHOWN, suggest};

const MEASURE: &str = include_str!("data/suggest.csv");
const UNSEEN: &str = include_str!("data/suggest_unseen.csv");
const MORE: &str = include_str!("data/suggest_more.csv");
const NIGHT: &str = include_str!("data/suggest_night.csv");

struct Sentence {
    text: String,
    area: String,
    category: String,
    law: String,
}

fn sentences(file: &str) -> Vec<Sentence> {
    csv::ReaderBuilder::new()
        .delimiter(b';')
        .from_reader(file.trim_start_matches('\u{feff}').as_bytes())
        .records()
        .map(|record| {
            let record = record.expect("a row");
            let field = |at: usize| record[at].to_owned();
            Sentence { text: field(0), area: field(1), category: field(2), law: field(3) }
        })
        .collect()
}

#[test]
fn the_right_category_is_among_the_first_three() {
    for (name, file, least) in
        [("measure", MEASURE, 95), ("unseen", UNSEEN, 85), ("more", MORE, 95), ("night", NIGHT, 92)]
    {
        measure(name, &sentences(file), least);
    }
}

/// Prints the hit rates of a file, overall and by category, and holds the one that counts to so many
/// of a hundred.
fn measure(name: &str, sentences: &[Sentence], least: usize) {
    let codes = CodeLists::shared();
    let (mut first, mut three, mut laws) = (0, 0, 0);
    let mut by_top: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    for sentence in sentences {
        let found = suggest(Kind::Avvikelse, &sentence.text, Some(&sentence.area), &codes);
        let top = codes.top("category", &sentence.category);
        let place = found.categories.iter().position(|one| one.top == top);
        first += usize::from(place == Some(0));
        let hit = place.is_some_and(|place| place < SHOWN);
        three += usize::from(hit);
        laws += usize::from(found.laws.first().is_some_and(|one| one.law.code() == sentence.law));
        let tally = by_top.entry(top.to_owned()).or_default();
        tally.0 += 1;
        tally.1 += u32::from(hit);
    }
    let of = sentences.len();
    println!("{name}: first {first}, among three {three}, law first {laws}, of {of}");
    for (top, (count, hit)) in by_top {
        println!("  {top:<8} {hit} of {count}");
    }
    assert!(three * 100 >= of * least, "{name}, among the first three: {three} of {of}");
}
