//! One sparse linear table of the model file: read in place, and written by training.

use super::ModelFault;
use serde::{Deserialize, Serialize};

/// The size of one table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// Buckets, a power of two.
    pub buckets: usize,
    /// Features.
    pub rows: usize,
    /// Weights per feature.
    pub width: usize,
}

impl Shape {
    fn bytes(self) -> usize {
        (self.buckets + 1) * 4 + self.rows * (3 + self.width)
    }
}

/// The largest weight in a row of this scale: from 64 down, sixteen steps to a factor of two.
pub fn row_scale(step: u8) -> f32 {
    2_f32.powf(6.0 - f32::from(step) / 16.0)
}

/// A sparse linear table.
#[derive(Clone, Copy, Debug)]
pub struct Table<'a> {
    shape: Shape,
    offsets: &'a [u8],
    prints: &'a [u8],
    scales: &'a [u8],
    weights: &'a [u8],
}

impl<'a> Table<'a> {
    pub(super) fn cut(shape: Shape, bytes: &mut &'a [u8], what: &'static str) -> Result<Self, ModelFault> {
        let sizes = [(shape.buckets + 1) * 4, shape.rows * 2, shape.rows, shape.rows * shape.width];
        let sound = shape.buckets.is_power_of_two()
            && shape.rows < 1 << 28
            && shape.width <= 64
            && shape.buckets < 1 << 28
            && bytes.len() >= shape.bytes();
        if !sound {
            return Err(ModelFault::Short(what));
        }
        let mut take = |size: usize| {
            let (part, rest) = bytes.split_at(size);
            *bytes = rest;
            part
        };
        let table = Self {
            shape,
            offsets: take(sizes[0]),
            prints: take(sizes[1]),
            scales: take(sizes[2]),
            weights: take(sizes[3]),
        };
        let mut last = 0;
        for bucket in 0..=shape.buckets {
            let at = table.offset(bucket);
            if at < last || at > shape.rows {
                return Err(ModelFault::Short(what));
            }
            last = at;
        }
        Ok(table)
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) -> Shape {
        for part in [self.offsets, self.prints, self.scales, self.weights] {
            out.extend_from_slice(part);
        }
        self.shape
    }

    /// Rows in the table.
    pub const fn rows(&self) -> usize {
        self.shape.rows
    }

    fn offset(&self, bucket: usize) -> usize {
        let b = &self.offsets[bucket * 4..bucket * 4 + 4];
        u32::from_le_bytes([b[0], b[1], b[2], b[3]]) as usize
    }

    /// The feature's row, if the table has it.
    pub fn find(&self, hash: u64) -> Option<usize> {
        let bucket = bucket_of(hash, self.shape.buckets);
        let [low, high] = print_of(hash).to_le_bytes();
        let (from, to) = (self.offset(bucket), self.offset(bucket + 1));
        let prints = &self.prints[from * 2..to * 2];
        prints.chunks_exact(2).position(|p| p[0] == low && p[1] == high).map(|at| from + at)
    }

    /// Weights of a row and what they are to be multiplied with.
    pub fn row(&self, row: usize) -> (f32, &'a [u8]) {
        let width = self.shape.width;
        (row_scale_of(self.scales[row]), &self.weights[row * width..(row + 1) * width])
    }

    /// Adds the feature's row to the sums, if the table has it, and says which.
    pub(super) fn take<const W: usize>(&self, hash: u64, sums: &mut [f32; W]) -> Option<usize> {
        self.find(hash).inspect(|row| self.add(*row, sums))
    }

    /// Adds a row to the sums.
    pub(super) fn add<const W: usize>(&self, row: usize, sums: &mut [f32; W]) {
        let (scale, weights) = self.row(row);
        for (sum, weight) in sums.iter_mut().zip(weights) {
            *sum += scale * f32::from(weight.cast_signed());
        }
    }
}

static SCALES: std::sync::LazyLock<[f32; 256]> = std::sync::LazyLock::new(|| {
    std::array::from_fn(|n| row_scale(u8::try_from(n).unwrap_or(u8::MAX)) / 127.0)
});

fn row_scale_of(step: u8) -> f32 {
    SCALES[usize::from(step)]
}

/// The bucket of a hash; `buckets` is a power of two.
pub const fn bucket_of(hash: u64, buckets: usize) -> usize {
    (hash >> 32) as usize & (buckets - 1)
}

/// The fingerprint of a hash.
#[expect(clippy::cast_possible_truncation, reason = "the low 16 bits are what is wanted")]
pub const fn print_of(hash: u64) -> u16 {
    hash as u16
}

/// A table to write: made anew, or taken from an opened model.
#[derive(Clone, Debug)]
pub enum Part<'a> {
    /// From training.
    New(TableSource),
    /// From a model file, as it is.
    Kept(Table<'a>),
}

/// A table as training hands it over: unrounded.
#[derive(Clone, Debug, Default)]
pub struct TableSource {
    /// Weights per feature.
    pub width: usize,
    /// Features' hashes.
    pub hashes: Vec<u64>,
    /// Weights, row by row.
    pub weights: Vec<f32>,
}

impl TableSource {
    pub(super) fn write(&self, out: &mut Vec<u8>) -> Shape {
        let rows = self.hashes.len();
        let buckets = (rows / 4).max(1).next_power_of_two();
        let mut order: Vec<usize> = (0..rows).collect();
        order.sort_by_key(|row| (bucket_of(self.hashes[*row], buckets), self.hashes[*row]));
        let mut offsets = vec![0_u32; buckets + 1];
        for row in &order {
            offsets[bucket_of(self.hashes[*row], buckets) + 1] += 1;
        }
        for bucket in 0..buckets {
            offsets[bucket + 1] += offsets[bucket];
        }
        out.extend(offsets.iter().flat_map(|o| o.to_le_bytes()));
        out.extend(order.iter().flat_map(|row| print_of(self.hashes[*row]).to_le_bytes()));
        let scales: Vec<u8> = order.iter().map(|row| self.scale(*row)).collect();
        out.extend(&scales);
        for (row, scale) in order.iter().zip(&scales) {
            let unit = row_scale(*scale) / 127.0;
            out.extend(self.row(*row).iter().map(|w| rounded(w / unit).cast_unsigned()));
        }
        Shape { buckets, rows, width: self.width }
    }

    fn row(&self, row: usize) -> &[f32] {
        &self.weights[row * self.width..(row + 1) * self.width]
    }

    /// The finest scale in which the row's largest weight still fits.
    fn scale(&self, row: usize) -> u8 {
        let largest = self.row(row).iter().fold(0.0_f32, |most, w| most.max(w.abs()));
        (0..=u8::MAX).rev().find(|step| row_scale(*step) >= largest).unwrap_or(0)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "clamped to the range of a byte first")]
fn rounded(value: f32) -> i8 {
    value.round().clamp(-127.0, 127.0) as i8
}
