//! Evidence as the store keeps it.
//!
//! | version | behind the version's byte |
//! |---|---|
//! | 1 | postcard of the whole evidence, compressed |
//! | 2 | the length of the same, it, and [`Settled`] |
//! | 3 | the length of [`Shape`] with the texts ([`super::texts`]), both, and [`Settled`] |
//! | 4 | the same, but what has that length is compressed |
//!
//! Rows of every version stay readable.

use serde::{Deserialize, Serialize};
use syncline_model::{EntityKind, ObjectId};

use super::texts::{Reader, Writer};
use super::{Evidence, EvidenceOutcome, Import, Matching, Modified, ReferenceEvidence, Scoping};

/// Evidence in the store's compact form, but for what shows only when the decision is carried out:
/// the target object, the outcome and the references. Packing is most of the work, and can be done
/// ahead.
#[derive(Debug)]
pub struct Packed(Vec<u8>);

/// What is written behind packed evidence: what became of it.
type Settled = (Option<ObjectId>, EvidenceOutcome, Vec<ReferenceEvidence>);

/// Evidence without its texts, and without what is settled later.
#[derive(Serialize, Deserialize)]
struct Shape {
    kind: EntityKind,
    source: ObjectId,
    import: Import,
    imported: usize,
    scoping: Option<ScopingShape>,
    matching: Option<MatchingShape>,
    modified: Vec<Sides>,
}

#[derive(Serialize, Deserialize)]
struct ScopingShape {
    active: bool,
    assigned: bool,
    sync_all: bool,
    has_role: bool,
    filter_passed: bool,
    clauses: Vec<bool>,
}

#[derive(Serialize, Deserialize)]
struct MatchingShape {
    by_attribute: bool,
    found: Vec<ObjectId>,
}

/// Which values a modified property has.
#[derive(Clone, Copy, Serialize, Deserialize)]
enum Sides {
    Neither,
    Old,
    New,
    Both,
}

const VERSION: u8 = 3;
const COMPRESSED: u8 = 4;

/// Longer evidence is compressed; most is not much shorter then.
const LONG: usize = 1024;

/// Bytes that a created user takes, about: saves growing. What is settled has room, too.
const USUAL: usize = 768;

impl Evidence {
    /// Packs everything that is known when the decision is made.
    pub fn pack(&self) -> Packed {
        let mut row = Vec::with_capacity(USUAL);
        row.push(VERSION);
        row.extend_from_slice(&[0; 4]);
        let Ok(row) = postcard::to_extend(&self.shape(), row) else {
            // Serializing plain data into a growing vector can not fail; an empty row would still
            // render as "no evidence" rather than stop a cycle.
            return Packed(Vec::new());
        };
        let mut writer = Writer::new(row, self.source);
        self.each_text(|text| writer.put(text));
        let mut row = writer.finish();
        if row.len() > LONG {
            let body = lz4_flex::compress_prepend_size(row.get(5..).unwrap_or_default());
            row.truncate(5);
            row.extend_from_slice(&body);
            row[0] = COMPRESSED;
        }
        let length = u32::try_from(row.len().saturating_sub(5)).unwrap_or(u32::MAX);
        if let Some(place) = row.get_mut(1..5) {
            place.copy_from_slice(&length.to_le_bytes());
        }
        Packed(row)
    }

    /// Packs it, and keeps only what shows when the decision is carried out: what is left is for
    /// [`Packed::seal`], not to be logged by itself.
    pub fn pack_away(&mut self) -> Packed {
        let packed = self.pack();
        self.imported = Vec::new();
        self.scoping = None;
        self.matching = None;
        self.modified = Vec::new();
        packed
    }

    /// The row of the store.
    pub fn encode(&self) -> Vec<u8> {
        self.pack().seal(self)
    }

    /// Reads [`Evidence::encode`], of this version and those before; `None` when the row was
    /// damaged.
    pub fn decode(row: &[u8]) -> Option<Self> {
        let (version, rest) = row.split_first()?;
        if *version == 1 {
            return postcard::from_bytes(&decompress(rest)?).ok();
        }
        let (length, rest) = rest.split_first_chunk()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let (body, settled) = rest.split_at_checked(length)?;
        let evidence = match *version {
            2 => postcard::from_bytes(&decompress(body)?).ok()?,
            VERSION => unpack(body)?,
            COMPRESSED => unpack(&decompress(body)?)?,
            _ => return None,
        };
        let (target, outcome, references): Settled = postcard::from_bytes(settled).ok()?;
        Some(Self {
            target,
            outcome,
            references,
            ..evidence
        })
    }

