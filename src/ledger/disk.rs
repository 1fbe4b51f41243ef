//! The three calls that change the log's bytes, behind a seam so that a test can let each of them fail.

use std::fs::File;
use std::io::{self, Write};

/// What the ledger asks of a disk.
pub trait Disk: Send {
    /// One write at the end of the file; how many bytes were taken. Fewer than offered means the disk is full.
    fn write(&mut self, file: &File, bytes: &[u8]) -> io::Result<usize>;
    /// Returns once the file's bytes and length are on disk.
    fn sync(&mut self, file: &File) -> io::Result<()>;
    /// Cuts the file to `length` bytes.
    fn cut(&mut self, file: &File, length: u64) -> io::Result<()>;
}

/// The disk of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealDisk;

impl Disk for RealDisk {
    fn write(&mut self, mut file: &File, bytes: &[u8]) -> io::Result<usize> {
        file.write(bytes)
    }
    fn sync(&mut self, file: &File) -> io::Result<()> {
        file.sync_data()
    }
    fn cut(&mut self, file: &File, length: u64) -> io::Result<()> {
        file.set_len(length)
    }
}
