//! The item on screen: what of it is shown, how far it has been read, and what has come in since.

use super::super::message::{Drawn, Shown};
use crate::care::check::{self, Check};
use crate::review::{ItemId, MessageId, OpenItem, Seen, Stamp};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// Where a region stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scroll {
    /// Where it is best to begin: the customer's unanswered messages, the top of the draft.
    #[default]
    Auto,
    /// At this screen line; what arrives does not move it.
    At(usize),
}

/// Parts of a text that have been on screen: sorted, apart from each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spans(Vec<Range<usize>>);

impl Spans {
    /// Adds a part.
    pub fn add(&mut self, part: Range<usize>) {
        if part.is_empty() {
            return;
        }
        let mut merged = part;
        self.0.retain(|old| {
            let touches = old.start <= merged.end && merged.start <= old.end;
            if touches {
                merged = merged.start.min(old.start)..merged.end.max(old.end);
            }
            !touches
        });
        let place = self.0.partition_point(|old| old.start < merged.start);
        self.0.insert(place, merged);
    }
    /// Whether all of `part` has been on screen.
    pub fn covers(&self, part: &Range<usize>) -> bool {
        part.is_empty() || self.0.iter().any(|s| s.start <= part.start && part.end <= s.end)
    }
    /// How many bytes have been on screen.
    pub fn bytes(&self) -> usize {
        self.0.iter().map(Range::len).sum()
    }
}

/// How far draft and unanswered messages have been on screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Viewed {
    /// The draft.
    pub draft: Spans,
    /// Each message.
    pub messages: BTreeMap<MessageId, Spans>,
}

impl Viewed {
    /// Adds what a frame drew.
    pub fn add(&mut self, shown: &Shown) {
        let range = |d: &Drawn| d.from.min(d.to)..d.to;
        self.draft.add(range(&shown.draft));
        for (message, drawn) in &shown.news {
            self.messages.entry(message.clone()).or_default().add(range(drawn));
        }
    }
}

/// The item on screen.
#[derive(Clone, Debug)]
pub struct Looking {
    /// Which.
    pub item: ItemId,
    /// What is shown of it; none while it loads.
    pub open: Option<Arc<OpenItem>>,
    /// A newer draft that was not asked for yet: offered, not swapped in.
    pub offered: Option<Arc<OpenItem>>,
    /// What a frame last showed, and when that changed.
    pub on_screen: Option<(Seen, Stamp)>,
    /// How far it has been read.
    pub viewed: Viewed,
    /// Findings about the draft.
    pub checks: Vec<Check>,
    /// The conversation's place.
    pub conversation: Scroll,
    /// The draft's place.
    pub draft: Scroll,
    /// First time it was on screen.
    pub first_shown: Option<Stamp>,
    /// Milliseconds with a key in the last minute.
    pub active_ms: i64,
}

impl Looking {
    /// An item that is not there yet.
    pub fn at(item: ItemId) -> Self {
        Self {
            item,
            open: None,
            offered: None,
            on_screen: None,
            viewed: Viewed::default(),
            checks: Vec::new(),
            conversation: Scroll::Auto,
            draft: Scroll::Auto,
            first_shown: None,
            active_ms: 0,
        }
    }

    /// Shows `open`. What has been read of the same draft stays read.
    pub fn show(&mut self, open: Arc<OpenItem>) {
        let version = |o: &OpenItem| o.item.draft.as_ref().map(|d| (d.id.clone(), d.version));
        let same = self.open.as_deref().is_some_and(|old| version(old) == version(&open));
        if !same {
            self.viewed.draft = Spans::default();
            self.draft = Scroll::Auto;
            self.checks = open.item.draft.as_ref().map_or_else(Vec::new, |d| check::checks(&d.text));
        }
        self.open = Some(open);
        self.offered = None;
    }

    /// What a verdict on what is shown would have to carry.
    pub fn seen(&self) -> Option<Seen> {
        self.open.as_deref().and_then(OpenItem::seen)
    }

    /// Share of the draft and of the unanswered messages that has been on screen, in thousandths.
    pub fn viewed_milli(&self) -> u16 {
        let Some(open) = self.open.as_deref() else { return 0 };
        let messages = &open.item.conversation.messages;
        let news = unanswered(open);
        let mut all = open.item.draft.as_ref().map_or(0, |d| d.text.len());
        let mut seen = self.viewed.draft.bytes().min(all);
        for n in news {
            let length = messages[n].text.len();
            all += length;
            seen += self.viewed.messages.get(&messages[n].id).map_or(0, Spans::bytes).min(length);
        }
        (seen * 1_000).checked_div(all).map_or(1_000, |milli| u16::try_from(milli).unwrap_or(1_000))
    }
}

/// Indices of the customer's messages that nobody has answered, oldest first.
pub fn unanswered(open: &OpenItem) -> Vec<usize> {
    use crate::review::Sender;
    let messages = &open.item.conversation.messages;
    let from = messages
        .iter()
        .rposition(|m| matches!(m.from, Sender::Agent | Sender::Ai))
        .map_or(0, |answered| answered + 1);
    (from..messages.len()).filter(|n| messages[*n].from == Sender::Customer).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn spans_are_the_set_of_what_was_added(
            parts in proptest::collection::vec((0..60usize, 0..12usize), 0..20),
            asked in (0..60usize, 0..12usize),
        ) {
            let (mut spans, mut naive) = (Spans::default(), [false; 80]);
            for (from, length) in parts {
                spans.add(from..from + length);
                naive[from..from + length].fill(true);
            }
            let asked = asked.0..asked.0 + asked.1;
            prop_assert_eq!(spans.bytes(), naive.iter().filter(|b| **b).count());
            prop_assert_eq!(spans.covers(&asked), naive[asked].iter().all(|b| *b));
            prop_assert!(spans.0.windows(2).all(|w| w[0].end < w[1].start));
        }
    }
}
