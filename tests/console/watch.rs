//! The supervisor's screen: keys in, screen out. Rows are lines of a log made here; effects are answered by hand.

use super::stage::{dark, grid, weights};
use countersign::console::chord::Chord;
use countersign::console::theme::Theme;
use countersign::review::{
    Channel, Counts, Decision, DecisionId, Disclosure, Metrics, Seen, SessionId, Stamp, Verdict,
};
use countersign::supervise::watch::model::{Model, Queue};
use countersign::supervise::watch::update::{Action, Effect, Input, update};
use countersign::supervise::watch::view::{Shown, render};
use countersign::visible;
use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use serde_json::{Value, json};
use uuid::Uuid;

/// 2026-11-20T09:10:00Z.
const NOW: Stamp = Stamp(1_795_165_800_000);

struct Screen {
    model: Model,
    now: Stamp,
    shown: Shown,
    effects: Vec<Effect>,
}

fn id(n: u128) -> String {
    Uuid::from_u128(n).to_string()
}

fn line(n: u64, change: &Value) -> Vec<u8> {
    let mut entry = json!({"v": 1, "seq": n, "ts": format!("2026-11-20T09:0{}:00.000Z", n % 10)});
    for (key, value) in change.as_object().unwrap() {
        entry[key] = value.clone();
    }
    visible::ascii_json(&entry.to_string()).into_owned().into_bytes()
}

fn decision(n: u64, agent: &str, verdict: &str, emotion: &str) -> Vec<u8> {
    let corrected = if n.is_multiple_of(3) { json!("worry") } else { Value::Null };
    line(
        n,
        &json!({"type": "decision", "id": id(n.into()), "item": format!("tick-{n}"), "channel": "email", "lang": "en",
            "agent": agent, "verdict": verdict, "emotion": emotion, "emotion_corrected": corrected,
            "risk": if n == 4 { "high" } else { "normal" }, "checks_warned": n % 2, "checks_overridden": u64::from(n == 5),
            "sent_chars": 120, "edit_distance": 37, "ai_share_milli": 820, "waited_ms": 61_000, "active_ms": 41_000,
            "viewed_milli": 1_000, "hidden_chars": 0}),
    )
}

/// A morning: decisions of four agents, what became of one, and what else happens.
fn morning() -> Vec<Vec<u8>> {
    let agents = ["anna", "ben", "carla", "Дмитрий"];
    let verdicts = ["approve", "approve", "edit", "take_over", "reply", "approve"];
    let emotions = ["anger", "anger", "worry", "gratitude", "neutral", "sadness"];
    let mut lines: Vec<_> = (1..=6_u64)
        .map(|n| {
            let at = usize::try_from(n).unwrap();
            decision(n, agents[at % 4], verdicts[at - 1], emotions[at - 1])
        })
        .collect();
    let act = |n: u64, change: Value| line(n, &change);
    lines.push(act(7, json!({"type": "outcome", "decision": id(2), "what": "sent", "reason": null})));
    lines.push(act(
        8,
        json!({"type": "outcome", "decision": id(3), "what": "refused", "reason": "newer_message"}),
    ));
    lines.push(act(
        9,
        json!({"type": "correction", "item": "tick-3", "agent": "carla", "emotion_from": "worry",
        "emotion_to": "anger"}),
    ));
    lines
}

fn sent(n: u128, draft: Option<&str>, text: &str) -> Decision {
    Decision {
        id: DecisionId(Uuid::from_u128(n)),
        seen: Seen {
            item: format!("tick-{n}").parse().unwrap(),
            draft: None,
            last_message: "m1".parse().unwrap(),
            recipients: String::new(),
        },
        conversation: "c-1".parse().unwrap(),
        customer: "u-1".parse().unwrap(),
        channel: Channel::Email,
        language: None,
        agent: "carla".to_owned(),
        session: SessionId(Uuid::from_u128(1)),
        verdict: Verdict::Edit,
        fence: 1,
        draft_text: draft.map(str::to_owned),
        text: text.to_owned(),
        disclosure: Disclosure::of(Verdict::Edit),
        decided_at: NOW,
        metrics: Metrics::default(),
    }
}

