//! `desk.sqlite`: this machine's staged verdicts, saved edits and the reconciliation mark. It stays local when the
//! queue is remote.

use crate::ledger::Mark;
use crate::queue::QueueError;
use crate::queue::sqlite::column::{from_json, json, parsed};
use crate::queue::sqlite::file::{self, Migration};
use crate::review::{Base, Decision, DecisionId, ItemId, Refusal, SavedEdit, Stamp, Verdict};
use rusqlite::{Connection, OptionalExtension};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

const MIGRATIONS: &[Migration] = &["
-- Verdicts on their way: from before the ledger knows them until the queue has answered.
CREATE TABLE staged (
  id TEXT PRIMARY KEY, session TEXT NOT NULL, body TEXT NOT NULL, immediate INTEGER NOT NULL
) STRICT;

-- Text that was written and not signed. One half-written text per item and agent; refused ones are kept beside it.
CREATE TABLE edit (
  n INTEGER PRIMARY KEY, item TEXT NOT NULL, agent TEXT NOT NULL, customer TEXT NOT NULL, base TEXT NOT NULL,
  text TEXT NOT NULL, caret INTEGER NOT NULL, at INTEGER NOT NULL,
  decision TEXT,                   -- the verdict it was part of; null while it is being typed
  refusal TEXT                     -- JSON; null where it was not signed at all
) STRICT;
CREATE UNIQUE INDEX edit_typing ON edit (item, agent) WHERE decision IS NULL;
CREATE UNIQUE INDEX edit_decision ON edit (decision) WHERE decision IS NOT NULL;

CREATE TABLE mark (one INTEGER PRIMARY KEY CHECK (one = 1), mark TEXT NOT NULL) STRICT;
",
"
-- A changed draft and own words are two texts: a take-over begun beside a kept edit must not write over it.
ALTER TABLE edit ADD COLUMN own_words INTEGER GENERATED ALWAYS AS (json_extract(base, '$.base') <> 'draft') VIRTUAL;
DROP INDEX edit_typing;
CREATE UNIQUE INDEX edit_typing ON edit (item, agent, own_words) WHERE decision IS NULL;
",
"
-- Under which policy the last session began, as the log names it.
CREATE TABLE policy (one INTEGER PRIMARY KEY CHECK (one = 1), rev TEXT NOT NULL) STRICT;
"];

/// The local store.
pub struct Store {
    place: String,
    db: Mutex<Connection>,
}

/// A verdict on its way.
#[derive(Clone, Debug)]
pub struct Staged {
    /// The decision with its text.
    pub decision: Decision,
    /// A script's verdict has no undo window.
    pub immediate: bool,
}

/// A text that was signed in vain: refused by the queue, or never in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsigned {
    /// The verdict it was part of.
    pub decision: DecisionId,
    /// The text.
    pub edit: SavedEdit,
    /// Why the queue refused it; none where it never reached the ledger.
    pub refusal: Option<Refusal>,
}

/// What a decision's text was made of.
fn base_of(decision: &Decision) -> Base {
    use crate::review::Verdict::{Approve, Edit, Reply, TakeOver};
    match (decision.verdict, &decision.seen.draft) {
        (Approve | Edit, Some((id, version))) => Base::Draft {
            id: id.clone(),
            version: *version,
            text: decision.draft_text.clone().unwrap_or_default(),
        },
        (TakeOver, _) => Base::TakeOver,
        (Approve | Edit, None) | (Reply, _) => Base::Reply,
    }
}

fn saved_edit(r: &rusqlite::Row<'_>) -> rusqlite::Result<SavedEdit> {
    Ok(SavedEdit {
        item: parsed(r.get_ref("item")?.as_str()?)?,
        base: from_json(r.get_ref("base")?.as_str()?)?,
        text: r.get("text")?,
        caret: r.get("caret")?,
        at: Stamp(r.get("at")?),
    })
}

impl Store {
    /// Opens or creates the store.
    ///
    /// # Errors
    /// See [`file::open`].
    pub fn open(path: &Path) -> Result<Self, QueueError> {
        let db = file::open(path, MIGRATIONS)?;
        Ok(Self { place: path.display().to_string(), db: Mutex::new(db) })
    }

