//! What a page has shown, for `update` to judge a verdict by (P2).
//!
//! The screen says which bytes of a text one frame had room for; a page is printed whole or not at all, so that what was
//! printed was shown. Invariant: a [`Shown`] of here is made only after every byte of its page has left the program.

use super::super::message::{Drawn, Extent, Shown};
use super::super::model::unanswered;
use crate::review::{OpenItem, Stamp};
use crate::visible;

/// Lines of room where nothing scrolls.
const ROOM: usize = 1 << 16;

/// What has been shown once `open` is printed, at this time.
pub(super) fn all_of(open: &OpenItem, at: Stamp) -> Shown {
    let whole = |text: &str| Drawn { from: 0, to: text.len(), of: text.len() };
    let messages = &open.item.conversation.messages;
    let draft = open.item.draft.as_ref().filter(|_| open.ai_may_speak());
    Shown {
        at,
        seen: open.seen(),
        draft_on_screen: true,
        draft: draft.map(|d| whole(&d.text)).unwrap_or_default(),
        news: unanswered(open)
            .into_iter()
            .map(|n| (messages[n].id.clone(), whole(&messages[n].text)))
            .collect(),
        hidden_chars: draft.map_or(0, |d| visible::hidden_chars(&d.text)),
        ..nothing(at)
    }
}

/// What has been shown where no item is printed.
pub(super) fn nothing(at: Stamp) -> Shown {
    let room = Extent { top: 0, height: ROOM, lines: 0, unseen: None };
    Shown { at, list: room, overlay: room, editor_columns: u16::MAX, panes: 3, ..Shown::default() }
}
