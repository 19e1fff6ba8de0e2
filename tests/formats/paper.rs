//! A table as it is laid out to be read: every cell in its place, with what stands above it and beside it.

use domain::table::{Cell, Table};

/// Words as they stand in a cell, row by row: first the heads, last the total.
pub type Laid = Vec<Vec<String>>;

/// As the table stands: its keys first, then its figures.
fn upright(table: &Table, printed: &dyn Fn(&Cell) -> String) -> Laid {
    let heads = table.heads.iter().map(|head| head.title.clone());
    let mut laid = vec![heads.chain(table.columns.iter().map(|one| one.title.clone())).collect()];
    for row in &table.rows {
        let keys = row.keys.iter().map(|key| key.text.clone());
        laid.push(keys.chain(row.cells.iter().map(printed)).collect());
    }
    if let Some(total) = &table.total {
        let mut line = vec![String::new(); table.heads.len()];
        if let Some(first) = line.first_mut() {
            *first = "Totalt".to_owned();
        }
        line.extend(total.iter().map(printed));
        laid.push(line);
    }
    laid
}

/// Turned: a row a column of the table.
fn turned(laid: &Laid) -> Laid {
    let across = laid.iter().map(Vec::len).max().unwrap_or(0);
    (0..across).map(|at| laid.iter().map(|row| row[at].clone()).collect()).collect()
}

/// Holds what was read to the table, cell by cell, upright or turned. A table of few columns is never turned.
pub fn agrees(table: &Table, read: &Laid, printed: &dyn Fn(&Cell) -> String) {
    let upright = upright(table, printed);
    let is_upright = read.first() == upright.first();
    let turned = turned(&upright);
    let may_turn = table.heads.len() == 1 && table.columns.len() > 10;
    let wanted = if may_turn && !is_upright { &turned } else { &upright };
    assert_eq!(read, wanted, "{}", table.id);
}
