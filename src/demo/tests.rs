//! What the demo promises to show is there, is safe, and names nobody.

use super::cases::{When, case, line, steps};
use super::*;
use crate::care::check::{Level, checks};
use crate::ledger;
use crate::queue::sqlite::system_clock;
use crate::review::{Class, Emotion, Item, Owner, Reading, ReadingSource, ReplyState, Risk, Sender, Why};
use crate::visible;
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;

/// The demo's story in a blink. Far enough apart that a slow machine keeps the order.
const FAST: Times = Times {
    writes_again: Duration::from_millis(20),
    redraft: Duration::from_millis(20),
    decides: Duration::from_millis(60),
    new_draft: Duration::from_millis(80),
    renews: Duration::from_millis(10),
};

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}

fn policy() -> Policy {
    // Nobody waits in a test: the undo window ends at once.
    Policy { email_window_ms: 0, chat_window_ms: 0, ..Policy::default() }
}

/// A laid-out queue in a folder of its own.
struct Stage {
    dir: tempfile::TempDir,
    ben: Desk,
    start: Stamp,
}

impl Stage {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let ben = colleague(dir.path(), policy(), system_clock()).unwrap();
        let start = ben.now();
        let tally = wait(prepare(&ben, start)).unwrap();
        assert_eq!((tally.superseded, tally.unchanged, tally.refused), (1, 0, 0));
        Self { dir, ben, start }
    }
    fn agent(&self) -> Desk {
        let setup = Setup { agent: "anna".to_owned(), policy: policy(), clock: system_clock() };
        Desk::open(self.dir.path(), setup).unwrap()
    }
    fn open(&self, item: &str) -> OpenItem {
        wait(self.ben.queue().open(id(item))).unwrap().unwrap_or_else(|| panic!("{item} is not there"))
    }
    fn all(&self) -> Vec<OpenItem> {
        ids().iter().map(|item| self.open(item)).collect()
    }
    fn order(&self) -> Vec<String> {
        wait(waiting(&self.ben)).unwrap().into_iter().map(|row| row.id.to_string()).collect()
    }
    /// Plays until `done`, then drops the play, as a console that quits does.
    fn play_until(&self, done: impl Fn(&Self) -> bool) {
        for _ in 0..100 {
            self.play_for(Duration::from_millis(200));
            if done(self) {
                return;
            }
        }
        panic!("the story does not end: {:?}", self.order());
    }
    fn play_for(&self, time: Duration) {
        wait(async {
            tokio::select! {
                error = play_at(&self.ben, self.start, &FAST) => panic!("{error:?}"),
                () = tokio::time::sleep(time) => {}
            }
        });
    }
    fn state(&self, item: &str) -> State {
        self.open(item).row.state
    }
    fn verify(&self) {
        let report = ledger::verify(&self.ben.folder.log(), &mut |_| ()).unwrap();
        assert_eq!(report.exit_code(), 0, "{report}");
    }
}

