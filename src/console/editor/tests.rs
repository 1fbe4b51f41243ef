use super::*;
use proptest::prelude::*;

/// The obvious editor: a string and a byte offset.
#[derive(Clone, Debug, Default)]
struct Naive {
    text: String,
    caret: usize,
}

#[derive(Clone, Debug)]
enum Step {
    Type(char),
    Paste(String),
    Press(EditKey),
}

impl Naive {
    fn boundaries(&self) -> Vec<usize> {
        self.text.grapheme_indices(true).map(|(at, _)| at).chain([self.text.len()]).collect()
    }
    fn before(&self) -> usize {
        self.boundaries().into_iter().rev().find(|b| *b < self.caret).unwrap_or(0)
    }
    fn after(&self) -> usize {
        self.boundaries().into_iter().find(|b| *b > self.caret).unwrap_or(self.text.len())
    }
    fn insert(&mut self, text: &str) {
        self.text.insert_str(self.caret, text);
        self.caret += text.len();
    }
    fn remove(&mut self, from: usize, to: usize) {
        self.text.replace_range(from..to, "");
        self.caret = from;
    }
    fn step(&mut self, step: &Step) {
        let line_start = self.text[..self.caret].rfind('\n').map_or(0, |n| n + 1);
        let line_end = self.text[self.caret..].find('\n').map_or(self.text.len(), |n| self.caret + n);
        match step {
            Step::Type(c) => self.insert(c.encode_utf8(&mut [0; 4])),
            Step::Paste(text) => self.insert(text),
            Step::Press(key) => match key {
                EditKey::Left => self.caret = self.before(),
                EditKey::Right => self.caret = self.after(),
                EditKey::LineStart => self.caret = line_start,
                EditKey::LineEnd => self.caret = line_end,
                EditKey::TextStart => self.caret = 0,
                EditKey::TextEnd => self.caret = self.text.len(),
                EditKey::Backspace => self.remove(self.before(), self.caret),
                EditKey::Delete => {
                    let (from, to) = (self.caret, self.after());
                    self.remove(from, to);
                }
                EditKey::DeleteToStart => self.remove(line_start, self.caret),
                EditKey::DeleteToEnd => {
                    let from = self.caret;
                    self.remove(from, line_end);
                }
                _ => {}
            },
        }
        if !self.boundaries().contains(&self.caret) {
            self.caret = self.after();
        }
    }
}

fn key() -> impl Strategy<Value = EditKey> {
    proptest::sample::select(vec![
        EditKey::Left,
        EditKey::Right,
        EditKey::LineStart,
        EditKey::LineEnd,
        EditKey::TextStart,
        EditKey::TextEnd,
        EditKey::Backspace,
        EditKey::Delete,
        EditKey::DeleteToStart,
        EditKey::DeleteToEnd,
    ])
}

fn any_key() -> impl Strategy<Value = EditKey> {
    prop_oneof![
        key(),
        proptest::sample::select(vec![
            EditKey::Up,
            EditKey::Down,
            EditKey::PageUp,
            EditKey::PageDown,
            EditKey::WordLeft,
            EditKey::WordRight,
            EditKey::DeleteWordLeft,
            EditKey::DeleteWordRight,
            EditKey::Undo,
            EditKey::Redo,
        ])
    ]
}

fn letter() -> impl Strategy<Value = char> {
    proptest::sample::select("ab é\u{301}王👩\u{200d}🇩🇪\n.\u{1b}\u{202e}".chars().collect::<Vec<_>>())
}

fn steps(keys: impl Strategy<Value = EditKey>) -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => letter().prop_map(Step::Type),
        1 => proptest::collection::vec(letter(), 0..6).prop_map(|l| Step::Paste(l.into_iter().collect())),
        4 => keys.prop_map(Step::Press),
    ];
    proptest::collection::vec(step, 0..60)
}

fn apply(editor: &mut Editor, step: &Step) {
    match step {
        Step::Type(c) => editor.type_char(*c),
        Step::Paste(text) => editor.paste(text),
        Step::Press(key) => editor.press(*key, 9, 4),
    }
}

proptest! {
    #[test]
    fn it_does_what_a_string_and_an_offset_do(steps in steps(key())) {
        let (mut editor, mut naive) = (Editor::default(), Naive::default());
        for step in &steps {
            apply(&mut editor, step);
            naive.step(step);
            prop_assert_eq!(editor.text(), naive.text.as_str());
            prop_assert_eq!(editor.caret(), naive.caret, "{:?} in {:?}", step, naive.text);
        }
    }

    #[test]
    fn whatever_is_pressed_the_caret_stands_between_graphemes_and_on_screen(steps in steps(any_key())) {
        let mut editor = Editor::new("Dear 王小明,\n\nthe parcel arrives today.", 3);
        for step in &steps {
            apply(&mut editor, step);
            let (text, caret) = (editor.text(), editor.caret());
            prop_assert_eq!(boundary_before(&text, caret), caret, "{:?} in {:?}", step, text);
            let laid = editor.laid_out(9);
            prop_assert!(laid.row < laid.lines.len());
        }
    }

    #[test]
    fn undo_brings_everything_back_and_redo_the_end(steps in steps(any_key())) {
        let begun = "Dear Ana,\r\n\tgood day";
        let mut editor = Editor::new(begun, 0);
        prop_assert_eq!(editor.text(), begun, "untouched it is byte for byte the same");
        for step in &steps {
            apply(&mut editor, step);
        }
        let end = editor.text();
        for _ in 0..200 {
            editor.press(EditKey::Undo, 9, 4);
        }
        prop_assert_eq!(editor.text(), begun);
        for _ in 0..200 {
            editor.press(EditKey::Redo, 9, 4);
        }
        // What was undone within the steps and not done again is not at the end of the history.
        if !steps.iter().any(|s| matches!(s, Step::Press(EditKey::Undo))) {
            prop_assert_eq!(editor.text(), end);
        }
    }
}

#[test]
fn a_word_is_undone_as_one() {
    let mut editor = Editor::default();
    for c in "hello big world".chars() {
        editor.type_char(c);
    }
    let mut texts = Vec::new();
    for _ in 0..3 {
        editor.press(EditKey::Undo, 80, 10);
        texts.push(editor.text());
    }
    assert_eq!(texts, ["hello big ", "hello ", ""]);
}

#[test]
fn replacing_everything_is_one_step() {
    let mut editor = Editor::new("one\ntwo", 5);
    editor.replace("three");
    assert_eq!((editor.text().as_str(), editor.caret()), ("three", 0));
    editor.press(EditKey::Undo, 80, 10);
    assert_eq!(editor.text(), "one\ntwo");
}

#[test]
fn up_and_down_go_by_drawn_lines_and_keep_their_column() {
    // Nine cells: `aaaa bbbb` / `cccc dddd` / empty / `王小明 x`.
    let mut editor = Editor::new("aaaa bbbb cccc dddd\n\n王小明 x", 7);
    let mut seen = Vec::new();
    for _ in 0..4 {
        let laid = editor.laid_out(9);
        seen.push((laid.row, laid.column));
        editor.press(EditKey::Down, 9, 4);
    }
    assert_eq!(seen, [(0, 7), (1, 7), (2, 0), (3, 7)]);
    assert_eq!(editor.caret(), editor.text().len(), "down from the last line goes to its end");
}
