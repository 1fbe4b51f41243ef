//! The file channel: `replies.jsonl`, one `countersign.reply/1` a line, for any program to pick up.

use super::{Channel, Trace};
use crate::fault;
use crate::review::{DecisionId, Delivery, Reply};
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The file channel.
pub struct FileChannel {
    path: PathBuf,
}

/// Exclusive use of the file, until dropped.
struct Locked {
    _lock: File,
    file: File,
}

impl FileChannel {
    /// A channel into `path`; the file is made with the first reply.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    fn private() -> OpenOptions {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        options
    }

    /// The lock is a file of its own: the replies file is replaced by `forget`.
    fn lock(&self) -> io::Result<Locked> {
        let lock = Self::private().open(self.path.with_extension("lock"))?;
        lock.lock()?;
        let mut file = Self::private().open(&self.path)?;
        cut_torn_line(&mut file)?;
        Ok(Locked { _lock: lock, file })
    }

    fn find(&self, id: DecisionId) -> io::Result<bool> {
        let mut locked = self.lock()?;
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

/// A line without its line feed was never acknowledged: its reply is still `sending` in the queue and will be looked
/// up, found absent and sent again. It must not grow together with the next line.
fn cut_torn_line(file: &mut File) -> io::Result<()> {
    let length = file.seek(SeekFrom::End(0))?;
    let mut end = length;
    let mut block = [0_u8; 4_096];
    while end > 0 {
        let from = end.saturating_sub(block.len() as u64);
        let part = &mut block[..usize::try_from(end - from).unwrap_or(0)];
        file.seek(SeekFrom::Start(from))?;
        file.read_exact(part)?;
        if let Some(at) = part.iter().rposition(|b| *b == b'\n') {
            end = from + at as u64 + 1;
            break;
        }
        end = from;
    }
    if end < length {
        file.set_len(end)?;
    }
    Ok(())
}

impl Channel for FileChannel {
    fn send(&self, reply: &Reply) -> Delivery {
        let failed =
            |why: &dyn std::fmt::Display| Delivery::Failed { why: format!("{}: {why}", self.path.display()) };
        let mut line = match serde_json::to_vec(reply) {
            Ok(line) => line,
            Err(e) => return Delivery::Dead { why: e.to_string() },
        };
        line.push(b'\n');
        let mut locked = match self.lock() {
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
                Err(cut) => Delivery::Unsure { why: format!("{}: {e}; {cut}", self.path.display()) },
            };
        }
        fault::reach("channel.written");
        match locked.file.sync_data() {
            Ok(()) => Delivery::Sent,
            // Readers may have the line, the disk may not.
            Err(e) => Delivery::Unsure { why: format!("{}: {e}", self.path.display()) },
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
        if !self.path.exists() {
            return Ok(());
        }
        let mut locked = self.lock()?;
        locked.file.rewind()?;
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let mut fresh = tempfile::NamedTempFile::new_in(folder)?;
        for line in BufReader::new(&locked.file).lines() {
            let line = line?;
            let gone = serde_json::from_str::<Reply>(&line).ok().filter(|reply| ids.contains(&reply.id));
            match gone {
                // The id stays, so that a reply cannot be sent again.
                Some(reply) => {
                    let source = crate::review::Origin::default();
                    let blank = Reply { text: String::new(), source, extra: serde_json::Map::new(), ..reply };
                    serde_json::to_writer(&mut fresh, &blank)?;
                    fresh.write_all(b"\n")?;
                }
                None => writeln!(fresh, "{line}")?,
            }
        }
        fresh.as_file().sync_all()?;
        fresh.persist(&self.path)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::{Channel as How, Disclosure, Origin, REPLY_SCHEMA, Stamp, Verdict};

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
