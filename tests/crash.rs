//! Killed anywhere, nothing is lost and nothing is sent twice (P1, P4, P9): every row of DESIGN.md's recovery table by a
//! real `SIGKILL` at that point, a loop of random kills, and four processes at one queue.

#![expect(clippy::unwrap_used, reason = "a test says by its panic what went wrong")]

mod support;

use countersign::desk::{Desk, Folder, Setup};
use countersign::ledger::{self, Level, read_from};
use countersign::queue::sqlite::system_clock;
use countersign::queue::{ListQuery, Scope};
use countersign::review::{Base, Decision, DecisionId, Outcome, Policy, Reply, SavedEdit, Verdict};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use support::{arrival, decision_at, id, plain, wait};

const CHILD: &str = "COUNTERSIGN_TEST_CHILD";

fn policy() -> Policy {
    // Nobody waits in a test: the undo window ends at once.
    Policy { email_window_ms: 0, chat_window_ms: 0, ..Policy::default() }
}

fn desk(dir: &Path, agent: &str) -> Desk {
    let setup = Setup { agent: agent.to_owned(), policy: policy(), clock: system_clock() };
    Desk::open(dir, setup).unwrap()
}

fn wait_desk<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}

fn fill(dir: &Path, items: usize) {
    let desk = desk(dir, "importer");
    let arrivals = (0..items).map(|n| arrival(&plain(&format!("i{n}")))).collect();
    wait(desk.queue().intake(arrivals)).unwrap();
}

/// Decides one item as an agent would: save the edit, claim, commit, deliver, tell.
async fn decide(desk: &Desk, item: &str, say: &mut dyn FnMut(String)) -> bool {
    let Some(open) = desk.queue().open(id(item)).await.unwrap() else { return false };
    let Ok(lease) = desk.claim(id(item), false).await.unwrap() else { return false };
    let decision_id = DecisionId(uuid::Uuid::now_v7());
    let draft = open.item.draft.clone().unwrap();
    let text = format!("Dear Ana, {decision_id}");
    let edit = SavedEdit {
        item: id(item),
        base: Base::Draft { id: draft.id.clone(), version: draft.version, text: draft.text.clone() },
        text: text.clone(),
        caret: 0,
        at: desk.now(),
    };
    say(format!("saving {item} {decision_id}"));
    assert!(desk.save_edit(edit).await.unwrap());
    say(format!("saved {item} {decision_id}"));
    let decision =
        Decision { id: decision_id, fence: lease.fence, ..decision_at(desk, &open, Verdict::Edit, text) };
    let committed = desk.commit(decision, false, || ()).await.unwrap();
    if committed.settled.is_ok() {
        say(format!("acknowledged {item} {decision_id}"));
    } else {
        say(format!("refused {item} {decision_id}"));
    }
    if std::env::var_os("COUNTERSIGN_TEST_UNDO").is_some() {
        desk.undo(decision_id).await.unwrap().unwrap();
        say(format!("undone {item} {decision_id}"));
        desk.tell().await.unwrap();
        return true;
    }
    desk.deliver().await.unwrap();
    desk.tell().await.unwrap();
    true
}

/// Not a test: what the subprocesses run. Decides until nothing waits.
#[test]
fn child() {
    let Some(dir) = std::env::var_os(CHILD) else { return };
    let agent = std::env::var("COUNTERSIGN_TEST_AGENT").unwrap();
    let desk = desk(Path::new(&dir), &agent);
    let mut out = std::io::stdout();
    let mut say = |line: String| {
        writeln!(out, "> {line}").unwrap();
        out.flush().unwrap();
    };
    wait_desk(async {
        desk.recover().await.unwrap();
        loop {
            let query = ListQuery { filter: String::new(), after: None, limit: 40, scope: Scope::Waiting };
            let rows = desk.queue().list(query).await.unwrap();
            if rows.is_empty() {
                break;
            }
            let pick = usize::try_from(uuid::Uuid::now_v7().as_u128() % rows.len() as u128).unwrap();
            if !decide(&desk, rows[pick].id.as_str(), &mut say).await {
                // Somebody else has it: an agent would look at the next one, not hammer at the queue.
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        }
    });
}

fn spawn(dir: &Path, agent: &str, kill_at: Option<&str>, undo: bool) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "child", "--nocapture"])
        .env(CHILD, dir)
        .env("COUNTERSIGN_TEST_AGENT", agent)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    if let Some(point) = kill_at {
        command.env("COUNTERSIGN_KILL_AT", point);
    }
    if undo {
        command.env("COUNTERSIGN_TEST_UNDO", "1");
    }
    command.spawn().unwrap()
}

