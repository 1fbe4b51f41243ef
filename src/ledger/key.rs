//! The workstation's key, in a file for its owner only.

use super::folder;
use super::note::SecretKey;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Why there is no key to sign with.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or made.
    #[error("the key {path} cannot be {doing} ({why}); make the folder yours")]
    Io {
        /// The file.
        path: PathBuf,
        /// Read, written.
        doing: &'static str,
        /// What the system said.
        why: io::Error,
    },
    /// Others may read the key: whoever has, can sign.
    #[error(
        "the key {path} can be read by others (mode {mode:03o}); `chmod 600` it, and think who may have it"
    )]
    Open {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// The file holds something else.
    #[error("{path} holds no key; restore it from a copy, or move it away and a new key is made")]
    Spoilt {
        /// The file.
        path: PathBuf,
    },
}

/// The key in `path`; none if there is no such file.
pub fn load(path: &Path) -> Result<Option<SecretKey>, KeyError> {
    let io = |why| KeyError::Io { path: path.to_owned(), doing: "read", why };
    let mode = match std::fs::metadata(path) {
        Ok(there) => there.permissions().mode() & 0o777,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(io(e)),
    };
    if mode & 0o077 != 0 {
        return Err(KeyError::Open { path: path.to_owned(), mode });
    }
    let text = std::fs::read_to_string(path).map_err(io)?;
    SecretKey::read(&text).map(Some).ok_or_else(|| KeyError::Spoilt { path: path.to_owned() })
}

/// The key in `path`; where there is none, the one that `seed` makes, kept there from now on.
pub fn load_or_make(path: &Path, seed: &[u8; 32]) -> Result<SecretKey, KeyError> {
    if let Some(key) = load(path)? {
        return Ok(key);
    }
    let io = |why| KeyError::Io { path: path.to_owned(), doing: "written", why };
    let key = SecretKey::of(seed);
    let folder = path.parent().unwrap_or(Path::new("."));
    // Whole under its name or not there at all; of two that make one at once, both take the first one's.
    let mut new = tempfile::Builder::new().prefix(".key-").tempfile_in(folder).map_err(io)?;
    let kept = writeln!(new, "{}", key.text()).and_then(|()| new.as_file().sync_all());
    kept.map_err(io)?;
    match new.persist_noclobber(path) {
        Ok(_) => {}
        Err(e) if e.error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(e) => return Err(io(e.error)),
    }
    folder::sync(folder).map_err(io)?;
    load(path)?.ok_or_else(|| KeyError::Spoilt { path: path.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_for_its_owner_only_and_an_open_or_spoilt_one_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        assert!(load(&path).unwrap().is_none());
        let key = load_or_make(&path, &[1; 32]).unwrap().public();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(load_or_make(&path, &[2; 32]).unwrap().public(), key, "the first one stays");
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
        assert!(matches!(load(&path), Err(KeyError::Open { mode: 0o640, .. })));
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        std::fs::write(&path, "no key").unwrap();
        assert!(matches!(load_or_make(&path, &[2; 32]), Err(KeyError::Spoilt { .. })));
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left behind");
    }
}
