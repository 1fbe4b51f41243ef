//! The log as the header shows it: proved once, followed, and signed where that is due.

use super::super::message::{LogStatus, Outcome};
use super::Worker;
use crate::desk::{DeskError, shortfall};
use crate::ledger::{self, AnchorError, Anchored, Level, Witness};
use std::rc::Rc;

/// How far the log is proved in this session.
struct Proved {
    level: Option<Level>,
    /// It had been signed before; the witness vouches for that part or not.
    signed: bool,
    /// Why the last checkpoint that was due fell short, so that it is told once.
    fell_short: Option<String>,
}

impl Worker {
    /// Proves the log once, then follows its length and signs it where that is due.
    pub(super) async fn watch_log(self: Rc<Self>) {
        self.tell_log().await;
        let mut proved = self.prove().await;
        loop {
            if let Some(so_far) = &mut proved
                && !self.anchor(so_far).await
            {
                proved = None;
            }
            self.tell_log().await;
            self.logged.notified().await;
            // What became of a verdict follows it into the log at once, not only when its reply leaves.
            if let Err(error) = self.desk.tell().await {
                self.say(Outcome::Notice(error.to_string()));
            }
        }
    }

    /// How far the log can be trusted; none where it does not verify: it is not signed then.
    async fn prove(&self) -> Option<Proved> {
        let (dir, trust) = (self.desk.folder.log(), self.desk.trust());
        let trust = trust.map_err(|error| self.say(Outcome::Notice(error.to_string()))).ok()?;
        let proof = tokio::task::spawn_blocking(move || ledger::prove(&dir, &trust, &mut |_, _| ()));
        let report = match proof.await {
            Ok(Ok(report)) => report,
            Ok(Err(error)) => {
                self.say(Outcome::Notice(error.to_string()));
                return None;
            }
            Err(_) => return None,
        };
        *self.level.borrow_mut() = report.level.map_or("broken".to_owned(), |level| level.to_string());
        if let Witness::Unreachable(why) = &report.anchors.witness {
            self.say(Outcome::Notice(format!("the witness was not asked: {why}; tell whoever keeps it")));
        }
        if report.problem.is_some() {
            self.say(Outcome::Notice("the log does not verify; run `countersign verify`".to_owned()));
            return None;
        }
        Some(Proved { level: report.level, signed: report.anchors.checkpoints > 0, fell_short: None })
    }

    /// Signs the log where that is due, and lifts the level by what that proves. A shortfall is told once. Whether to go
    /// on: what contradicts an earlier checkpoint will not be signed the next time either.
    async fn anchor(&self, proved: &mut Proved) -> bool {
        let made = self.desk.anchor_if_due().await;
        let short = shortfall(&made);
        match &made {
            Ok(None) => return true,
            Ok(Some(Anchored { witness, .. })) => {
                let whole = matches!(witness, Some(Ok(()))) && !proved.signed;
                proved.level = proved.level.max(Some(if whole { Level::L3 } else { Level::L2 }));
                proved.signed = true;
                *self.level.borrow_mut() = proved.level.map_or_else(String::new, |level| level.to_string());
            }
            Err(_) => {}
        }
        if short != proved.fell_short {
            proved.fell_short.clone_from(&short);
            if let Some(why) = short {
                self.say(Outcome::Notice(why));
            }
        }
        !matches!(made, Err(DeskError::Anchor(AnchorError::Contradicts(_))))
    }

    pub(super) async fn tell_log(&self) {
        let (entries, broken) = match self.desk.log_standing().await {
            Ok(standing) => (standing.newest.map_or(0, |mark| mark.seq), None),
            Err(error) => (0, Some(error.to_string())),
        };
        let closed = self.desk.closed().or(broken);
        self.say(Outcome::Log(LogStatus { level: self.level.borrow().clone(), entries, closed }));
    }
}