/// What a child said: (word, item, decision).
fn said(child: Child) -> Vec<(String, String, DecisionId)> {
    let output = child.wait_with_output().unwrap();
    lines(&output.stdout)
}

fn lines(stdout: &[u8]) -> Vec<(String, String, DecisionId)> {
    String::from_utf8_lossy(stdout)
        .lines()
        .filter_map(|line| {
            let mut words = line.split("> ").nth(1)?.split(' ');
            Some((words.next()?.to_owned(), words.next()?.to_owned(), words.next()?.parse().ok()?))
        })
        .collect()
}

/// What a child said that is killed so long after it has said `lines` things.
fn killed_after(mut child: Child, lines: u64, wait: Duration) -> Vec<(String, String, DecisionId)> {
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let (mut told, mut heard) = (Vec::new(), 0);
    while heard < lines {
        let from = told.len();
        if out.read_until(b'\n', &mut told).unwrap() == 0 {
            break;
        }
        heard += u64::from(told[from..].starts_with(b"> "));
    }
    std::thread::sleep(wait);
    let _ = child.kill();
    out.read_to_end(&mut told).unwrap();
    child.wait().unwrap();
    self::lines(&told)
}

fn replies(dir: &Path) -> Vec<Reply> {
    let Ok(file) = std::fs::File::open(Folder { root: dir.to_owned() }.replies()) else { return Vec::new() };
    BufReader::new(file).lines().map(|l| serde_json::from_str(&l.unwrap()).unwrap()).collect()
}

/// The log's decisions, and what its outcomes say of each (an entry told twice counts once).
fn logged(dir: &Path) -> (Vec<DecisionId>, HashMap<DecisionId, BTreeSet<&'static str>>) {
    let mut decisions = Vec::new();
    let mut outcomes: HashMap<DecisionId, BTreeSet<&'static str>> = HashMap::new();
    for line in read_from(&Folder { root: dir.to_owned() }.log(), None).unwrap() {
        let line = line.unwrap();
        if line.kind == "decision" {
            decisions.push(line.decision().unwrap());
        }
        if let Some((decision, what)) = line.outcome() {
            outcomes.entry(decision).or_default().insert(what.as_str());
        }
    }
    (decisions, outcomes)
}

/// A fresh start: recovery, then the outbox until it is empty.
fn restart(dir: &Path) -> countersign::desk::Recovered {
    let desk = desk(dir, "anna");
    wait_desk(async {
        let recovered = desk.recover().await.unwrap();
        desk.deliver().await.unwrap();
        desk.tell().await.unwrap();
        recovered
    })
}

fn verify(dir: &Path) {
    let report = ledger::verify(&Folder { root: dir.to_owned() }.log(), &mut |_| ()).unwrap();
    assert_eq!((report.level, report.exit_code()), (Some(Level::L1), 0), "{report}");
}

/// What must hold after a kill.
struct After {
    signed: bool,
    sent: bool,
}

