//! The keys that lines may have, for whoever names one: a filter, a table of figures. A test holds this list against
//! every entry that can be written.

/// What the values of a key are, where they are not null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Ids, words, names, moments, hashes.
    Text,
    /// Integers.
    Number,
}
use Kind::{Number, Text};

/// Every key, in the order in which it first comes.
pub const FIELDS: &[(&str, Kind)] = &[
    ("v", Number),
    ("seq", Number),
    ("ts", Text),
    ("type", Text),
    ("id", Text),
    // header
    ("schema", Text),
    ("chain", Text),
    // session
    ("what", Text),
    ("agent", Text),
    ("session", Text),
    ("os_uid", Number),
    ("app_version", Text),
    ("recogniser_rev", Text),
    ("policy_rev", Text),
    // decision
    ("item", Text),
    ("conversation", Text),
    ("customer", Text),
    ("channel", Text),
    ("lang", Text),
    ("verdict", Text),
    ("reason", Text),
    ("draft", Text),
    ("draft_version", Number),
    ("last_message", Text),
    ("emotion", Text),
    ("emotion_confidence_milli", Number),
    ("emotion_corrected", Text),
    ("intensity_milli", Number),
    ("risk", Text),
    ("checks_warned", Number),
    ("checks_overridden", Number),
    ("model", Text),
    ("prompt_rev", Text),
    ("second_of", Text),
    ("draft_mac", Text),
    ("sent_mac", Text),
    ("draft_chars", Number),
    ("draft_words", Number),
    ("sent_chars", Number),
    ("edit_distance", Number),
    ("ai_share_milli", Number),
    ("waited_ms", Number),
    ("shown_ms", Number),
    ("active_ms", Number),
    ("viewed_milli", Number),
    ("hidden_chars", Number),
    ("disclosure", Text),
    // outcome, routing
    ("decision", Text),
    ("act", Text),
    ("from", Text),
    ("to", Text),
    ("until", Text),
    // correction, report, report_state
    ("message", Text),
    ("emotion_from", Text),
    ("confidence_from_milli", Number),
    ("emotion_to", Text),
    ("error", Text),
    ("by", Text),
    ("report", Text),
    ("state", Text),
    ("owner", Text),
    // consent, erasure, access
    ("word", Text),
    ("taken_back", Number),
    ("items", Number),
    ("decisions", Number),
    ("subject", Text),
    ("purpose", Text),
    // checkpoint, recovered, clock_step, policy_change
    ("size", Number),
    ("root", Text),
    ("key", Text),
    ("file", Text),
    ("offset", Number),
    ("bytes", Number),
    ("back_ms", Number),
    ("policy_from", Text),
    ("prev", Text),
    ("hash", Text),
];
