//! Whole stories, from the first frame to the last line of the log.

use super::place::{Place, some};
use super::tty::Tty;

/// Mail that cannot go during a test by itself.
const LONG: u32 = 600_000;

/// Signs the draft on screen and waits for the next customer.
#[track_caller]
fn approve(tty: &Tty, next: &str) {
    tty.verdict("a", |s| s.contains(&format!("DRAFT to {next}")));
}

#[test]
fn a_whole_story_ends_in_the_log_and_in_the_replies() {
    let place = Place::new(&some(10), LONG);
    // The first time it fails, the second time it wants to be typed into, on a terminal as the shell left it.
    let editor = place.script(
        "editor",
        r#"test "$1" = --wait || exit 9
stty -a > "$0.stty"
ls -l "$2" > "$0.mode"
if test ! -e "$0.ran"; then touch "$0.ran"; echo spoiled > "$2"; exit 3; fi
printf 'editor is open\n'
read -r line
printf '%s\n' "$line" > "$2""#,
    );
    let mut tty = place.console("anna").env("EDITOR", format!("{editor} --wait")).go();
    tty.sees("10 waiting").sees("Dear Ada, it comes tomorrow.").sees("Where is my parcel, asks Ada?");

    approve(&tty, "Ben Birch");
    tty.sees("held").sees("Ada Able");
    tty.key("u").sees("taken back: the reply to Ada Able").sees("DRAFT to Ada Able");
    approve(&tty, "Ben Birch");

    tty.key("e").sees("EDIT to Ben Birch").types("Hello! ").sees("Hello! Dear Ben");
    tty.verdict("ctrl-s", |s| s.contains("DIFFERENCE"));
    assert_eq!(place.decisions().len(), 2, "the difference comes before the signature");
    tty.verdict("ctrl-s", |s| s.contains("DRAFT to Cyd Cole"));

    tty.key("E").sees("ended with exit status: 3").sees("Dear Cyd, it comes tomorrow.");
    tty.sees_not("spoiled").key("f4").sees("editor is open");
    assert!(!tty.with(vt100::Screen::alternate_screen), "the editor has a terminal of its own");
    tty.types("From an editor.\r").sees("DIFFERENCE").sees("editor.");
    let stty = std::fs::read_to_string(format!("{editor}.stty")).unwrap();
    assert!(stty.contains(" icanon") && stty.contains(" echo "), "{stty}");
    assert_eq!(tty.zombies(), 0);
    let mode = std::fs::read_to_string(format!("{editor}.mode")).unwrap();
    assert!(mode.starts_with("-rw-------"), "private: {mode}");
    tty.verdict("ctrl-s", |s| s.contains("DRAFT to Dov Dunn"));

    tty.verdict("t", |s| s.contains("PACKET"));
    tty.types("I am a person. I will call you.").sees("I will call you.");
    tty.verdict("ctrl-s", |s| s.contains("DRAFT to Eve East"));

    tty.key("z").sees("Snooze until").key("1").sees("DRAFT to Fay Ford");
    tty.key("x").sees("Close without a reply").key("2").sees("closed: spam").sees("DRAFT to Gus Gray");
    tty.key("u").sees("Fay Ford: opening it again").sees("DRAFT to Fay Ford");
    tty.key("x").sees("Close without a reply").key("5").sees("closed: solved").sees("DRAFT to Gus Gray");
    tty.key(">")
        .sees("Transfer to")
        .types("ben")
        .key("enter")
        .sees("What should they know?")
        .types("knows the customer");
    tty.key("enter").sees("given to ben").sees("DRAFT to Hal Hill");

    tty.key("i").types("has called twice").key("enter").sees("note written");
    tty.key("c").sees("The customer feels").types("worry").key("enter").sees("corrected: worry");
    tty.key("!").sees("The AI's error").key("1").sees("reported; thank you");

    tty.key("/").types("Jon").sees("DRAFT to Jon Jack").sees("QUEUE 1/1").key("enter");
    tty.key_until("esc", |s| s.contains("Ida Ives"));
    tty.key(":")
        .types("snooze")
        .sees("put the item off until a time")
        .key("esc")
        .sees_not("put the item off");
    tty.key("?").sees("sign the draft as it is").key("q").sees_not("sign the draft as it is");
    tty.key("o").sees("list your own last decisions").key("d").sees("Dov Dunn").key("q");
    tty.key("o").sees("list your own last decisions").key("h").sees("Ben Birch").key("q");

    tty.key("q").sees("Leave?").sees("4 replies are still held").key("enter").sees_not("Leave?");
    tty.key("q").sees("Leave?").key("3");
    assert_eq!(tty.ends().exit_code(), 0);

    // Below the text stands how it was made.
    let first = |text: String| text.split("\n\n").next().unwrap().to_owned();
    let sent: Vec<(String, String, String)> = place
        .replies()
        .iter()
        .map(|r| ["item", "verdict", "text"].map(|k| first(r[k].as_str().unwrap().to_owned())).into())
        .collect();
    let expected = [
        ("i0", "approve", "Dear Ada, it comes tomorrow."),
        ("i1", "edit", "Hello! Dear Ben, it comes tomorrow."),
        ("i2", "edit", "From an editor."),
        ("i3", "take_over", "I am a person. I will call you."),
    ];
    assert_eq!(sent, expected.map(|(i, v, t)| (i.to_owned(), v.to_owned(), t.to_owned())));
    assert_eq!(place.logged("decision", "verdict"), ["approve", "approve", "edit", "edit", "take_over"]);
    let mut outcomes = place.logged("outcome", "what");
    outcomes.sort();
    assert_eq!(outcomes.join(" "), "sent sent sent sent settled settled settled settled settled undone");
    let routed = place.logged("routing", "act").join(" ");
    for act in ["taken_over", "snooze", "close", "transfer"] {
        assert!(routed.contains(act), "{act} in {routed}");
    }
    assert_eq!(place.logged("correction", "type").len(), 1);
    assert_eq!(place.logged("report", "type").len(), 1);
    place.verifies();
}