fn check(point: &str, undo: bool, after: &After) {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    fill(dir, 1);
    let output = spawn(dir, "anna", Some(point), undo).wait_with_output().unwrap();
    // Or the point is not on the way, and the test proves nothing.
    assert_eq!(output.status.signal(), Some(9), "{point} was not reached");
    let said = lines(&output.stdout);
    let (_, item, decision) =
        said.first().unwrap_or_else(|| panic!("{point}: the child said nothing")).clone();
    restart(dir);
    let again = restart(dir);
    assert_eq!(again.dead_sessions, 0, "{point}: a second start finds nothing to do");
    let (decisions, outcomes) = logged(dir);
    assert_eq!(decisions.contains(&decision), after.signed, "{point}");
    let sent: Vec<DecisionId> = replies(dir).iter().map(|r| r.id).collect();
    assert_eq!(sent, if after.sent { vec![decision] } else { vec![] }, "{point}");
    let desk = desk(dir, "anna");
    let edit = wait_desk(desk.edits(id(&item))).unwrap().pop();
    let waiting = wait(desk.queue().counts()).unwrap().waiting;
    if after.sent {
        assert_eq!((edit, waiting), (None, 0), "{point}");
        assert_eq!(outcomes[&decision], BTreeSet::from(["sent", "settled"]), "{point}");
    } else if undo {
        assert_eq!(waiting, 1, "{point}");
        assert!(outcomes[&decision].contains("undone"), "{point}: {outcomes:?}");
    } else {
        // P9: not signed, and the text is offered.
        assert!(edit.unwrap().text.contains(&decision.to_string()), "{point}");
        assert_eq!(waiting, 1, "{point}");
    }
    verify(dir);
}

#[test]
fn p4_killed_before_the_log_knows_the_text_is_offered_and_nothing_is_sent() {
    for point in ["desk.staged", "ledger.locked", "ledger.torn"] {
        check(point, false, &After { signed: false, sent: false });
    }
}

#[test]
fn p4_killed_after_the_log_knows_the_reply_goes_once() {
    for point in [
        "ledger.written",
        "ledger.synced",
        "ledger.head",
        "desk.logged",
        "queue.settled",
        "desk.answered",
        "outbox.taken",
        "channel.torn",
        "channel.written",
        "outbox.sent",
        "desk.told",
    ] {
        check(point, false, &After { signed: true, sent: true });
    }
}

#[test]
fn p4_killed_after_an_undo_the_log_learns_of_it_and_nothing_is_sent() {
    check("queue.undone", true, &After { signed: true, sent: false });
}

#[test]
fn p4_forget_reaches_a_verdict_wherever_its_commit_was_killed() {
    for point in ["desk.staged", "desk.logged", "queue.settled", "desk.answered"] {
        for forget_first in [true, false] {
            let dir = tempfile::tempdir().unwrap();
            let dir = dir.path();
            fill(dir, 1);
            let output = spawn(dir, "anna", Some(point), false).wait_with_output().unwrap();
            assert_eq!(output.status.signal(), Some(9), "{point} was not reached");
            let decision = lines(&output.stdout)[0].2;
            let ben = desk(dir, "ben");
            wait_desk(async {
                if !forget_first {
                    ben.recover().await.unwrap();
                }
                ben.forget("u-c-i0".parse().unwrap()).await.unwrap();
                ben.recover().await.unwrap();
                ben.deliver().await.unwrap();
                ben.tell().await.unwrap();
            });
            assert_eq!(support::holding(dir, "Dear Ana"), [""; 0], "{point}");
            drop(ben);
            restart(dir);
            assert_eq!(support::holding(dir, "Dear Ana"), [""; 0], "{point}");
            assert!(replies(dir).is_empty(), "{point}");
            let (decisions, outcomes) = logged(dir);
            if decisions.contains(&decision) {
                let ended = &outcomes[&decision];
                assert!(ended.contains("withdrawn") || ended.contains("undone"), "{point}: {ended:?}");
            }
            verify(dir);
        }
    }
}