    fn db(&self) -> MutexGuard<'_, Connection> {
        // A panic between two statements leaves the connection usable: every change is one transaction.
        self.db.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run<T>(
        &self,
        work: impl FnOnce(&rusqlite::Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, QueueError> {
        let mut db = self.db();
        let done = (|| {
            let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
            let value = work(&tx)?;
            tx.commit()?;
            Ok(value)
        })();
        done.map_err(|e| file::error_at(&self.place, &e))
    }

    /// One `SELECT` is a snapshot of its own: it takes no lock that keeps a writer waiting.
    fn look<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, QueueError> {
        work(&self.db()).map_err(|e| file::error_at(&self.place, &e))
    }

    /// Step 1 of a commit: from here on the verdict and its text survive a crash.
    pub fn stage(&self, decision: &Decision, immediate: bool) -> Result<(), QueueError> {
        self.run(|tx| {
            tx.prepare_cached(
                "INSERT OR REPLACE INTO staged (id, session, body, immediate) VALUES (?, ?, ?, ?)",
            )?
            .execute((decision.id.to_string(), decision.session.to_string(), json(decision)?, immediate))
            .map(drop)
        })
    }

    /// Step 4, accepted: the verdict is the queue's now, the half-written text is done with.
    pub fn accepted(&self, decision: &Decision) -> Result<(), QueueError> {
        self.run(|tx| {
            tx.prepare_cached("DELETE FROM staged WHERE id = ?")?.execute([decision.id.to_string()])?;
            // What was typed after the verdict, in another console, is not part of it.
            tx.prepare_cached("DELETE FROM edit WHERE item = ? AND agent = ? AND at <= ?")?
                .execute((decision.seen.item.as_str(), &decision.agent, decision.decided_at.0))
                .map(drop)
        })
    }

    /// Step 4, refused, or not signed at all: the text is a saved edit again.
    pub fn unsigned(&self, decision: &Decision, refusal: Option<&Refusal>) -> Result<(), QueueError> {
        self.run(|tx| {
            tx.prepare_cached("DELETE FROM staged WHERE id = ?")?.execute([decision.id.to_string()])?;
            if refusal == Some(&Refusal::Forgotten) {
                return tx
                    .execute("DELETE FROM edit WHERE item = ?", [decision.seen.item.as_str()])
                    .map(drop);
            }
            // What was half written is in the verdict's own text, save where that is the draft as it came (P9).
            if decision.verdict != Verdict::Approve {
                tx.prepare_cached(
                    "DELETE FROM edit WHERE item = ? AND agent = ? AND own_words = ? AND decision IS NULL AND at <= ?",
                )?
                .execute((
                    decision.seen.item.as_str(),
                    &decision.agent,
                    base_of(decision).is_own_words(),
                    decision.decided_at.0,
                ))?;
            }
            tx.prepare_cached(
                "INSERT OR REPLACE INTO edit (item, agent, customer, base, text, caret, at, decision, refusal)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            )?
            .execute((
                decision.seen.item.as_str(),
                &decision.agent,
                decision.customer.as_str(),
                json(&base_of(decision))?,
                &decision.text,
                decision.text.len(),
                decision.decided_at.0,
                decision.id.to_string(),
                refusal.map(json).transpose()?,
            ))
            .map(drop)
        })
    }

    /// All verdicts on their way, of all sessions of this machine.
    pub fn staged(&self) -> Result<Vec<Staged>, QueueError> {
        self.look(|db| {
            db.prepare_cached("SELECT body, immediate FROM staged ORDER BY id")?
                .query_map((), |r| {
                    Ok(Staged { decision: from_json(r.get_ref(0)?.as_str()?)?, immediate: r.get(1)? })
                })?
                .collect()
        })
    }

    /// Keeps a half-written text; of an item an agent has one changed draft and one text in own words at most.
    pub fn save_edit(&self, agent: &str, customer: &str, edit: &SavedEdit) -> Result<(), QueueError> {
        self.run(|tx| {
            tx.prepare_cached(
                "INSERT INTO edit (item, agent, customer, base, text, caret, at) VALUES (?, ?, ?, ?, ?, ?, ?)
                 ON CONFLICT (item, agent, own_words) WHERE decision IS NULL DO UPDATE SET customer = excluded.customer,
                    base = excluded.base, text = excluded.text, caret = excluded.caret, at = excluded.at",
            )?
            .execute((
                edit.item.as_str(),
                agent,
                customer,
                json(&edit.base)?,
                &edit.text,
                edit.caret,
                edit.at.0,
            ))
            .map(drop)
        })
    }

    /// Throws an agent's unsigned texts of an item away: own words, or what was made of the draft.
    pub fn drop_edit(&self, agent: &str, item: &ItemId, own_words: bool) -> Result<(), QueueError> {
        self.run(|tx| {
            tx.execute(
                "DELETE FROM edit WHERE item = ? AND agent = ? AND own_words = ?",
                (item.as_str(), agent, own_words),
            )
            .map(drop)
        })
    }

    /// The newest unsigned texts of an agent for an item, a changed draft and own words: what is being written, else
    /// what was signed in vain. The newest comes first.
    pub fn edits(&self, agent: &str, item: &ItemId) -> Result<Vec<SavedEdit>, QueueError> {
        let mut all: Vec<SavedEdit> = self.look(|db| {
            db.prepare_cached(
                "SELECT * FROM edit WHERE item = ? AND agent = ? ORDER BY decision IS NOT NULL, at DESC, n DESC",
            )?
            .query_map((item.as_str(), agent), saved_edit)?
            .collect()
        })?;
        let mut met = [false; 2];
        all.retain(|edit| !std::mem::replace(&mut met[usize::from(edit.base.is_own_words())], true));
        Ok(all)
    }

    /// Texts of an agent that were signed in vain, newest first.
    pub fn unsigned_of(&self, agent: &str) -> Result<Vec<Unsigned>, QueueError> {
        self.look(|db| {
            db.prepare_cached("SELECT * FROM edit WHERE agent = ? AND decision IS NOT NULL ORDER BY n DESC")?
                .query_map([agent], |r| {
                    let refusal: Option<String> = r.get("refusal")?;
                    Ok(Unsigned {
                        decision: parsed(r.get_ref("decision")?.as_str()?)?,
                        edit: saved_edit(r)?,
                        refusal: refusal.as_deref().map(from_json).transpose()?,
                    })
                })?
                .collect()
        })
    }

    /// Destroys what is kept of a customer's conversations, verdicts on their way among it: what the log knows of those
    /// is withdrawn by recovery, and what reaches the queue is refused there.
    pub fn forget(&self, customer: &str, items: &[ItemId]) -> Result<(), QueueError> {
        self.run(|tx| {
            tx.execute("DELETE FROM edit WHERE customer = ?", [customer])?;
            tx.execute("DELETE FROM staged WHERE json_extract(body, '$.customer') = ?", [customer])?;
            for item in items {
                tx.execute("DELETE FROM edit WHERE item = ?", [item.as_str()])?;
            }
            Ok(())
        })?;
        file::empty_wal(&self.db()).map_err(|e| file::error_at(&self.place, &e))
    }

    /// Under which policy the last session began; none before the first.
    pub fn policy_rev(&self) -> Result<Option<String>, QueueError> {
        self.run(|tx| tx.query_row("SELECT rev FROM policy", (), |r| r.get(0)).optional())
    }

    /// Writes that down.
    pub fn set_policy_rev(&self, rev: &str) -> Result<(), QueueError> {
        let sql = "INSERT INTO policy VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET rev = excluded.rev";
        self.run(|tx| tx.execute(sql, [rev]).map(drop))
    }

    /// How far the ledger has been reconciled: all before it is done with.
    pub fn mark(&self) -> Result<Option<Mark>, QueueError> {
        self.look(|db| {
            let mark: Option<String> = db.query_row("SELECT mark FROM mark", (), |r| r.get(0)).optional()?;
            mark.as_deref().map(from_json).transpose()
        })
    }

    /// Writes that down.
    pub fn set_mark(&self, mark: &Mark) -> Result<(), QueueError> {
        self.run(|tx| {
            tx.execute(
                "INSERT INTO mark VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET mark = excluded.mark",
                [json(mark)?],
            )
            .map(drop)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(base: Base, text: &str, at: i64) -> SavedEdit {
        SavedEdit { item: "i".parse().unwrap(), base, text: text.to_owned(), caret: 1, at: Stamp(at) }
    }

    fn draft() -> Base {
        Base::Draft { id: "d".parse().unwrap(), version: 1, text: "Dear Ana".to_owned() }
    }

    #[test]
    fn p9_a_changed_draft_and_own_words_are_kept_beside_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("desk.sqlite")).unwrap();
        let item = "i".parse().unwrap();
        for saved in [edit(draft(), "a", 1), edit(Base::TakeOver, "b", 2), edit(Base::Reply, "c", 3)] {
            store.save_edit("anna", "u", &saved).unwrap();
        }
        let texts = || store.edits("anna", &item).unwrap().into_iter().map(|e| e.text).collect::<Vec<_>>();
        assert_eq!(texts(), ["c", "a"], "the newest first");
        store.drop_edit("anna", &item, true).unwrap();
        assert_eq!(texts(), ["a"]);
    }

    #[test]
    fn p9_texts_of_a_store_of_the_first_version_are_still_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("desk.sqlite");
        let old = file::open(&path, &MIGRATIONS[..1]).unwrap();
        let base = serde_json::to_string(&draft()).unwrap();
        old.execute(
            "INSERT INTO edit (item, agent, customer, base, text, caret, at) VALUES ('i', 'anna', 'u', ?, 'old', 0, 1)",
            [base],
        )
        .unwrap();
        drop(old);
        let store = Store::open(&path).unwrap();
        store.save_edit("anna", "u", &edit(Base::TakeOver, "new", 2)).unwrap();
        let kept = store.edits("anna", &"i".parse().unwrap()).unwrap();
        assert_eq!(kept.iter().map(|e| e.text.as_str()).collect::<Vec<_>>(), ["new", "old"]);
        assert!(!kept[1].base.is_own_words());
    }
}
