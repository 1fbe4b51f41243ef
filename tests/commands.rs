//! The program as it is typed at a shell: what stands on the screen, with which code it ends, what is in the files.

#![expect(clippy::unwrap_used, reason = "a test says by its panic what went wrong")]

#[path = "commands/anchor.rs"]
mod anchor;
#[path = "commands/emotion.rs"]
mod emotion;
#[path = "commands/export.rs"]
mod export;
#[path = "commands/intake.rs"]
mod intake;
#[path = "commands/log.rs"]
mod log;
#[path = "support/office.rs"]
mod office;
#[path = "commands/page.rs"]
mod page;
#[path = "../benches/support/log.rs"]
mod real_log;
#[path = "commands/settings.rs"]
mod settings;
#[path = "commands/stats.rs"]
mod stats;
#[path = "commands/tail.rs"]
mod tail;
#[path = "commands/verdict.rs"]
mod verdict;

use countersign::desk::{Desk, Setup};
use countersign::queue::sqlite::system_clock;
use countersign::review::{ItemId, Policy};
use office::Office;
use serde_json::{Value, json};

/// A line of import: one message of Ana's in conversation `c-ID`, with a draft.
fn item(id: &str) -> Value {
    json!({
        "schema": "countersign.item/1", "id": id,
        "conversation": {
            "id": format!("c-{id}"), "channel": "email", "language": "en", "subject": "Third time!",
            "customer": {"id": format!("u-{id}"), "name": "Ana Ruiz"},
            "messages": [{"id": "m1", "from": "customer", "at": "2026-11-20T09:01:00Z", "text": "Where is my refund?"}]
        },
        "draft": {"id": "d1", "version": 1, "text": "Dear Ana, your refund left today.", "model": "m-1"}
    })
}

/// The same with a change.
fn changed(id: &str, change: impl FnOnce(&mut Value)) -> Value {
    let mut item = item(id);
    change(&mut item);
    item
}

fn lines(items: &[Value]) -> String {
    items.iter().map(|item| format!("{item}\n")).collect()
}

/// An office where these items wait.
fn office(items: &[Value]) -> Office {
    let office = Office::new();
    office.write("items.jsonl", lines(items));
    office.check("import items.jsonl", 0, &[&format!("items.jsonl: {} new", items.len())]);
    office
}

/// Another agent's desk in the same office.
fn desk_of(agent: &str, office: &Office) -> Desk {
    let setup = Setup { agent: agent.to_owned(), policy: Policy::default(), clock: system_clock() };
    Desk::open(&office.data(), setup).unwrap()
}

fn id(text: &str) -> ItemId {
    text.parse().unwrap()
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}
