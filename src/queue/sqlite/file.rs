//! Opening a SQLite file as this program needs it: private, durable, versioned, on a file system that can lock.

use crate::queue::QueueError;
use rusqlite::Connection;
use std::path::Path;
use std::time::Duration;

/// How long a statement waits for another process's transaction, in milliseconds.
const BUSY_MS: i32 = 10_000;

/// Asked again and again while another process holds the lock. SQLite's own handler backs off to 100 ms a time, and
/// so starves beside a process that writes without a pause: this one asks every millisecond.
fn busy(asked: i32) -> bool {
    std::thread::sleep(Duration::from_millis(1));
    asked < BUSY_MS
}

/// One step of a store's history: the statements that lead from version `n` to `n + 1`.
pub type Migration = &'static str;

/// File systems whose locks cannot be trusted, by the magic number of `statfs(2)`.
const NETWORK: [(i64, &str); 7] = [
    (0x6969, "nfs"),
    (0x517B, "smb"),
    (0xFF53_4D42, "cifs"),
    (0xFE53_4D42, "smb2"),
    (0x7375_7245, "coda"),
    (0x0102_1997, "9p"),
    (0x00C3_6400, "ceph"),
];

/// Opens or creates the store at `path` and brings it to the newest version.
///
/// # Errors
/// Out of reach, on a network file system, damaged, or written by a newer program.
pub fn open(path: &Path, migrations: &[Migration]) -> Result<Connection, QueueError> {
    let place = path.display().to_string();
    if let Some(folder) = path.parent() {
        refuse_network(folder)?;
    }
    create_private(path).map_err(|e| QueueError::Unreachable { place: place.clone(), why: e.to_string() })?;
    let error = |e| error_at(&place, &e);
    let mut db = Connection::open(path).map_err(error)?;
    db.busy_handler(Some(busy)).map_err(error)?;
    db.pragma_update(None, "journal_mode", "wal").map_err(error)?;
    db.pragma_update(None, "synchronous", "full").map_err(error)?;
    db.pragma_update(None, "secure_delete", true).map_err(error)?;
    db.pragma_update(None, "foreign_keys", true).map_err(error)?;
    // 4 MiB of pages: enough for a page of the list and its index, small beside the memory goal.
    db.pragma_update(None, "cache_size", -4_096).map_err(error)?;
    // 32 MiB of log before it is copied back: an import writes its pages once, not once a batch.
    db.pragma_update(None, "wal_autocheckpoint", 8_192).map_err(error)?;
    db.set_prepared_statement_cache_capacity(64);
    migrate(&mut db, path, &place, migrations)?;
    Ok(db)
}

/// Writes the write-ahead log into the store and empties it: what was deleted must not live on in old pages there.
///
/// # Errors
/// Another process reads so long that it cannot be done now; the same call may be repeated.
pub fn empty_wal(db: &Connection) -> rusqlite::Result<()> {
    let busy: bool = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |r| r.get(0))?;
    if !busy {
        return Ok(());
    }
    let why = "another console keeps an old page open".to_owned();
    Err(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY), Some(why)))
}

/// What went wrong at `place`, as the room's error.
pub fn error_at(place: &str, error: &rusqlite::Error) -> QueueError {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    let place = place.to_owned();
    match error.sqlite_error_code() {
        Some(DatabaseCorrupt | NotADatabase) | None => QueueError::Damaged { place, why: error.to_string() },
        Some(_) => QueueError::Unreachable { place, why: error.to_string() },
    }
}

fn refuse_network(folder: &Path) -> Result<(), QueueError> {
    let Ok(found) = rustix::fs::statfs(folder) else { return Ok(()) };
    #[expect(clippy::useless_conversion, reason = "the field's type differs between platforms")]
    let magic = i64::try_from(found.f_type).unwrap_or_default();
    match NETWORK.iter().find(|(number, _)| *number == magic) {
        Some((_, kind)) => Err(QueueError::NetworkFileSystem { place: folder.display().to_string(), kind }),
        None => Ok(()),
    }
}

/// The file must be private before SQLite writes the first byte; WAL and shm inherit its mode.
fn create_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path).map(drop)
}

fn version(db: &Connection) -> rusqlite::Result<u32> {
    db.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Forward only; before the first step away from an existing version a copy is laid beside the file.
fn migrate(
    db: &mut Connection,
    path: &Path,
    place: &str,
    migrations: &[Migration],
) -> Result<(), QueueError> {
    let error = |e| error_at(place, &e);
    let known = u32::try_from(migrations.len()).unwrap_or(u32::MAX);
    let found = version(db).map_err(error)?;
    if found > known {
        return Err(QueueError::NewerData { place: place.to_owned(), found, known });
    }
    if found == known {
        return Ok(());
    }
    if found > 0 {
        let copy = path.with_extension(format!("v{found}.backup"));
        db.backup("main", &copy, None::<fn(rusqlite::backup::Progress)>).map_err(error)?;
    }
    let step = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(error)?;
    // Another process may have migrated while this one waited for the lock.
    let found = version(&step).map_err(error)?;
    for statements in migrations.iter().skip(found as usize) {
        step.execute_batch(statements).map_err(error)?;
    }
    step.pragma_update(None, "user_version", known).map_err(error)?;
    step.commit().map_err(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p10_newer_data_is_refused_by_name_and_older_data_is_copied_first() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("store.sqlite");
        let one: &[Migration] = &["CREATE TABLE a(x);"];
        let two: &[Migration] = &["CREATE TABLE a(x);", "ALTER TABLE a ADD COLUMN y;"];
        open(&path, one).unwrap().execute("INSERT INTO a VALUES (7)", ()).unwrap();
        let db = open(&path, two).unwrap();
        let kept: i64 = db.query_row("SELECT x FROM a", (), |r| r.get(0)).unwrap();
        assert_eq!(kept, 7);
        assert!(dir.path().join("store.v1.backup").exists());
        let error = open(&path, one).unwrap_err().to_string();
        assert!(error.contains("data version 2") && error.contains("store.sqlite"), "{error}");
    }

    #[test]
    fn the_store_is_private_and_a_broken_one_is_named() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("store.sqlite");
        open(&path, &["CREATE TABLE a(x);"]).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let bad = dir.path().join("bad.sqlite");
        std::fs::write(&bad, [7_u8; 8_192]).unwrap();
        assert!(matches!(open(&bad, &["CREATE TABLE a(x);"]), Err(QueueError::Damaged { .. })));
    }
}