#[test]
fn p1_p4_p9_hundreds_of_random_kills_lose_nothing_and_send_nothing_twice() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    fill(dir, 2_000);
    let mut acknowledged = BTreeSet::new();
    // Which texts an item may hold: the last one saved, or one whose saving was under way at the kill.
    let mut saved: BTreeMap<String, (bool, Vec<DecisionId>)> = BTreeMap::new();
    // Fixed walks with coprime steps: reproducible in their choice, random in where they hit. Most kills count what the
    // child has done, so that a slow or busy machine changes nothing; every fourth one falls somewhere into its start.
    for run in 0_u64..200 {
        let child = spawn(dir, "anna", None, false);
        let said = if run % 4 == 0 {
            killed_after(child, 0, Duration::from_millis(run * 37 % 60))
        } else {
            killed_after(child, 1 + run * 7 % 12, Duration::from_micros(run * 701 % 4_000))
        };
        for (word, item, decision) in said {
            match word.as_str() {
                "acknowledged" => drop(acknowledged.insert(decision)),
                "saving" => saved.entry(item).or_default().1.push(decision),
                "saved" => drop(saved.insert(item, (true, vec![decision]))),
                _ => {}
            }
        }
    }
    for _ in 0..2 {
        restart(dir);
    }
    verify(dir);
    let (decisions, outcomes) = logged(dir);
    let signed: BTreeSet<DecisionId> = decisions.iter().copied().collect();
    assert_eq!(signed.len(), decisions.len(), "a decision stands twice in the log");
    assert!(acknowledged.is_subset(&signed), "an acknowledged decision is not in the log");
    let replies = replies(dir);
    let sent: BTreeSet<DecisionId> = replies.iter().map(|r| r.id).collect();
    assert_eq!(sent.len(), replies.len(), "a reply was sent twice");
    let settled: BTreeSet<DecisionId> =
        outcomes.iter().filter(|(_, what)| what.contains("settled")).map(|(id, _)| *id).collect();
    assert_eq!(sent, settled, "sent are exactly the accepted ones");
    assert!(acknowledged.is_subset(&sent));
    let items: BTreeSet<_> = replies.iter().map(|r| r.item.clone()).collect();
    assert_eq!(items.len(), replies.len(), "an item was answered twice");
    // P9: the last text of each item is sent or is still there.
    let desk = desk(dir, "anna");
    let count = saved.len();
    for (item, (was_saved, decisions)) in saved {
        let kept = wait_desk(desk.edits(id(&item))).unwrap();
        let there = kept.iter().any(|e| decisions.iter().any(|d| e.text.contains(&d.to_string())));
        assert!(there || items.contains(&id(&item)) || !was_saved, "the text of {item} is lost");
    }
    eprintln!("{} acknowledged, {} sent, {count} saved texts", acknowledged.len(), sent.len());
    // 150 children were let say 1 to 12 things, every third of them an acknowledgement.
    assert!(acknowledged.len() > 200, "the kills came too early to prove anything: {}", acknowledged.len());
}

#[test]
fn p3_four_processes_decide_two_thousand_items_once_each() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    fill(dir, 2_000);
    let children: Vec<Child> =
        ["anna", "ben", "cleo", "dan"].iter().map(|agent| spawn(dir, agent, None, false)).collect();
    // All are read at once: a child whose pipe is full stands still with an item claimed.
    let readers: Vec<_> = children.into_iter().map(|child| std::thread::spawn(move || said(child))).collect();
    let by_agent: Vec<usize> = readers
        .into_iter()
        .map(|reader| reader.join().unwrap().iter().filter(|(word, ..)| word == "acknowledged").count())
        .collect();
    assert_eq!(by_agent.iter().sum::<usize>(), 2_000, "{by_agent:?}");
    assert!(by_agent.iter().all(|n| *n > 0), "{by_agent:?}");
    restart(dir);
    verify(dir);
    let items: BTreeSet<_> = replies(dir).iter().map(|r| r.item.clone()).collect();
    assert_eq!((items.len(), replies(dir).len()), (2_000, 2_000));
    let (_, outcomes) = logged(dir);
    let settled = outcomes.values().filter(|what| what.contains(Outcome::Settled.as_str())).count();
    assert_eq!(settled, 2_000);
}
