//! Random hands on the keyboard and a queue that changes meanwhile: whatever happens, the promises hold.

use super::stage::{Stage, sample};
use countersign::console::chord::{Chord, Key};
use countersign::console::message::{Action, Effect, Outcome, Shown};
use countersign::console::model::{AT_HAND, Front};
use countersign::console::theme::Theme;
use countersign::review::{ItemId, Span, State, Verdict};
use proptest::prelude::*;
use std::collections::VecDeque;

#[derive(Clone, Debug)]
enum Move {
    /// A chord, alone in its read or not.
    Press(Chord, bool),
    /// A calm press: time has passed, a frame was drawn, the chord comes alone. Verdicts come about this way.
    Calm(Chord),
    Paste(String),
    Wait(i64),
    Resize(u16, u16),
    /// Draws a frame; without it the console acts on what was drawn before.
    Draw,
    /// The oldest or the newest unanswered effect is answered.
    Answer(bool),
    /// The queue changes under the item with this number.
    NewDraft(usize),
    NewMessage(usize),
    DecidedByOther(usize),
    ClaimedByOther(usize),
    Lost(usize),
    /// The mouse, at a cell of the last drawn frame.
    Click(u16, u16),
    Wheel(u16, u16, isize),
}

fn chord() -> impl Strategy<Value = Chord> {
    let letters = "aaetrjkgGuzxcs!>i vdEBFRJK[]wn:/?,.oqhlp12345 mt\u{444}".chars().map(Chord::char);
    let others = [
        Key::Enter,
        Key::Esc,
        Key::Tab,
        Key::Backspace,
        Key::Left,
        Key::Right,
        Key::Up,
        Key::Down,
        Key::PageDown,
        Key::PageUp,
        Key::Home,
        Key::End,
        Key::F(3),
        Key::F(5),
        Key::F(8),
    ];
    let ctrl = "sdurlczf".chars().map(Chord::ctrl);
    let all: Vec<Chord> = letters.chain(others.map(Chord::plain)).chain(ctrl).collect();
    proptest::sample::select(all)
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let size =
        proptest::sample::select(vec![(160, 45), (120, 40), (80, 24), (70, 20), (50, 12), (60, 15), (1, 1)]);
    let calm: Vec<Chord> = "aaaajetrjjky21".chars().map(Chord::char).chain([Chord::ctrl('s'); 4]).collect();
    let calm = proptest::sample::select(calm);
    let one = prop_oneof![
        12 => (chord(), proptest::bool::weighted(0.9)).prop_map(|(c, alone)| Move::Press(c, alone)),
        8 => calm.prop_map(Move::Calm),
        6 => proptest::sample::select(vec![10, 200, 400, 1_200, 12_000]).prop_map(Move::Wait),
        8 => Just(Move::Draw),
        8 => any::<bool>().prop_map(Move::Answer),
        1 => "[a-z\n]{0,8}".prop_map(Move::Paste),
        1 => size.prop_map(|(w, h)| Move::Resize(w, h)),
        1 => (0..10usize).prop_map(Move::NewDraft),
        1 => (0..10usize).prop_map(Move::NewMessage),
        1 => (0..10usize).prop_map(Move::DecidedByOther),
        1 => (0..10usize).prop_map(Move::ClaimedByOther),
        1 => (0..10usize).prop_map(Move::Lost),
        3 => (0..120u16, 0..45u16).prop_map(|(x, y)| Move::Click(x, y)),
        1 => (0..120u16, 0..45u16, -2..3isize).prop_map(|(x, y, by)| Move::Wheel(x, y, by)),
    ];
    proptest::collection::vec(one, 1..120)
}

/// The stage with its effects answered when the moves say so.
struct Chaos {
    stage: Stage,
    open: VecDeque<Effect>,
    /// What the agent has written and not sent or thrown away.
    written: Option<(ItemId, String)>,
}

impl Chaos {
    fn new() -> Self {
        Self { stage: Stage::on(sample(), 120, 40), open: VecDeque::new(), written: None }
    }

    fn act(&mut self, action: &Action) -> Result<(), TestCaseError> {
        let shown = self.stage.shown.clone();
        let by_key = matches!(action, Action::Command { key: Some(key), .. } if key.alone);
        let by_number = matches!(action, Action::Type(c) if c.is_ascii_digit());
        let discards = by_number;
        let effects = self.stage.step(action.clone());
        for effect in &effects {
            if let Effect::Commit { decision, .. } = effect {
                prop_assert!(by_key || by_number, "signed by {action:?}");
                Self::judge(decision, &shown, by_number)?;
            }
        }
        self.check_text(&effects, discards)?;
        self.check_state()?;
        self.open.extend(effects);
        Ok(())
    }

    /// P2: no verdict on what was not shown.
    fn judge(
        decision: &countersign::review::Decision,
        shown: &Shown,
        overridden: bool,
    ) -> Result<(), TestCaseError> {
        if !overridden {
            prop_assert_eq!(shown.seen.as_ref(), Some(&decision.seen), "not what the last frame showed");
            prop_assert!(shown.draft_on_screen);
        }
        prop_assert!(!decision.text.trim().is_empty() || overridden);
        if decision.verdict == Verdict::Approve {
            prop_assert_eq!(Some(&decision.text), decision.draft_text.as_ref());
            prop_assert_eq!(decision.metrics.viewed_milli, 1_000, "approved unread");
        }
        if decision.verdict.sends_ai_text() {
            prop_assert!(decision.seen.item.as_str() != "i-priya", "AI text against a no (P7)");
            prop_assert!(decision.seen.draft.is_some());
        }
        Ok(())
    }

