//! Evidence as the store keeps it. What is known when the decision is made is written by
//! [`super::packing`], what becomes of it by [`Packed::seal`].
//!
//! | version | behind the version's byte |
//! |---|---|
//! | 1 | postcard of the whole evidence, compressed |
//! | 2 | the length of the same, it, and [`Settled`] |
//! | 3 | the length of [`Shape`] with the texts ([`super::texts`]), both, and [`Settled`] |
//! | 4 | the same, but what has that length is compressed |
//!
//! Behind [`Settled`] there may stand [`Filling`], and [`Keeping`] behind that, where they say something: versions that do
//! not know them read no further, and so read such rows as well.
//!
//! Rows of every version stay readable.

use serde::{Deserialize, Serialize};
use syncline_model::{EntityKind, ObjectId};

use super::texts::Reader;
use super::{
    Evidence, EvidenceOutcome, Import, Keeping, Matching, Modified, ReferenceEvidence, Scoping,
};

/// Evidence in the store's compact form, but for what shows only when the decision is carried out:
/// the target object, the outcome and the references. Packing is most of the work, and can be done
/// ahead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed(pub(super) Vec<u8>);

/// What is written behind packed evidence: what became of it.
type Settled = (Option<ObjectId>, EvidenceOutcome, Vec<ReferenceEvidence>);

/// The places of those references that were set where there was none: [`ReferenceEvidence::fills`].
type Filling = Vec<usize>;

/// Evidence without its texts, and without what is settled later.
#[derive(Serialize, Deserialize)]
pub(super) struct Shape {
    pub(super) kind: EntityKind,
    pub(super) source: ObjectId,
    pub(super) import: Import,
    pub(super) imported: usize,
    pub(super) scoping: Option<ScopingShape>,
    pub(super) matching: Option<MatchingShape>,
    pub(super) modified: Vec<Sides>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct ScopingShape {
    pub(super) active: bool,
    pub(super) assigned: bool,
    pub(super) sync_all: bool,
    pub(super) has_role: bool,
    pub(super) filter_passed: bool,
    pub(super) clauses: Vec<bool>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct MatchingShape {
    pub(super) by_attribute: bool,
    pub(super) found: Vec<ObjectId>,
}

/// Which values a modified property has.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) enum Sides {
    Neither,
    Old,
    New,
    Both,
}

pub(super) const VERSION: u8 = 3;
pub(super) const COMPRESSED: u8 = 4;

impl Evidence {
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
        let (settled, behind) = postcard::take_from_bytes::<Settled>(settled).ok()?;
        let (target, outcome, mut references) = settled;
        let mut keeping: Option<Keeping> = None;
        if !behind.is_empty() {
            let (filling, behind) = postcard::take_from_bytes::<Filling>(behind).ok()?;
            for at in filling {
                references.get_mut(at)?.fills = true;
            }
            if !behind.is_empty() {
                keeping = Some(postcard::from_bytes(behind).ok()?);
            }
        }
        Some(Self {
            target,
            outcome,
            keeping,
            references,
            ..evidence
        })
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
        keeping: None,
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
        let references = &settled.references;
        let behind = (settled.target, &settled.outcome, references);
        // Plain data into a growing vector: it can not fail.
        let row = postcard::to_extend(&behind, row).unwrap_or_default();
        let places = references.iter().enumerate();
        let filling: Filling = places
            .filter_map(|(at, it)| it.fills.then_some(at))
            .collect();
        match (filling.is_empty(), settled.keeping) {
            (true, None) => Ok(row),
            (false, None) => postcard::to_extend(&filling, row),
            (_, Some(keeping)) => postcard::to_extend(&(&filling, keeping), row),
        }
        .unwrap_or_default()
    }
}
