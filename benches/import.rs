//! How many items a second `import` takes into a fresh store, beside bare inserts of the same lines.
//!
//! `cargo bench --bench import [-- ITEMS]`

#[path = "support/bench.rs"]
mod bench;

use bench::{bare, count, desk, folder, line, runtime, timed};

/// Lines per transaction, as the desk has them.
const BATCH: usize = 1_000;

fn inserted(lines: &str) -> rusqlite::Result<()> {
    let dir = folder();
    let mut db = bare(&dir.path().join("bare.sqlite"))?;
    db.execute_batch("CREATE TABLE item (n INTEGER PRIMARY KEY, line TEXT NOT NULL) STRICT")?;
    for batch in lines.lines().collect::<Vec<_>>().chunks(BATCH) {
        let tx = db.transaction()?;
        for line in batch {
            tx.prepare_cached("INSERT INTO item (line) VALUES (?)")?.execute([line])?;
        }
        tx.commit()?;
    }
    Ok(())
}

fn main() {
    let items = count(100_000);
    let lines: String = (0..items).map(|n| line(n) + "\n").collect();
    #[expect(clippy::cast_precision_loss, reason = "a few digits are printed")]
    let rate = |time: std::time::Duration| items as f64 / time.as_secs_f64();
    println!("import of {items} items, {} MB, each round in a fresh folder\n", lines.len() / 1_000_000);
    println!("| round | items a second | bare inserts a second | ratio |\n|---|---|---|---|");
    for round in 1..=3 {
        let dir = folder();
        let desk = desk(dir.path());
        let (ours, tally) = timed(|| runtime().block_on(desk.import(&mut lines.as_bytes(), |_| ())));
        let tally = tally.expect("the items go in");
        assert_eq!(usize::try_from(tally.new), Ok(items), "{tally:?}");
        let (peer, done) = timed(|| inserted(&lines));
        done.expect("the peer's lines go in");
        let (ours, peer) = (rate(ours), rate(peer));
        println!("| {round} | {ours:.0} | {peer:.0} | {:.2} |", ours / peer);
    }
}