    /// P9: a text that leaves the editor is saved, signed, or thrown away by a numbered answer.
    fn check_text(&mut self, effects: &[Effect], discards: bool) -> Result<(), TestCaseError> {
        let edit = self.stage.model.front.edit();
        let now = edit.filter(|e| e.is_changed()).map(|e| (e.item.clone(), e.editor.text()));
        if let (Some((item, text)), None) = (&self.written, edit) {
            let kept = self.stage.model.edits.iter().any(|e| e.item == *item && e.text == *text);
            let signed = effects
                .iter()
                .any(|e| matches!(e, Effect::Commit { decision, .. } if decision.text == *text));
            let dropped = discards && effects.iter().any(|e| matches!(e, Effect::DropEdit { .. }));
            prop_assert!(kept || signed || dropped, "lost: {text:?}");
        }
        self.written = now;
        Ok(())
    }

    fn check_state(&mut self) -> Result<(), TestCaseError> {
        let model = &self.stage.model;
        prop_assert!(model.list.cursor < model.list.lines.len().max(1));
        prop_assert!(model.at_hand.len() <= AT_HAND);
        prop_assert!(model.next_deadline(self.stage.now).is_none_or(|at| at >= self.stage.now));
        if model.front.edit().is_none() {
            let selected = model.list.selected().map(|l| &l.row.id);
            prop_assert_eq!(model.looking.as_ref().map(|l| &l.item), selected);
        }
        let mut ids: Vec<_> = model.list.lines.iter().map(|l| &l.row.id).collect();
        ids.sort();
        ids.dedup();
        prop_assert_eq!(ids.len(), model.list.lines.len(), "an item stands twice");
        prop_assert!(!matches!(&model.front, Front::Menu(menu) if menu.choices.is_empty()));
        Ok(())
    }

    fn draw(&mut self) -> Result<(), TestCaseError> {
        let buffer = self.stage.draw(&Theme::roles());
        for cell in &buffer.content {
            prop_assert!(countersign::visible::is_safe_cell(cell.symbol()), "{:?}", cell.symbol());
        }
        if let Some(caret) = self.stage.caret {
            prop_assert!(buffer.area.contains(caret), "{caret:?}");
        }
        Ok(())
    }

    fn item(&self, n: usize) -> ItemId {
        self.stage.world.items.keys().nth(n).unwrap().clone()
    }

    fn changed(&mut self, item: ItemId) -> Result<(), TestCaseError> {
        self.act(&Action::Outcome(Outcome::Changed { items: vec![item], all: false }))
    }

    fn play(&mut self, one: Move) -> Result<(), TestCaseError> {
        match one {
            Move::Press(chord, alone) => {
                if let Some(action) = self.stage.action(chord, alone) {
                    self.act(&action)?;
                }
                Ok(())
            }
            Move::Calm(chord) => {
                self.play(Move::Wait(1_200))?;
                self.draw()?;
                self.play(Move::Wait(400))?;
                self.play(Move::Press(chord, true))
            }
            Move::Paste(text) => self.act(&Action::Paste(text)),
            Move::Wait(ms) => {
                self.stage.now = self.stage.now.plus(Span(ms));
                self.act(&Action::Tick)?;
                let next = self.stage.model.next_deadline(self.stage.now);
                prop_assert!(next.is_none_or(|at| at > self.stage.now), "a deadline is never met: {next:?}");
                Ok(())
            }
            Move::Resize(columns, rows) => {
                self.act(&Action::Resize { columns, rows })?;
                self.draw()
            }
            Move::Draw => self.draw(),
            Move::Answer(oldest) => {
                let effect = if oldest { self.open.pop_front() } else { self.open.pop_back() };
                for outcome in effect.map(|e| self.stage.world.answer(e, self.stage.now)).unwrap_or_default()
                {
                    self.act(&Action::Outcome(outcome))?;
                }
                Ok(())
            }
            Move::NewDraft(n) => {
                let item = self.item(n);
                self.stage.world.change(&item, |o| {
                    if let Some(draft) = &mut o.item.draft {
                        draft.version += 1;
                        draft.text.push_str(" And more.");
                    }
                });
                self.changed(item)
            }
            Move::NewMessage(n) => {
                let item = self.item(n);
                self.stage.world.change(&item, |o| {
                    let messages = &mut o.item.conversation.messages;
                    let mut message = messages[0].clone();
                    message.id = format!("n{}", messages.len()).parse().unwrap();
                    messages.push(message);
                });
                self.changed(item)
            }
            Move::DecidedByOther(n) => {
                let item = self.item(n);
                self.stage.world.change(&item, |o| o.row.state = State::Decided);
                self.changed(item)
            }
            Move::ClaimedByOther(n) => {
                let item = self.item(n);
                self.stage.world.held_by(&item, "ben");
                self.changed(item)
            }
            Move::Lost(n) => {
                let item = self.item(n);
                self.act(&Action::Outcome(Outcome::ClaimLost { item, holder: Some("ben".to_owned()) }))
            }
            Move::Click(x, y) => {
                let hit = self.stage.shown.hit(x, y);
                hit.map_or(Ok(()), |hit| self.act(&Action::Click(hit)))
            }
            Move::Wheel(x, y, by) => {
                let hit = self.stage.shown.hit(x, y);
                hit.map_or(Ok(()), |hit| self.act(&Action::Wheel(hit, by)))
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(160))]
    #[test]
    fn p2_p7_p9_hold_whatever_is_pressed_and_whatever_comes_in(moves in moves()) {
        let mut chaos = Chaos::new();
        for one in moves {
            chaos.play(one)?;
        }
    }
}
