//! The table. A new command is one row here; its variant, name and documentation come from the row.

use super::mode::{
    CHOOSE, COMMANDS, DIFFERENCE, EDIT, EVERYWHERE, HELD, ITEM_OR_EDIT, ITEM_OR_HELD, LISTS, NORMAL, WRITING,
};
use super::{Entry, Group};

macro_rules! commands {
    ($($variant:ident $name:literal $hint:literal $group:ident $modes:ident $care:ident $argument:tt $what:literal;)*) => {
        /// A thing the agent can ask for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Command { $(#[doc = $what] $variant,)* }

        impl Command {
            /// All of them, in the table's order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];
            pub(super) const TABLE: &'static [Entry] = &[$(Entry {
                command: Self::$variant,
                name: $name,
                hint: $hint,
                what: $what,
                group: Group::$group,
                modes: $modes,
                careful: commands!(@care $care),
                argument: commands!(@argument $argument),
            }),*];
        }
    };
    (@care careful) => { true };
    (@care plain) => { false };
    (@argument -) => { None };
    (@argument $argument:literal) => { Some($argument) };
}

// The order is that of the hint bar, whose end is dropped first, and within a group that of the help.
commands! {
    Approve "approve" "approve" Decide NORMAL careful - "sign the draft as it is";
    Sign "sign" "sign" Decide WRITING careful - "sign what is written here";
    Edit "edit" "edit" Decide NORMAL plain - "change the draft, or go on with the text that was kept";
    TakeOver "take_over" "take over" Decide NORMAL careful - "silence the AI in this conversation and answer yourself";
    Reply "reply" "reply" Decide NORMAL plain - "write a reply of your own where there is no draft";
    ShowDifference "show_difference" "difference" Write ITEM_OR_EDIT plain - "show what differs from the draft";
    EditExternal "edit_external" "$EDITOR" Write ITEM_OR_EDIT plain - "write in your own editor; it comes back to the difference";
    Snooze "snooze" "snooze" Item NORMAL plain "TIME" "put the item off until a time";
    Close "close" "close" Item NORMAL plain "REASON" "close the item without a reply";
    Correct "correct" "correct" Item NORMAL plain "EMOTION" "say which emotion it really is";
    SendBack "send_back" "send back" Item NORMAL plain "REASON" "send the draft back to the AI for another one";
    Report "report" "report" Item NORMAL plain "KIND" "report an error of the AI";
    Undo "undo" "undo" Decide ITEM_OR_HELD plain - "take back the newest held reply, or the marked one";
    Transfer "transfer" "transfer" Item NORMAL plain "AGENT" "give the item to somebody else, with a note";
    Note "note" "note" Item NORMAL plain "TEXT" "write an internal note; no customer and no AI ever sees it";
    HandBack "hand_back" "hand back" Item NORMAL plain - "let the AI draft again in this conversation";
    Release "release" "release" Item NORMAL plain - "give your claim back";
    ForceClaim "force_claim" "force claim" Item NORMAL plain - "claim the item although somebody holds it; this is recorded";
    AcceptNewDraft "accept_new_draft" "new draft" Item ITEM_OR_EDIT plain - "show the newer draft that has come in";
    Resend "resend" "send again" Item HELD careful - "send a dead or unsure reply once more";
    MarkSent "mark_sent" "was sent" Item HELD careful - "say that an unsure reply did reach the customer";
    GiveUp "give_up" "give up" Item HELD careful - "say that a dead or unsure reply shall not be sent";

    Accept "accept" "choose" Write CHOOSE plain - "take what is marked or typed";
    Discard "discard" "discard" Write EDIT plain - "throw this text away; asks first";
    EditAgain "edit_again" "edit again" Write DIFFERENCE plain - "go back to writing";
    UndoTyping "undo_typing" "undo" Write EDIT plain - "undo the last change of the text";
    RedoTyping "redo_typing" "redo" Write EDIT plain - "do again what was undone";

    Find "find" "find" Look NORMAL plain "WORDS" "show only items with these words";
    NextMatch "next_match" "next match" Look COMMANDS plain - "go to the next place that was found";
    PreviousMatch "previous_match" "previous match" Look COMMANDS plain - "go to the place found before";
    Refresh "refresh" "refresh" Look NORMAL plain - "fetch the queue anew; what has come in takes its place";
    Held "held" "held" Look NORMAL plain - "list replies that are held, refused, dead or unsure";
    Tray "tray" "refused" Look NORMAL plain - "open the newest refused verdict with its text";
    Decisions "decisions" "my last" Look NORMAL plain - "list your own last decisions";
    Me "me" "my figures" Look NORMAL plain - "your own figures, shown to you alone, and who has looked at them";
    Packet "packet" "packet" Look ITEM_OR_EDIT plain - "what the customer wants, and what the AI said and promised";
    Open "open" "open" Look ITEM_OR_HELD plain - "open what is marked";

    Next "next" "next" Move LISTS plain - "go to the next item or line";
    Previous "previous" "previous" Move LISTS plain - "go to the item or line before";
    First "first" "first" Move LISTS plain - "go to the first one; newcomers take their places";
    Last "last" "last" Move LISTS plain - "go to the last one";
    PageDown "page_down" "page down" Move LISTS plain - "one page down";
    PageUp "page_up" "page up" Move LISTS plain - "one page up";
    HalfPageDown "half_page_down" "half down" Move LISTS plain - "half a page down";
    HalfPageUp "half_page_up" "half up" Move LISTS plain - "half a page up";
    ScrollConversationDown "scroll_conversation_down" "conversation ↓" Move NORMAL plain - "scroll the conversation down";
    ScrollConversationUp "scroll_conversation_up" "conversation ↑" Move NORMAL plain - "scroll the conversation up";
    ScrollDraftDown "scroll_draft_down" "draft ↓" Move NORMAL plain - "scroll the draft down";
    ScrollDraftUp "scroll_draft_up" "draft ↑" Move NORMAL plain - "scroll the draft up";
    FocusNext "focus_next" "next pane" Move ITEM_OR_EDIT plain - "go to the next pane";
    FocusPrevious "focus_previous" "pane before" Move ITEM_OR_EDIT plain - "go to the pane before";
    Zoom "zoom" "zoom" Move NORMAL plain - "give the pane the whole screen, and back";

    Palette "palette" "commands" Program COMMANDS plain - "search all commands by name, meaning and key";
    Help "help" "help" Program COMMANDS plain - "show what works here and now, then everything";
    Theme "theme" "theme" Program NORMAL plain "NAME" "choose the colours";
    Mouse "mouse" "mouse" Program NORMAL plain - "switch the mouse on or off; shift and drag selects text";
    Redraw "redraw" "redraw" Program EVERYWHERE plain - "draw the screen anew";
    Cancel "cancel" "back" Program EVERYWHERE plain - "step back; a text being written is kept";
    Suspend "suspend" "suspend" Program EVERYWHERE plain - "go to the shell; `fg` comes back";
    Quit "quit" "quit" Program EVERYWHERE plain - "leave; asks if text or held replies are left";
}
