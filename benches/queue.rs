//! What the screen asks of a full queue: a page of the list, the header's counts, one item; beside bare selects.
//!
//! `cargo bench --bench queue [-- ITEMS]`

#[path = "support/bench.rs"]
mod bench;

use bench::{Times, bare, count, desk, folder, head, line, row, runtime, timed};
use countersign::queue::{ListQuery, Scope};
use countersign::review::ItemId;

/// Rows a screen of 40 lines asks for.
const PAGE: usize = 40;
const ROUNDS: usize = 300;

/// The same lines in one table with one index.
fn fill(db: &mut rusqlite::Connection, items: usize) -> rusqlite::Result<()> {
    db.execute_batch(
        "CREATE TABLE item (n INTEGER PRIMARY KEY, at INTEGER NOT NULL, line TEXT NOT NULL) STRICT",
    )?;
    let tx = db.transaction()?;
    for n in 0..items {
        tx.prepare_cached("INSERT INTO item VALUES (?1, ?1 % 1000, ?2)")?.execute((n, line(n)))?;
    }
    tx.execute_batch("CREATE INDEX item_at ON item (at, n)")?;
    tx.commit()
}

fn page(db: &rusqlite::Connection) -> rusqlite::Result<usize> {
    let mut rows = db.prepare_cached("SELECT line FROM item ORDER BY at, n LIMIT ?")?;
    let rows = rows.query_map([PAGE], |r| r.get::<_, String>(0))?;
    rows.map(|row| row.map(|line| line.len())).sum()
}

fn one(db: &rusqlite::Connection, n: usize) -> rusqlite::Result<String> {
    db.prepare_cached("SELECT line FROM item WHERE n = ?")?.query_row([n], |r| r.get(0))
}

fn main() {
    let items = count(100_000);
    let dir = folder();
    let desk = desk(dir.path());
    let runtime = runtime();
    let lines: String = (0..items).map(|n| line(n) + "\n").collect();
    runtime.block_on(desk.import(&mut lines.as_bytes(), |_| ())).expect("the items go in");
    let mut db = bare(&dir.path().join("bare.sqlite")).expect("the peer's store can be opened");
    fill(&mut db, items).expect("the peer's lines go in");
    let ask = |filter: &str| ListQuery {
        filter: filter.to_owned(),
        after: None,
        limit: PAGE,
        scope: Scope::Waiting,
    };
    let mut times: [(Times, Times); 4] = std::array::from_fn(|_| (Times::default(), Times::default()));
    for round in 0..ROUNDS {
        let n = round * 7_919 % items.max(1);
        let id: ItemId = format!("i{n}").parse().expect("an id");
        let (paged, peer_page) = timed(|| page(&db));
        let (found, peer_one) = timed(|| one(&db, n));
        assert!(peer_page.is_ok() && peer_one.is_ok(), "the peer answers");
        let list = timed(|| runtime.block_on(desk.queue().list(ask(""))));
        assert_eq!(list.1.map(|rows| rows.len()).ok(), Some(PAGE.min(items)));
        let counts = timed(|| runtime.block_on(desk.queue().counts()));
        assert!(counts.1.is_ok(), "the queue counts");
        let open = timed(|| runtime.block_on(desk.queue().open(id)));
        assert!(open.1.is_ok_and(|open| open.is_some()), "the item is there");
        for ((ours, peer), (time, beside)) in
            times.iter_mut().zip([(list.0, paged), (counts.0, paged), (open.0, found)])
        {
            ours.add(time);
            peer.add(beside);
        }
        // A filter looks at every row: fewer rounds do.
        if round % 10 == 0 {
            let filtered = timed(|| runtime.block_on(desk.queue().list(ask("refund courier"))));
            assert!(filtered.1.is_ok(), "the queue filters");
            times[3].0.add(filtered.0);
            times[3].1.add(paged);
        }
    }
    println!(
        "{items} items, {ROUNDS} rounds; the peer reads {PAGE} rows by an index, or one row by its key\n"
    );
    head("bare select");
    for (what, (ours, peer)) in
        ["a page of the list", "the counts", "one item", "a page, filtered"].iter().zip(&times)
    {
        row(what, ours, peer);
    }
}
