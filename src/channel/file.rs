//! The file channel: `replies.jsonl`, one `countersign.reply/1` a line, for any program to pick up.

use super::lines::Lines;
use super::{Channel, Trace};
use crate::fault;
use crate::review::{DecisionId, Delivery, Reply};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::Path;

/// The file channel.
pub struct FileChannel {
    lines: Lines,
}

impl FileChannel {
    /// A channel into `path`; the file is made with the first reply.
    pub fn new(path: &Path) -> Self {
        Self { lines: Lines::new(path) }
    }

    fn find(&self, id: DecisionId) -> io::Result<bool> {
        let mut locked = self.lines.lock()?;
        locked.file.rewind()?;
        let needle = format!("\"id\":\"{id}\"");
        let mut lines = BufReader::new(locked.file);
        let mut line = String::new();
        while lines.read_line(&mut line)? > 0 {
            // The id stands near the front, before any foreign text.
            let head = line.get(..128).unwrap_or(&line);
            if head.contains(&needle) {
                return Ok(true);
            }
            line.clear();
        }
        Ok(false)
    }
}

impl Channel for FileChannel {
    fn send(&self, reply: &Reply) -> Delivery {
        let failed = |why: &dyn std::fmt::Display| Delivery::Failed {
            why: format!("{}: {why}", self.lines.path.display()),
        };
        let mut line = match serde_json::to_vec(reply) {
            Ok(line) => line,
            Err(e) => return Delivery::Dead { why: e.to_string() },
        };
        line.push(b'\n');
        let mut locked = match self.lines.lock() {
            Ok(locked) => locked,
            Err(e) => return failed(&e),
        };
        let length = match locked.file.seek(SeekFrom::End(0)) {
            Ok(length) => length,
            Err(e) => return failed(&e),
        };
        if fault::armed("channel.torn") {
            let _ = locked.file.write_all(&line[..line.len() / 2]);
            fault::die();
        }
        if let Err(e) = locked.file.write_all(&line) {
            // A full disk shows first as a short write: nobody may read half a reply.
            return match locked.file.set_len(length) {
                Ok(()) => failed(&e),
                Err(cut) => Delivery::Unsure { why: format!("{}: {e}; {cut}", self.lines.path.display()) },
            };
        }
        fault::reach("channel.written");
        match locked.file.sync_data() {
            Ok(()) => Delivery::Sent,
            // Readers may have the line, the disk may not.
            Err(e) => Delivery::Unsure { why: format!("{}: {e}", self.lines.path.display()) },
        }
    }

    fn look_up(&self, id: DecisionId) -> Trace {
        match self.find(id) {
            Ok(true) => Trace::Found,
            Ok(false) => Trace::Absent,
            Err(_) => Trace::Unknown,
        }
    }

    fn forget(&self, ids: &[DecisionId]) -> io::Result<()> {
        self.lines.rewrite(|line| {
            let gone = serde_json::from_str::<Reply>(&line).ok().filter(|reply| ids.contains(&reply.id));
            let Some(reply) = gone else { return Ok(Some(line)) };
            // The id stays, so that a reply cannot be sent again.
            let source = crate::review::Origin::default();
            let blank = Reply { text: String::new(), source, extra: serde_json::Map::new(), ..reply };
            Ok(Some(serde_json::to_string(&blank)?))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::{Channel as How, Disclosure, Origin, REPLY_SCHEMA, Stamp, Verdict};
    use std::fs::OpenOptions;

    fn reply(text: &str) -> Reply {
        Reply {
            schema: REPLY_SCHEMA.to_owned(),
            id: DecisionId(uuid::Uuid::now_v7()),
            item: "i".parse().unwrap(),
            conversation: "c".parse().unwrap(),
            channel: How::Email,
            in_reply_to: None,
            verdict: Verdict::Approve,
            text: text.to_owned(),
            disclosure: Disclosure::AiChecked,
            language: None,
            agent: "anna".to_owned(),
            decided_at: Stamp(0),
            source: Origin::default(),
            extra: serde_json::Map::new(),
        }
    }

    #[test]
    fn p4_a_torn_line_is_cut_and_its_reply_is_absent() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("replies.jsonl");
        let channel = FileChannel::new(&path);
        let (first, torn, third) = (reply("one\ntwo"), reply("torn"), reply("three"));
        assert_eq!(channel.send(&first), Delivery::Sent);
        let half = serde_json::to_string(&torn).unwrap();
        OpenOptions::new().append(true).open(&path).unwrap().write_all(&half.as_bytes()[..200]).unwrap();
        assert_eq!(channel.look_up(torn.id), Trace::Absent);
        assert_eq!(channel.send(&third), Delivery::Sent);
        let text = std::fs::read_to_string(&path).unwrap();
        let ids: Vec<DecisionId> =
            text.lines().map(|l| serde_json::from_str::<Reply>(l).unwrap().id).collect();
        assert_eq!(ids, [first.id, third.id]);
        assert_eq!(channel.look_up(first.id), Trace::Found);
    }

    #[test]
    fn forget_empties_the_text_and_keeps_the_id() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("replies.jsonl");
        let channel = FileChannel::new(&path);
        let (gone, kept) = (reply("PRIVATE"), reply("other"));
        channel.send(&gone);
        channel.send(&kept);
        channel.forget(&[gone.id]).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains("PRIVATE") && text.contains("other"));
        assert_eq!(channel.look_up(gone.id), Trace::Found);
    }

    #[test]
    fn p10_a_folder_that_cannot_be_written_is_named() {
        let channel = FileChannel::new(Path::new("/proc/nowhere/replies.jsonl"));
        assert!(
            matches!(channel.send(&reply("x")), Delivery::Failed { why } if why.contains("/proc/nowhere"))
        );
        assert_eq!(channel.look_up(DecisionId(uuid::Uuid::nil())), Trace::Unknown);
    }
}