impl Screen {
    fn of(lines: Vec<Vec<u8>>, columns: u16, rows: u16) -> Self {
        let model = Model::new("sue".to_owned(), TimeZone::UTC, (columns, rows), NOW);
        let mut screen = Self { model, now: NOW, shown: Shown::default(), effects: Vec::new() };
        screen.act(Action::Lines(lines.into_iter().map(|line| (line, None)).collect()));
        let counts = Counts { waiting: 1_042, overdue: 3, oldest: Some(Stamp(NOW.0 - 1_080_000)) };
        screen.act(Action::Queue(Ok(Queue { counts, under_way: 2, troubled: 1 })));
        screen
    }
    fn act(&mut self, action: Action) {
        let input = Input { action, now: self.now, last_top: self.shown.last_top };
        self.effects.extend(update(&mut self.model, input));
        self.draw(&Theme::roles());
    }
    fn draw(&mut self, theme: &Theme) -> Buffer {
        let area = Rect::new(0, 0, self.model.size.0, self.model.size.1);
        let mut buffer = Buffer::empty(area);
        self.shown = render(&self.model, theme, area, &mut buffer);
        buffer
    }
    fn press(&mut self, keys: &str) -> &mut Self {
        for word in keys.split(' ').filter(|w| !w.is_empty()) {
            match word.strip_prefix("text:") {
                Some(text) => text
                    .chars()
                    .for_each(|c| self.act(Action::Press(Chord::char(if c == '|' { ' ' } else { c })))),
                None => self.act(Action::Press(word.parse().unwrap())),
            }
        }
        self
    }
    fn text(&mut self) -> String {
        grid(&self.draw(&Theme::roles()), |buffer, x, y| buffer[(x, y)].symbol().to_owned())
    }
    /// These pieces stand on the screen, and those do not.
    #[track_caller]
    fn check(&mut self, keys: &str, sees: &[&str], sees_not: &[&str]) -> &mut Self {
        self.press(keys);
        let text = self.text();
        for piece in sees {
            assert!(text.contains(piece), "no {piece:?} after {keys:?}:\n{text}");
        }
        for piece in sees_not {
            assert!(!text.contains(piece), "{piece:?} after {keys:?}:\n{text}");
        }
        self
    }
}

fn snapshot(name: &str, grids: &str) {
    insta::with_settings!({ snapshot_path => "screens", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, grids);
    });
}

#[test]
fn the_feed_and_the_figures_at_every_width() {
    for (columns, rows) in [(160, 45), (120, 40), (80, 24), (50, 12)] {
        let mut screen = Screen::of(morning(), columns, rows);
        snapshot(&format!("watch-{columns}x{rows}"), &dark(&screen.draw(&Theme::roles())));
    }
}

#[test]
fn a_decision_with_draft_sent_text_and_their_difference() {
    let mut screen = Screen::of(morning(), 100, 30);
    screen.press("g j j enter").check("", &["opening; the log notes it first"], &["Sent"]);
    let asked = DecisionId(Uuid::from_u128(3));
    assert_eq!(screen.effects.last(), Some(&Effect::Open(asked)));
    let texts =
        sent(3, Some("Dear Ana,\nyour refund left today."), "Dear Ana,\nyour refund left yesterday.\nCarla");
    screen.act(Action::Text(asked, Ok(Some(Box::new(texts)))));
    snapshot("watch-decision-100x30", &dark(&screen.draw(&Theme::roles())));
    screen.check("esc", &["Log", "▌09:03:00"], &["Difference"]);
}

#[test]
fn without_colour_everything_can_still_be_told_apart() {
    let mut screen = Screen::of(morning(), 80, 24);
    screen.press("k k");
    snapshot("watch-mono", &weights(&screen.draw(&Theme::mono())));
}

#[test]
fn a_filter_shows_and_counts_only_what_is_asked_for() {
    let mut screen = Screen::of(morning(), 120, 40);
    screen
        .check("/ text:verdict=approve", &["filter: verdict=approve"], &[])
        .check("enter", &["Log verdict=approve ─", "tick-1", "Decisions 3"], &["tick-3 "])
        .check("/ text:|agent=ben", &[], &[])
        .check("enter", &["tick-1"], &["tick-6"])
        .check("esc", &["tick-3", "Decisions 6"], &["verdict="])
        .check("/ text:Дмитрий enter", &["tick-3"], &["tick-4"])
        .check("esc / text:nobody enter", &["no entry is like this; esc shows all"], &[])
        .check("esc / text:verdikt=edit enter", &["do you mean `verdict`?", "filter: verdikt=edit"], &[])
        .check("esc", &["Decisions 6"], &["filter:"]);
}