fn raw() -> Vec<Value> {
    cases(Stamp(0)).iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn items() -> Vec<Item> {
    cases(Stamp(0)).iter().map(|line| Item::parse(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
}

fn ids() -> Vec<String> {
    items().iter().map(|item| item.id.to_string()).collect()
}

/// Every case after each of its steps, in the order of the story, with its raw line.
fn later() -> Vec<(Item, Value)> {
    let mut all = Vec::new();
    for step in steps() {
        let mut now = case(&step.item, Stamp(0)).unwrap_or_else(|| panic!("no case {}", step.item));
        if step.when == When::WritesAgain {
            now = step.with_message(now, Stamp(1));
            all.push(now.clone());
        }
        all.push(step.with_draft(now, Stamp(2)));
    }
    all.into_iter()
        .map(|map| (Item::parse(&line(map.clone())).unwrap_or_else(|e| panic!("{e}")), Value::Object(map)))
        .collect()
}

fn reads(reading: Option<&Reading>, emotion: Emotion) -> bool {
    reading.is_some_and(|r| r.emotion == emotion && !r.unsure)
}

fn customer_texts(open: &OpenItem) -> String {
    let own = open.item.conversation.messages.iter().filter(|m| m.from == Sender::Customer);
    own.map(|m| m.text.as_str()).collect::<Vec<_>>().join("\n")
}

fn draft_text(open: &OpenItem) -> &str {
    open.item.draft.as_ref().map_or("", |d| &d.text)
}

/// What must be in sight, and how one recognises it.
type Sight = (&'static str, fn(&OpenItem) -> bool);

const SIGHTS: &[Sight] = &[
    ("angry", |o| reads(o.reading(), Emotion::Anger)),
    ("worried", |o| reads(o.reading(), Emotion::Worry)),
    ("grateful", |o| reads(o.reading(), Emotion::Gratitude)),
    ("happy", |o| reads(o.reading(), Emotion::Joy)),
    ("sad", |o| reads(o.reading(), Emotion::Sadness)),
    ("confused", |o| reads(o.reading(), Emotion::Confusion)),
    ("surprised", |o| reads(o.reading(), Emotion::Surprise)),
    ("let down", |o| reads(o.reading(), Emotion::Disappointment)),
    ("fed up", |o| reads(o.reading(), Emotion::Frustration)),
    ("calm", |o| reads(o.reading(), Emotion::Neutral)),
    ("unsure reading", |o| o.reading().is_some_and(|r| r.unsure)),
    ("not read yet", |o| o.reading().is_none() && o.row.draft != DraftState::NoConsent),
    ("asks for a person", |o| o.row.why == Why::AsksPerson && o.row.rank.class == Class::AsksPerson),
    ("overdue", |o| matches!(o.row.why, Why::Overdue(_))),
    ("no consent in the item", |o| o.row.draft == DraftState::NoConsent && o.item.draft.is_none()),
    ("no consent told to a person", |o| {
        o.row.draft == DraftState::NoConsent && o.item.id.as_str() == "said-by-phone"
    }),
    ("fraud", |o| o.row.risk == Risk::High && o.item.topics.iter().any(|t| t == "fraud")),
    ("bereavement", |o| o.row.risk == Risk::High && o.item.topics.iter().any(|t| t == "bereavement")),
    ("danger to life, without AI", |o| {
        o.row.risk == Risk::High && o.item.draft.is_none() && o.item.topics.iter().any(|t| t == "self_harm")
    }),
    ("a minor", |o| o.row.risk == Risk::High && o.item.topics.iter().any(|t| t == "minor")),
    ("superseded draft", |o| o.item.draft.as_ref().is_some_and(|d| d.version == 2)),
    ("hidden characters in a message", |o| visible::hidden_chars(&customer_texts(o)) > 20),
    ("escape sequences", |o| customer_texts(o).contains("\u{1b}[2J")),
    ("a bidi override", |o| customer_texts(o).contains('\u{202e}')),
    ("rows that imitate our own", |o| customer_texts(o).contains(" a approve   e edit")),
    ("hidden characters in a draft", |o| visible::hidden_chars(draft_text(o)) > 0),
    ("a placeholder left", |o| {
        let blocks = checks(draft_text(o)).into_iter().filter(|c| c.level == Level::Block);
        blocks.filter(|c| c.words.is_some()).count() == 2
    }),
    ("a long thread", |o| o.item.conversation.messages.len() >= 25),
    ("Arabic", |o| o.row.language.as_deref() == Some("ar") && customer_texts(o).contains('ط')),
    ("Hebrew", |o| o.row.language.as_deref() == Some("he") && customer_texts(o).contains('ש')),
    ("emoji of several parts", |o| customer_texts(o).contains("👨\u{200d}👩\u{200d}👧\u{200d}👦")),
    ("full-width digits", |o| customer_texts(o).contains("３０")),
    ("attachments", |o| o.item.conversation.messages.iter().any(|m| m.attachments.len() >= 3)),
    ("copies", |o| o.item.conversation.recipients().len() >= 3),
    ("no draft came", |o| o.row.draft == DraftState::Absent && o.row.state == State::Open),
    ("ben owns it, the AI is silent", |o| {
        o.owner == Owner::Person && o.row.draft == DraftState::Silenced && o.silenced.is_some()
    }),
    ("sent back", |o| o.row.draft == DraftState::Drafting),
    ("ben holds it", |o| o.row.holder.as_ref().is_some_and(|h| h.agent == COLLEAGUE)),
    ("snoozed", |o| o.row.snoozed_until.is_some()),
    ("closed", |o| o.row.state == State::Closed),
    ("decided and sent", |o| {
        o.row.state == State::Decided
            && o.past.iter().any(|p| p.agent == COLLEAGUE && p.state == ReplyState::Sent)
    }),
    ("a note", |o| !o.notes.is_empty()),
    ("several sources with quotes", |o| {
        let sources = o.item.draft.as_ref().map_or(&[][..], |d| &d.sources);
        sources.len() >= 3 && sources.iter().all(|s| s.quote.is_some())
    }),
    ("a draft of many lines", |o| draft_text(o).lines().count() >= 15),
    ("chat", |o| o.row.channel == crate::review::Channel::Chat),
    ("helpdesk", |o| o.row.channel == crate::review::Channel::Helpdesk),
    ("social", |o| o.row.channel == crate::review::Channel::Social),
    ("several unanswered messages", |o| o.row.unanswered > 1),
];

#[test]
fn every_state_is_in_sight() {
    let all = Stage::new().all();
    for (what, is) in SIGHTS {
        assert!(all.iter().any(is), "nothing shows: {what}");
    }
}

#[test]
fn there_are_enough_cases_in_five_languages() {
    let items = items();
    assert!(items.len() >= 28, "{}", items.len());
    for language in ["en", "ru", "zh", "de", "es"] {
        let count = items.iter().filter(|i| i.conversation.language.as_deref() == Some(language)).count();
        assert!(count >= 4, "{language}: {count}");
    }
}

#[test]
fn in_each_of_five_languages_the_recogniser_has_something_to_read_of_its_own() {
    let stage = Stage::new();
    let anna = stage.agent();
    for language in ["en", "ru", "zh", "de", "es"] {
        let waits = |i: &&Item| i.conversation.language.as_deref() == Some(language) && i.emotion.is_none();
        let of_its_own = items().iter().filter(waits).any(|item| {
            let open = wait(anna.open_item(item.id.clone())).unwrap().unwrap();
            open.reading().is_some_and(|r| r.source == ReadingSource::Recogniser)
        });
        assert!(of_its_own, "{language}");
    }
}

#[test]
fn a_wrong_reading_waits_to_be_corrected_and_says_who_did() {
    let stage = Stage::new();
    let anna = stage.agent();
    let open = || wait(anna.open_item(id("thanks-a-lot"))).unwrap().unwrap();
    let sarcasm = open();
    // The item's source took bitter thanks for thanks.
    assert!(reads(sarcasm.reading(), Emotion::Gratitude));
    let message = sarcasm.reading().unwrap().message.clone();
    let act = Routing::Correct { message: message.clone(), emotion: Emotion::Frustration };
    wait(anna.route(id("thanks-a-lot"), act)).unwrap().unwrap();
    let corrected = open();
    assert!(reads(corrected.reading(), Emotion::Frustration));
    assert_eq!(corrected.corrected[0].by, "anna");
    assert!(corrected.uncorrected(&message).is_some_and(|r| r.emotion == Emotion::Gratitude));
}

#[test]
fn the_most_urgent_stands_first_and_nobody_waits_for_ben() {
    let order = Stage::new().order();
    assert_eq!(order[..3], ["wedding-book", "missing-basket", "heating-pad"], "{order:?}");
    for hidden in ["hold-my-parcel", "out-of-office", "new-address"] {
        assert!(!order.iter().any(|id| id == hidden), "{hidden}");
    }
}

#[test]
fn every_evidence_stands_in_its_message() {
    let mut all: Vec<(Item, Value)> = items().into_iter().zip(raw()).collect();
    all.extend(later());
    for (item, raw) in all {
        let brought = raw["emotion"]["evidence"].as_array().map_or(0, Vec::len);
        let Some(reading) = &item.emotion else { continue };
        assert_eq!(reading.evidence.len(), brought, "{}", item.id);
        let calm = reading.emotion == Emotion::Neutral;
        assert!(calm || brought > 0, "{}: {} without evidence", item.id, reading.emotion);
    }
}

#[test]
fn ids_are_unique_and_later_lines_belong_to_a_case() {
    let items = items();
    let unique = |what: &str, ids: Vec<String>| {
        let set: BTreeSet<_> = ids.iter().collect();
        assert_eq!(set.len(), ids.len(), "{what}: {ids:?}");
    };
    unique("items", items.iter().map(|i| i.id.to_string()).collect());
    unique("conversations", items.iter().map(|i| i.conversation.id.to_string()).collect());
    unique("customers", items.iter().map(|i| i.customer_id().to_string()).collect());
    unique("drafts", items.iter().filter_map(|i| i.draft.as_ref()).map(|d| d.id.to_string()).collect());
    for (item, _) in later() {
        assert!(items.iter().any(|i| i.id == item.id && i.conversation.id == item.conversation.id));
    }
}

#[test]
fn messages_are_in_order_and_nothing_comes_from_the_future() {
    for item in items() {
        let times: Vec<Stamp> = item.conversation.messages.iter().filter_map(|m| m.at).collect();
        assert_eq!(times.len(), item.conversation.messages.len(), "{}", item.id);
        assert!(times.is_sorted(), "{}", item.id);
        assert!(times.iter().all(|at| *at < Stamp(0)), "{}", item.id);
        let drafted = item.draft.as_ref().and_then(|d| d.created_at);
        assert!(drafted.is_none_or(|at| times.last().is_some_and(|last| *last < at)), "{}", item.id);
    }
}

#[test]
fn no_real_firm_is_named_and_every_address_is_an_example() {
    const FIRMS: [&str; 22] = [
        "amazon",
        "ebay",
        "paypal",
        "visa",
        "mastercard",
        "klarna",
        "dhl",
        "ups",
        "fedex",
        "hermes",
        "ikea",
        "google",
        "apple",
        "microsoft",
        "samsung",
        "openai",
        "anthropic",
        "chatgpt",
        "facebook",
        "taobao",
        "ozon",
        "zalando",
    ];
    let files = [include_str!("cases.jsonl"), include_str!("steps.jsonl")].concat();
    let lower = files.to_lowercase();
    for word in lower.split(|c: char| !c.is_alphanumeric()) {
        assert!(!FIRMS.contains(&word), "{word}");
    }
    for host in lower.split("https://").skip(1).map(|rest| rest.split(['/', '"']).next().unwrap()) {
        assert_eq!(host, "shop.example");
    }
    for address in lower.split('@').skip(1).filter(|rest| rest.contains('.')) {
        let host = address.split(|c: char| !c.is_alphanumeric() && !matches!(c, '.' | '-')).next().unwrap();
        assert!(!host.contains('.') || host.ends_with(".example"), "{host}");
    }
}

#[test]
fn p6_the_files_themselves_hide_nothing() {
    for file in [include_str!("cases.jsonl"), include_str!("steps.jsonl")] {
        let shown = visible::text(file);
        let hidden: Vec<_> =
            shown.hidden_pieces().map(|p| file[p.original.clone()].escape_unicode()).collect();
        assert!(hidden.is_empty(), "write it as \\uXXXX: {hidden:?}");
    }
}

#[test]
fn the_drafts_have_the_faults_that_the_agent_is_to_find() {
    // (item, what the source says and the draft does not, what the draft says instead)
    for (item, source, draft) in [
        ("two-side-panels", "39,90", "29,90"),
        ("two-strange-orders", "10 working days", "30 days"),
        ("tea-for-two", "We ask for no proof", "death certificate"),
        ("lamp-to-japan", "100–240 伏", "运费"),
        ("unbreakable", "Thank the customer", "so happy that you love"),
    ] {
        let item = Item::parse(&line(case(item, Stamp(0)).unwrap())).unwrap();
        let found = item.draft.unwrap();
        let quotes: String = found.sources.iter().filter_map(|s| s.quote.as_deref()).collect();
        assert!(quotes.contains(source), "{}: {quotes}", item.id);
        assert!(!found.text.contains(source) && found.text.contains(draft), "{}", item.id);
    }
    // And most have none.
    let blocked = items()
        .into_iter()
        .filter_map(|i| i.draft)
        .filter(|d| checks(&d.text).iter().any(|c| c.level == Level::Block));
    assert_eq!(blocked.count(), 2);
}

#[test]
fn the_story_ends_as_told() {
    let stage = Stage::new();
    assert_eq!(stage.open("pair-or-charge").row.draft, DraftState::Drafting);
    let until = stage.open(super::layout::HELD).row.holder.unwrap().until;
    stage.play_until(|s| s.open("pair-or-charge").row.draft == DraftState::Ready);
    // The customer who stood first has written again, and the draft answers that.
    let first = stage.open("wedding-book");
    let draft = first.item.draft.as_ref().unwrap();
    assert_eq!(first.item.conversation.messages.len(), 6);
    assert_eq!(
        (draft.version, draft.in_reply_to.as_ref().map(ToString::to_string)),
        (2, Some("m6".to_owned()))
    );
    assert_eq!(first.reading().map(|r| (r.message.as_str(), r.emotion)), Some(("m6", Emotion::Sadness)));
    assert_eq!((first.row.state, first.row.holder.as_ref()), (State::Open, None));
    // Ben has decided one, and its reply is out once.
    let decided = stage.open("grandfathers-clock");
    assert_eq!(decided.row.state, State::Decided);
    assert_eq!(decided.past.iter().map(|p| p.agent.as_str()).collect::<Vec<_>>(), [COLLEAGUE]);
    let back = stage.open("pair-or-charge").item.draft.unwrap();
    assert!(back.version == 2 && back.text.contains("erst laden, dann koppeln"));
    let holder = stage.open(super::layout::HELD).row.holder.unwrap();
    assert_eq!((holder.agent.as_str(), holder.session), (COLLEAGUE, stage.ben.who.session));
    assert!(holder.until > until, "the claim is renewed");
    wait(stage.ben.end()).unwrap();
    assert_eq!(stage.open(super::layout::HELD).row.holder, None);
    stage.verify();
}

#[test]
fn the_draft_stays_while_the_new_message_is_read() {
    let stage = Stage::new();
    let anna = stage.agent();
    wait(async {
        let lease = anna.claim(id("heating-pad"), false).await.unwrap().unwrap();
        let step = super::play::who_writes(&stage.ben).await.unwrap().unwrap();
        assert_eq!(step.item, "heating-pad", "the one the agent looks at");
        let case = super::play::message(&stage.ben, &step, stage.start).await.unwrap();
        let open = anna.queue().open(id("heating-pad")).await.unwrap().unwrap();
        assert_eq!(open.item.draft.as_ref().map(|d| d.version), Some(1));
        assert_eq!(open.item.conversation.messages.len(), 2);
        assert_eq!(open.reading().map(|r| r.message.as_str()), Some("m1"), "the new message is not read yet");
        assert_eq!(open.row.why, Why::AsksPerson, "who asked for a person still stands first");
        super::play::redraft(&stage.ben, &step, case).await.unwrap();
        let open = anna.queue().open(id("heating-pad")).await.unwrap().unwrap();
        assert_eq!(open.item.draft.as_ref().map(|d| d.version), Some(2));
        let holder = open.row.holder.unwrap();
        assert_eq!(
            (holder.session, open.fence),
            (anna.who.session, lease.fence),
            "the claim is the agent's still"
        );
    });
}

#[test]
fn p3_ben_leaves_alone_what_the_agent_holds() {
    let stage = Stage::new();
    let anna = stage.agent();
    let easy = ["grandfathers-clock", "one-book-too-many", "gift-wrap"];
    for item in easy.iter().chain(&["wedding-book"]) {
        wait(anna.claim(id(item), false)).unwrap().unwrap();
    }
    stage.play_until(|s| s.open("pair-or-charge").row.draft == DraftState::Ready);
    for item in easy {
        assert_eq!(stage.state(item), State::Open, "{item}");
    }
    let held = stage.open("wedding-book").row.holder.unwrap();
    assert_eq!(held.session, anna.who.session);
    // And what the agent takes from him he does not take back.
    wait(anna.claim(id(super::layout::HELD), true)).unwrap().unwrap();
    stage.play_for(Duration::from_millis(60));
    assert_eq!(stage.open(super::layout::HELD).row.holder.unwrap().session, anna.who.session);
}

#[test]
fn a_quick_agent_meets_the_next_customer() {
    let stage = Stage::new();
    let anna = stage.agent();
    wait(async {
        assert!(approve(&anna, "wedding-book", true).await.unwrap().is_some());
    });
    stage.play_until(|s| s.open("pair-or-charge").row.draft == DraftState::Ready);
    assert_eq!(stage.state("wedding-book"), State::Decided);
    assert_eq!(stage.open("missing-basket").item.conversation.messages.len(), 6);
}

#[test]
fn a_console_that_quits_at_any_moment_leaves_a_whole_log() {
    for quit in [1, 25, 45, 62, 85] {
        let stage = Stage::new();
        stage.play_for(Duration::from_millis(quit));
        wait(stage.ben.end()).unwrap();
        stage.verify();
    }
}

#[test]
fn p10_a_folder_that_was_played_in_is_refused_by_name() {
    let stage = Stage::new();
    let error = wait(prepare(&stage.ben, stage.start)).unwrap_err();
    assert!(error.to_string().contains("wants an empty folder"), "{error}");
}
