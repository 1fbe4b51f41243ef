//! What there is of an open item's draft: one rule for intake, ownership, undo and being sent back (P3, P5, P7).

use super::Write;

/// Which items are counted anew.
pub enum Which<'a> {
    /// One.
    Item(i64),
    /// The open ones of a conversation.
    Conversation(&'a str),
}

/// Counts the draft's state anew from what is known of the item. Without consent its text is gone, and only a new
/// arrival can bring one.
pub fn count(w: &mut Write<'_>, which: &Which<'_>) -> rusqlite::Result<()> {
    const STATE: &str = "CASE
        WHEN draft = 'no_consent' THEN draft
        WHEN draft_id IS NULL THEN 'absent'
        WHEN EXISTS (SELECT 1 FROM decision d WHERE d.item = item.n AND d.draft_id = item.draft_id
                     AND d.draft_version = item.draft_version AND d.standing = 1) THEN 'absent'
        WHEN EXISTS (SELECT 1 FROM conversation c WHERE c.id = item.conversation) THEN 'silenced'
        WHEN sent_back = draft_id || '/' || draft_version THEN 'drafting'
        ELSE 'ready' END";
    let revision = w.revision()?;
    let (condition, key): (_, &dyn rusqlite::ToSql) = match which {
        Which::Item(n) => ("n = ?1", n),
        Which::Conversation(id) => ("conversation = ?1 AND state IN ('open', 'second')", id),
    };
    w.tx.prepare_cached(&format!("UPDATE item SET draft = {STATE}, revision = ?2 WHERE {condition}"))?
        .execute(rusqlite::params![key, revision])
        .map(drop)
}