#[test]
fn nobody_s_speed_is_told_but_a_team_s() {
    let mut screen = Screen::of(morning(), 160, 45);
    screen.check("", &["told of five agents or more"], &["41", "1m", "waited"]);
    screen.check(
        "/ text:active_ms>30s enter",
        &["times of single decisions are not looked through here"],
        &[],
    );
    screen.check("esc g enter", &["Decision"], &["41", "waited"]).press("esc G");
    screen.act(Action::Lines(vec![(decision(10, "eve", "approve", "joy"), None)]));
    screen.check("", &["half of them under 42 s"], &["told of five"]);
    // A filter that leaves fewer of them leaves no time either.
    screen.check("/ text:agent=eve enter", &["told of five agents or more"], &["under 42 s"]);
}

#[test]
fn nobody_s_figures_are_told_by_a_filter_for_a_person_but_the_own_and_a_team_s() {
    const HIDDEN: &str = "told of five agents or more";
    for (columns, rows) in [(160, 45), (80, 24)] {
        let mut screen = Screen::of(morning(), columns, rows);
        screen.check("/ text:verdict=approve enter", &["approve", "worry"], &[]);
        // One person, found by the name, by a part of it, by the session, and by leaving out who else there is.
        for filter in ["agent=ben", "agent~be", "BEN", "agent!=anna|agent!=carla|agent!=Дмитрий"] {
            screen.check("esc esc", &["worry", "▌09:09:00"], &["figures are told"]);
            screen.check(
                &format!("/ text:{filter} enter"),
                &[HIDDEN, "tick-1"],
                &["Decisions 1", "1 decisions"],
            );
            screen.check("", &[], &["worry ▇", "worry 1", "100 %"]);
        }
        screen.act(Action::Lines((10..14).map(|n| (decision(n, "sue", "edit", "joy"), None)).collect()));
        screen.check("esc esc / text:agent=sue enter", &["Log agent=sue", "joy"], &["tick-1 "]);
        for (n, agent) in (20..).zip(["dan", "eva", "fay"]) {
            screen.act(Action::Lines(vec![(decision(n, agent, "edit", "joy"), None)]));
        }
        screen.check("esc esc / text:agent!=anna enter", &["worry"], &[]);
    }
}

#[test]
fn a_report_says_first_what_is_wrong_and_who_found_it() {
    let report = json!({"type": "report", "item": "tick-2", "decision": id(2), "draft": "d-2", "draft_version": 1,
        "agent": "ben", "session": id(9), "error": "incorrect_information", "by": "customer"});
    let mut lines = morning();
    lines.push(line(10, &report));
    let mut screen = Screen::of(lines, 80, 24);
    screen.check("", &["report         ben         tick-2        incorrect information"], &[]);
}

#[test]
fn a_script_s_verdicts_took_nobody_s_time() {
    let quick = |n: u64, agent: &str, ms: u64| {
        let mut entry: Value = serde_json::from_slice(&decision(n, agent, "approve", "joy")).unwrap();
        entry["active_ms"] = ms.into();
        (entry.to_string().into_bytes(), None)
    };
    let mut screen = Screen::of(Vec::new(), 160, 45);
    let agents = ["anna", "ben", "carla", "dan", "eva"];
    screen.act(Action::Lines((1..).zip(agents).map(|(n, agent)| quick(n, agent, 0)).collect()));
    screen.check("", &["told of five agents or more"], &["half of them"]);
    screen.act(Action::Lines((6..).zip(agents).map(|(n, agent)| quick(n, agent, n * 1_000)).collect()));
    screen.check("", &["half of them under 9 s"], &["told of five"]);
}

#[test]
fn what_one_looks_at_stays_while_rows_come_and_the_newest_is_one_key_away() {
    let mut screen = Screen::of(morning(), 80, 24);
    screen.check("k k", &["▌09:07:00"], &[]);
    for n in 20..60 {
        screen.act(Action::Lines(vec![(decision(n, "anna", "approve", "joy"), None)]));
    }
    screen.check("", &["▌09:07:00", " newer"], &["tick-59"]);
    screen.check("G", &["tick-59"], &[" newer"]);
    screen.check("k", &["▌09:08:00"], &[]).check("esc", &["tick-59"], &[" newer"]);
    screen.check("g", &["▌09:01:00  approve"], &[]);
}