#[test]
fn ctrl_c_in_an_editor_ends_the_editor_alone() {
    let place = Place::new(&some(2), LONG);
    // Says so only when it runs itself: the shell before it holds a Ctrl-C back.
    let editor = place.script("editor", "(sleep 0.4; printf 'editor is open\\n') & exec sleep 60");
    let mut tty = place.console("anna").env("VISUAL", editor).env("EDITOR", "false").go();
    tty.sees("Dear Ada").key("e").sees("EDIT to").types("Kept. ").sees("Kept. Dear Ada");
    tty.key("f4").sees("editor is open");
    tty.send(b"\x03");
    tty.sees("EDIT to").sees("Kept. Dear Ada").sees("the text is as it was");
    assert_eq!(tty.zombies(), 0);
    tty.key_until("esc", |s| s.contains("DRAFT to")).key("q");
    assert_eq!(tty.ends().exit_code(), 0);
}

/// A console with one reply held, asked to leave.
fn leaving(window_ms: u32) -> (Place, Tty) {
    let place = Place::new(&some(2), window_ms);
    let tty = place.console("anna").go();
    tty.sees("Dear Ada");
    approve(&tty, "Ben Birch");
    tty.sees("held").key("q").sees("Leave?").sees("wait").sees("take back");
    (place, tty)
}

#[test]
fn leaving_waits_for_what_is_held() {
    let (place, mut tty) = leaving(4_000);
    tty.key("2").sees("leaving when the held replies are sent");
    assert_eq!(tty.ends().exit_code(), 0);
    assert_eq!(place.replies().len(), 1);
    place.verifies();
}

#[test]
fn leaving_sends_what_is_held() {
    let (place, mut tty) = leaving(LONG);
    tty.key("3");
    assert_eq!(tty.ends().exit_code(), 0);
    assert_eq!(place.replies().len(), 1);
    assert_eq!(place.logged("outcome", "what"), ["settled", "sent"]);
    place.verifies();
}

#[test]
fn leaving_takes_back_what_is_held() {
    let (place, mut tty) = leaving(LONG);
    tty.key("4");
    assert_eq!(tty.ends().exit_code(), 0);
    assert_eq!(place.replies().len(), 0);
    assert_eq!(place.row("i0")["state"], "open");
    assert_eq!(place.logged("outcome", "what").last().unwrap(), "undone");
    place.verifies();
}

#[test]
fn a_question_is_not_answered_by_the_key_that_asked_it() {
    let (place, mut tty) = leaving(LONG);
    tty.types("qqq\r\ry").sees_not("Leave?").sees("held");
    tty.key("q").sees("Leave?").key("1").sees_not("Leave?");
    tty.key("ctrl-c").sees("Leave?").key("3");
    assert_eq!(tty.ends().exit_code(), 0);
    assert_eq!(place.replies().len(), 1);
}
