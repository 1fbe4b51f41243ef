//! Signing how the log stands: with the workstation's key, beside the log and for the witness.

use super::{Desk, DeskError, Folder, blocking};
use crate::ledger::{Anchored, Anchoring, KeyError, PublicKey, Trust, load_key, load_or_make_key};
use crate::review::Stamp;
use std::io;
use std::path::{Path, PathBuf};
use uuid::Uuid;

impl Folder {
    /// The workstation's key.
    pub fn key(&self) -> PathBuf {
        self.root.join("workstation.key")
    }

    /// What a checkpoint of this folder's log is made with.
    ///
    /// # Errors
    /// The system gives no randomness.
    pub fn anchoring(&self, witness: Option<&Path>, now: Stamp) -> Result<Anchoring, DeskError> {
        let (key, witness) = (self.key(), witness.map(Path::to_owned));
        Ok(Anchoring { seed: self.seed()?, key, witness, now, id: Uuid::now_v7() })
    }

    /// The public part of the workstation's key, made now if there is none.
    ///
    /// # Errors
    /// The key cannot be read or made.
    pub fn public_key(&self) -> Result<PublicKey, DeskError> {
        super::private_folder(&self.root)
            .map_err(|why| DeskError::Folder { path: self.root.clone(), why })?;
        Ok(load_or_make_key(&self.key(), &self.seed()?)?.public())
    }

    /// By what this folder's log can be proved where nobody names a key.
    ///
    /// # Errors
    /// The key cannot be read.
    pub fn trust(&self, witness: Option<&Path>) -> Result<Trust, KeyError> {
        let keys = load_key(&self.key())?.map(|key| key.public()).into_iter().collect();
        Ok(Trust { keys, keys_named: false, witness: witness.map(Path::to_owned) })
    }

    fn seed(&self) -> Result<[u8; 32], DeskError> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)
            .map_err(|why| DeskError::Folder { path: self.key(), why: io::Error::other(why.to_string()) })?;
        Ok(seed)
    }
}

/// What a person must be told of a checkpoint that was due: that there is none, or that the witness lacks it.
pub fn shortfall(made: &Result<Option<Anchored>, DeskError>) -> Option<String> {
    match made {
        Ok(made) => Some(made.as_ref()?.witness.as_ref()?.as_ref().err()?.to_string()),
        Err(error) => Some(error.to_string()),
    }
}

impl Desk {
    /// Names the witness's folder.
    #[must_use]
    pub fn witnessed_by(self, witness: Option<PathBuf>) -> Self {
        Self { witness, ..self }
    }

    /// By what this desk's log can be proved.
    ///
    /// # Errors
    /// The key cannot be read.
    pub fn trust(&self) -> Result<Trust, DeskError> {
        Ok(self.folder.trust(self.witness.as_deref())?)
    }

    /// Signs how the log stands; none if nothing is new. Holds no verdict up: it takes the log's lock only to append
    /// its own entry.
    ///
    /// # Errors
    /// The checkpoint could not be signed or written.
    pub async fn anchor(&self) -> Result<Option<Anchored>, DeskError> {
        if let Some(why) = self.closed() {
            return Err(DeskError::RolledBack { why });
        }
        let with = self.folder.anchoring(self.witness.as_deref(), self.now())?;
        let ledger = self.ledger.clone();
        Ok(blocking(move || ledger.anchor(&with)).await?)
    }

    /// Signs how the log stands where that is due: after 100 entries, and daily.
    ///
    /// # Errors
    /// The checkpoint could not be signed or written.
    pub async fn anchor_if_due(&self) -> Result<Option<Anchored>, DeskError> {
        let (ledger, now) = (self.ledger.clone(), self.now());
        if blocking(move || ledger.is_anchor_due(now)).await { self.anchor().await } else { Ok(None) }
    }
}