#[test]
fn p10_a_broken_line_stays_in_sight_whatever_is_filtered() {
    let mut screen = Screen::of(morning(), 120, 40);
    screen.check("", &["log holds since 09:10"], &[]);
    let fault =
        "broken: decisions-2026-11-20-00.jsonl line 7 (byte 9) its bytes do not have the hash it names";
    screen.act(Action::Lines(vec![(decision(7, "mallory", "approve", "joy"), Some(fault.to_owned()))]));
    screen.press("/ text:agent=anna enter");
    screen.check("", &["✗ broken: decisions-2026-11-20-00.jsonl line 7", "✗ log broken"], &["log holds"]);
    screen.act(Action::Queue(Err("the queue cannot be reached; try again in a moment".to_owned())));
    screen.check("", &["! the queue cannot be reached"], &[]);
}

#[test]
fn a_text_that_is_gone_or_could_not_be_noted_is_not_shown() {
    let mut screen = Screen::of(morning(), 80, 24);
    let asked = DecisionId(Uuid::from_u128(3));
    screen.check("enter", &["this row is about no decision"], &[]).press("k");
    screen.press("enter");
    screen.act(Action::Text(asked, Ok(None)));
    screen.check("", &["its text does not exist any more"], &[]);
    screen.act(Action::Text(asked, Err("nothing can be signed: the log is broken".to_owned())));
    screen.check("", &["nothing can be signed"], &["Sent"]);
    // An answer that comes when something else is open is not for it.
    screen.press("esc g enter");
    screen.act(Action::Text(asked, Ok(Some(Box::new(sent(3, None, "SECRET"))))));
    screen.check("", &["opening"], &["SECRET"]);
}

#[test]
fn the_queue_is_asked_soon_after_news_and_now_and_then_without() {
    let mut screen = Screen::of(morning(), 80, 24);
    let asked = |screen: &Screen| screen.effects.iter().filter(|e| **e == Effect::AskQueue).count();
    assert_eq!(screen.model.next_deadline().since(NOW).millis(), 1_000);
    for (after, times) in [(999, 0), (1_000, 1), (1_500, 1), (15_999, 1), (16_000, 2)] {
        screen.now = Stamp(NOW.0 + after);
        screen.act(Action::Tick);
        assert_eq!(asked(&screen), times, "after {after} ms");
    }
}

#[test]
fn every_key_is_in_the_help_and_an_unknown_one_says_so() {
    let mut screen = Screen::of(morning(), 120, 40);
    screen.check("?", &["enter  o", "open the decision; the log notes it", "ctrl-c"], &["tick-1"]);
    screen.check("esc x", &["x does nothing here; ? shows the keys", "tick-1"], &[]);
    screen.press("q");
    assert_eq!(screen.effects.last(), Some(&Effect::Quit));
}

#[test]
fn p6_hostile_values_are_inert_on_the_supervisor_s_screen() {
    for value in
        ["\u{1b}[2J\u{1b}]0;x\u{7}", "\u{9b}31m", "\u{202e}evil", "a\r\nb\u{2028}c", "z\u{200b}\u{e0041}"]
    {
        let mut lines = vec![b"\x1b[2J no json".to_vec(), Vec::new()];
        for kind in ["decision", "outcome", "correction", "hologram"] {
            let mut entry = json!({"type": kind, "id": id(1)});
            for (name, _) in countersign::ledger::FIELDS.iter().skip(5) {
                entry[*name] = value.into();
            }
            entry[value] = value.into();
            lines.push(line(1, &entry));
        }
        for (columns, rows) in [(160, 45), (80, 24)] {
            let mut screen = Screen::of(lines.clone(), columns, rows);
            screen.act(Action::Paste(value.to_owned()));
            screen.press("k k k enter");
            let hostile = sent(1, Some(value), &format!("{value} and more"));
            let opened =
                screen.effects.iter().find_map(|e| if let Effect::Open(id) = e { Some(*id) } else { None });
            screen.act(Action::Text(opened.unwrap(), Ok(Some(Box::new(hostile)))));
            let decision = screen.draw(&Theme::mono());
            screen.press("esc /");
            screen.act(Action::Paste(value.to_owned()));
            for buffer in [decision, screen.draw(&Theme::mono())] {
                for cell in buffer.content() {
                    assert!(visible::is_safe_cell(cell.symbol()), "{:?}", cell.symbol());
                    assert_ne!(cell.symbol(), "\u{fffd}", "the last sweep had nothing to do");
                }
            }
        }
    }
}
