//! The tables of `queue.sqlite`. Times are milliseconds since 1970, ids text, enums the words of the log.

use super::file::Migration;

/// All steps, oldest first. Never change one that has shipped; add the next.
pub const MIGRATIONS: &[Migration] = &["
-- One row; raised in every transaction that changes anything a console shows.
CREATE TABLE revision (one INTEGER PRIMARY KEY CHECK (one = 1), n INTEGER NOT NULL) STRICT;
INSERT INTO revision VALUES (1, 0);

-- What lists, claims and settles need of an item: narrow on purpose, so that a scan is cheap.
CREATE TABLE item (
  n INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  conversation TEXT NOT NULL,
  customer TEXT NOT NULL,
  customer_name TEXT,
  preview TEXT NOT NULL,
  topics TEXT NOT NULL,
  channel TEXT NOT NULL,
  language TEXT,
  digest BLOB NOT NULL,            -- of the line as it came in: the same again is a no-op
  messages INTEGER NOT NULL,
  last_message TEXT NOT NULL,
  recipients TEXT NOT NULL,
  unanswered INTEGER NOT NULL,
  draft_id TEXT,                   -- of the newest draft, also when silenced or dropped
  draft_version INTEGER,
  draft_digest BLOB,
  draft_created INTEGER,
  draft TEXT NOT NULL,             -- DraftState
  risk TEXT NOT NULL,
  second INTEGER NOT NULL,         -- needs a second agent
  reading TEXT,                    -- JSON, of the newest customer message that has one
  arrived INTEGER NOT NULL,
  state TEXT NOT NULL,
  closed TEXT,                     -- CloseReason, or newer_item, forgotten, transferred
  round INTEGER NOT NULL DEFAULT 1,
  holder TEXT, holder_session TEXT, holder_until INTEGER,
  fence INTEGER NOT NULL DEFAULT 0,
  assigned TEXT,
  moved_by TEXT,                   -- who closed, transferred or snoozed it last; may undo that
  snoozed_until INTEGER,
  class INTEGER NOT NULL, calm INTEGER NOT NULL, due INTEGER NOT NULL,
  reverse_priority INTEGER NOT NULL, since INTEGER NOT NULL,
  why TEXT NOT NULL,
  rank_until INTEGER NOT NULL,     -- when the rank must be counted again, or a snooze ends
  listed INTEGER NOT NULL,         -- 1: waits for a verdict and is not snoozed
  revision INTEGER NOT NULL
) STRICT;
CREATE INDEX item_order ON item (class, calm, due, reverse_priority, since, id) WHERE listed = 1;
CREATE INDEX item_stale ON item (rank_until) WHERE state IN ('open', 'second');
CREATE INDEX item_conversation ON item (conversation);
CREATE INDEX item_customer ON item (customer);
CREATE INDEX item_revision ON item (revision);
CREATE INDEX item_held ON item (holder_session) WHERE holder_session IS NOT NULL;

-- The item's line, byte for byte, less what consent forbids.
CREATE TABLE body (n INTEGER PRIMARY KEY REFERENCES item (n) ON DELETE CASCADE, line TEXT NOT NULL) STRICT;

CREATE TABLE conversation (id TEXT PRIMARY KEY, owner TEXT NOT NULL, since INTEGER NOT NULL) STRICT;

CREATE TABLE customer (id TEXT PRIMARY KEY, consent TEXT, key BLOB, forgotten INTEGER) STRICT;

CREATE TABLE note (
  n INTEGER PRIMARY KEY, conversation TEXT NOT NULL, customer TEXT NOT NULL,
  by TEXT NOT NULL, at INTEGER NOT NULL, text TEXT NOT NULL
) STRICT;
CREATE INDEX note_conversation ON note (conversation);

CREATE TABLE correction (
  conversation TEXT NOT NULL, message TEXT NOT NULL, customer TEXT NOT NULL,
  emotion TEXT NOT NULL, by TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (conversation, message)
) STRICT;

-- A decision with the queue's answer and, if accepted, the way of its reply.
CREATE TABLE decision (
  id TEXT PRIMARY KEY,
  item INTEGER REFERENCES item (n),
  item_id TEXT NOT NULL,
  conversation TEXT NOT NULL,
  customer TEXT NOT NULL,
  customer_name TEXT,
  draft_id TEXT NOT NULL,          -- '' without a draft
  draft_version INTEGER NOT NULL,  -- the round without a draft
  agent TEXT NOT NULL,
  session TEXT NOT NULL,
  verdict TEXT NOT NULL,
  at INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  hash TEXT NOT NULL,
  answer TEXT NOT NULL,            -- JSON of Settled, repeated to every retry
  standing INTEGER NOT NULL,       -- 1: the verdict that stands; 2: waits for a second agent; 0: refused or undone
  body TEXT,                       -- JSON of the decision; null once forgotten
  owner_before TEXT,               -- whom the conversation belonged to before a take-over; null: the AI
  reply TEXT,                      -- ReplyState; null: none
  until INTEGER,                   -- end of the undo window, or of the wait before the next try
  attempts INTEGER NOT NULL DEFAULT 0,
  worker TEXT, worker_fence INTEGER NOT NULL DEFAULT 0,
  why TEXT
) STRICT;
-- P3: at most one standing verdict, whatever the code above believes.
CREATE UNIQUE INDEX decision_standing ON decision (item, draft_id, draft_version) WHERE standing = 1;
CREATE INDEX decision_item ON decision (item);
CREATE INDEX decision_conversation ON decision (conversation);
CREATE INDEX decision_customer ON decision (customer);
CREATE INDEX decision_agent ON decision (agent, at);
CREATE INDEX decision_reply ON decision (until) WHERE reply IN ('held', 'due', 'failed');
CREATE INDEX decision_unsent ON decision (reply) WHERE reply IN ('held', 'due', 'failed', 'sending', 'dead', 'unsure');

-- What the ledger has not been told yet. AUTOINCREMENT: a number must never come back, or a slow teller would strike out
-- another fact than the one it told.
CREATE TABLE fact (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL) STRICT;

-- How far each workstation's ledger was reconciled with this store.
CREATE TABLE reconciled (chain TEXT PRIMARY KEY, mark TEXT NOT NULL) STRICT;

-- Writes already done, with their answers.
CREATE TABLE request (id TEXT PRIMARY KEY, at INTEGER NOT NULL, answer TEXT NOT NULL) STRICT;
CREATE INDEX request_at ON request (at);
", "
-- JSON of what the act of `moved_by` changed: an undo restores just that.
ALTER TABLE item ADD COLUMN moved TEXT;
-- The draft, as ID/VERSION, that was sent back: it does not become ready again.
ALTER TABLE item ADD COLUMN sent_back TEXT;
UPDATE item SET sent_back = draft_id || '/' || draft_version WHERE draft = 'drafting';
", "
-- customer.consent is the customer's word: yes, no, unknown; null where nobody has given any.
INSERT INTO customer (id, consent)
  SELECT DISTINCT customer, 'yes' FROM item JOIN body USING (n)
  WHERE json_extract(line, '$.conversation.customer.ai_consent') = 1
  ON CONFLICT (id) DO UPDATE SET consent = coalesce(consent, 'yes');

-- Under which rule what is stored came in.
CREATE TABLE policy (one INTEGER PRIMARY KEY CHECK (one = 1), ai_when_consent_unknown INTEGER NOT NULL) STRICT;
INSERT INTO policy VALUES (1, 1);
", "
-- What our recogniser read, by message; `rev` names the model.
CREATE TABLE reading (
  conversation TEXT NOT NULL, message TEXT NOT NULL, customer TEXT NOT NULL, rev TEXT NOT NULL,
  emotion TEXT NOT NULL, confidence INTEGER NOT NULL, intensity INTEGER NOT NULL, unsure INTEGER NOT NULL,
  asks_person INTEGER NOT NULL,
  evidence TEXT NOT NULL,          -- JSON: [[start, end, weight in thousandths], ...]
  PRIMARY KEY (conversation, message)
) STRICT, WITHOUT ROWID;
CREATE INDEX reading_customer ON reading (customer);

-- The revision that has read all messages; empty: there are unread ones.
ALTER TABLE item ADD COLUMN read_by TEXT NOT NULL DEFAULT '';
ALTER TABLE item ADD COLUMN asks_person INTEGER NOT NULL DEFAULT 0;
UPDATE item SET asks_person = 1 WHERE class = 0;
CREATE INDEX item_unread ON item (read_by) WHERE state IN ('open', 'second');
"];

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    #[test]
    fn a_store_of_every_older_version_is_brought_forward_with_what_it_holds() {
        for version in 1..MIGRATIONS.len() {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("queue.sqlite");
            let old = file::open(&path, &MIGRATIONS[..version]).unwrap();
            let item = "INSERT INTO item (id, conversation, customer, preview, topics, channel, digest, messages,
                    last_message, recipients, unanswered, draft_id, draft_version, draft, risk, second, arrived, state,
                    class, calm, due, reverse_priority, since, why, rank_until, listed, revision)
                VALUES ('i', 'c', 'u', '', '', 'email', x'', 1, 'm', '', 1, 'd', 2, 'drafting', 'normal', 0, 0, 'open',
                    0, 1000, 0, 0, 0, '', 0, 1, 1);
                INSERT INTO body VALUES (1, '{\"conversation\":{\"customer\":{\"id\":\"u\",\"ai_consent\":true}}}')";
            old.execute_batch(item).unwrap();
            drop(old);
            let now = file::open(&path, MIGRATIONS).unwrap();
            let text = |sql: &str| now.query_row(sql, (), |r| r.get::<_, Option<String>>(0)).unwrap();
            if version < 2 {
                assert_eq!(text("SELECT sent_back FROM item").as_deref(), Some("d/2"), "it stays sent back");
            }
            if version < 3 {
                assert_eq!(text("SELECT consent FROM customer").as_deref(), Some("yes"), "a yes is a yes");
            }
            let asks: bool = now.query_row("SELECT asks_person FROM item", (), |r| r.get(0)).unwrap();
            assert!(asks, "version {version}: who asks for a person stays in front");
            assert_eq!(text("SELECT read_by FROM item").as_deref(), Some(""), "all is read once");
        }
    }
}
