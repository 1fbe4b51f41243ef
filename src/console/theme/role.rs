//! The meanings that have a colour.

use crate::review::Emotion;

macro_rules! roles {
    ($($variant:ident $name:literal $letter:literal $fallback:tt $what:literal;)*) => {
        /// What a piece of the screen means. Themes give looks to these; views name nothing else.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Role { $(#[doc = $what] $variant,)* }

        impl Role {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its name in a theme file.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
            /// Its letter in the role grid of a screen snapshot.
            pub const fn letter(self) -> char {
                match self { $(Self::$variant => $letter,)* }
            }
            /// Where it takes what a theme does not say.
            pub const fn fallback(self) -> Option<Self> {
                match self { $(Self::$variant => roles!(@fallback $fallback),)* }
            }
            /// What it is for, as the theme listing says it.
            pub const fn what(self) -> &'static str {
                match self { $(Self::$variant => $what,)* }
            }
        }
    };
    (@fallback -) => { None };
    (@fallback $fallback:ident) => { Some(Self::$fallback) };
}

roles! {
    Text "text" '.' - "What is read.";
    Quiet "quiet" 'q' Text "What is read second: times, labels, explanations.";
    Faint "faint" 'f' Quiet "What is hardly there: separators, the empty part of a bar.";
    Rule "rule" '-' Faint "The thin lines between panes.";
    Title "title" 'T' Quiet "The headline of a pane.";
    Header "header" 'H' Text "The first line.";
    Brand "brand" 'B' Header "The program's name.";
    Accent "accent" 'a' Text "What to look at; what can be followed.";
    Warn "warn" 'w' Accent "Look twice.";
    Danger "danger" 'd' Warn "Something is wrong or urgent.";
    Ok "ok" 'o' Accent "All is well.";
    Selection "selection" 's' - "The ground of the marked row. Over other roles.";
    SelectionMark "selection_mark" '|' Accent "The bar at the left of the marked row.";
    Popup "popup" 'p' - "The ground of a menu, the palette, the help. Over other roles.";
    NoteGround "note_ground" 'y' - "The ground of an internal note. Over other roles.";
    Note "note" 'n' Warn "An internal note, which no customer ever sees.";
    Caret "caret" '^' - "The place where one writes. Over other roles.";
    Key "key" 'k' Accent "A key.";
    Hint "hint" 'h' Quiet "What a key does.";
    Match "match" 'm' Accent "Letters that were searched for.";
    Name "name" 'N' Text "Who writes; the name in a row.";
    Customer "customer" 'c' Accent "The customer's mark in the conversation.";
    Agent "agent" 'g' Text "A colleague's or one's own mark.";
    Ai "ai" 'i' Quiet "The AI's mark; what it said.";
    System "system" 'Y' Quiet "What no one said: joined, closed.";
    Evidence "evidence" 'e' - "Words that drove the emotion. Over other roles.";
    AskPerson "ask_person" 'P' Danger "The customer asks for a person.";
    Hidden "hidden" 'x' Danger "What stands for a hidden character.";
    Disclosure "disclosure" 'D' Quiet "The lines that say how the reply was made.";
    Source "source" 'S' Accent "The number of a source.";
    CheckPass "check_pass" '+' Ok "A check that is fine.";
    CheckWarn "check_warn" '!' Warn "A check to look at.";
    CheckBlock "check_block" 'X' Danger "A check that stands in the way.";
    DiffAdd "diff_add" '>' Ok "What was added.";
    DiffRemove "diff_remove" '<' Danger "What was taken out.";
    Staged "staged" 't' Text "A verdict on its way: signing, held.";
    Anger "anger" 'A' Danger "Anger.";
    Frustration "frustration" 'F' Warn "Frustration.";
    Disappointment "disappointment" 'I' Warn "Disappointment.";
    Worry "worry" 'W' Accent "Worry.";
    Sadness "sadness" 'E' Accent "Sadness.";
    Confusion "confusion" 'C' Accent "Confusion.";
    Surprise "surprise" 'U' Accent "Surprise.";
    Gratitude "gratitude" 'G' Ok "Gratitude.";
    Joy "joy" 'J' Ok "Joy.";
    Neutral "neutral" '0' Quiet "No emotion.";
}

impl Role {
    /// The role of an emotion.
    pub const fn of_emotion(emotion: Emotion) -> Self {
        match emotion {
            Emotion::Anger => Self::Anger,
            Emotion::Frustration => Self::Frustration,
            Emotion::Disappointment => Self::Disappointment,
            Emotion::Worry => Self::Worry,
            Emotion::Sadness => Self::Sadness,
            Emotion::Confusion => Self::Confusion,
            Emotion::Surprise => Self::Surprise,
            Emotion::Gratitude => Self::Gratitude,
            Emotion::Joy => Self::Joy,
            Emotion::Neutral => Self::Neutral,
        }
    }

    /// Whether it lies under or over other roles: such a role has no ink of its own.
    pub const fn is_overlay(self) -> bool {
        matches!(self, Self::Selection | Self::Popup | Self::NoteGround | Self::Caret | Self::Evidence)
    }

    /// Whether the words in it must be readable on the theme's ground; only lines and fillers need not.
    pub const fn is_read(self) -> bool {
        !self.is_overlay() && !matches!(self, Self::Faint | Self::Rule | Self::SelectionMark)
    }
}