    fn shape(&self) -> Shape {
        Shape {
            kind: self.kind,
            source: self.source,
            import: self.import,
            imported: self.imported.len(),
            scoping: self.scoping.as_ref().map(|scoping| ScopingShape {
                active: scoping.active,
                assigned: scoping.assigned,
                sync_all: scoping.sync_all,
                has_role: scoping.has_role,
                filter_passed: scoping.filter_passed,
                clauses: scoping.clauses.iter().map(|(_, holds)| *holds).collect(),
            }),
            matching: self.matching.as_ref().map(|matching| MatchingShape {
                by_attribute: matching.attribute.is_some(),
                found: matching.found.clone(),
            }),
            modified: self
                .modified
                .iter()
                .map(|it| match (&it.old, &it.new) {
                    (None, None) => Sides::Neither,
                    (Some(_), None) => Sides::Old,
                    (None, Some(_)) => Sides::New,
                    (Some(_), Some(_)) => Sides::Both,
                })
                .collect(),
        }
    }

    /// Every text, in the order in which [`unpack`] reads them.
    fn each_text<'e>(&'e self, mut put: impl FnMut(&'e str)) {
        put(&self.source_display_name);
        put(&self.source_name);
        for (name, value) in &self.imported {
            put(name);
            put(value);
        }
        for (words, _) in self.scoping.iter().flat_map(|it| &it.clauses) {
            put(words);
        }
        let matched_by = self.matching.as_ref().and_then(|it| it.attribute.as_ref());
        if let Some((name, value)) = matched_by {
            put(name);
            put(value);
        }
        put(&self.target_display_name);
        put(&self.target_name);
        for modified in &self.modified {
            put(&modified.name);
            for value in [&modified.old, &modified.new].into_iter().flatten() {
                put(value);
            }
        }
        put(&self.source_system);
        put(&self.target_system);
    }
}

fn unpack(body: &[u8]) -> Option<Evidence> {
    let (shape, texts) = postcard::take_from_bytes::<Shape>(body).ok()?;
    let mut texts = Reader::new(texts, shape.source);
    let source_display_name = texts.take()?;
    let source_name = texts.take()?;
    // Each takes a byte at least, so a damaged count ends with the row.
    let mut imported = Vec::new();
    for _ in 0..shape.imported {
        imported.push((texts.take()?, texts.take()?));
    }
    let scoping = match shape.scoping {
        None => None,
        Some(scoping) => {
            let mut clauses = Vec::new();
            for holds in scoping.clauses {
                clauses.push((texts.take()?, holds));
            }
            Some(Scoping {
                active: scoping.active,
                assigned: scoping.assigned,
                sync_all: scoping.sync_all,
                has_role: scoping.has_role,
                filter_passed: scoping.filter_passed,
                clauses,
            })
        }
    };
    let matching = match shape.matching {
        None => None,
        Some(matching) => Some(Matching {
            attribute: if matching.by_attribute {
                Some((texts.take()?, texts.take()?))
            } else {
                None
            },
            found: matching.found,
        }),
    };
    let target_display_name = texts.take()?;
    let target_name = texts.take()?;
    let mut modified = Vec::new();
    for sides in shape.modified {
        let name = texts.take()?;
        let (old, new) = match sides {
            Sides::Neither => (None, None),
            Sides::Old => (Some(texts.take()?), None),
            Sides::New => (None, Some(texts.take()?)),
            Sides::Both => (Some(texts.take()?), Some(texts.take()?)),
        };
        modified.push(Modified { name, old, new });
    }
    Some(Evidence {
        kind: shape.kind,
        source: shape.source,
        source_display_name,
        source_name,
        import: shape.import,
        imported,
        scoping,
        matching,
        target: None,
        target_display_name,
        target_name,
        outcome: EvidenceOutcome::Created,
        modified,
        references: Vec::new(),
        source_system: texts.take()?,
        target_system: texts.take()?,
    })
}

fn decompress(body: &[u8]) -> Option<Vec<u8>> {
    // The size is prepended by the encoder; a damaged one must not make us allocate wildly.
    let size = u32::from_le_bytes(*body.first_chunk()?);
    if size > 16 * 1024 * 1024 {
        return None;
    }
    lz4_flex::decompress_size_prepended(body).ok()
}

impl Packed {
    /// The row: what was packed, with target, outcome and references as they are in `settled` now.
    pub fn seal(self, settled: &Evidence) -> Vec<u8> {
        let Self(row) = self;
        let behind = (settled.target, &settled.outcome, &settled.references);
        // As in `pack`.
        postcard::to_extend(&behind, row).unwrap_or_default()
    }
}
