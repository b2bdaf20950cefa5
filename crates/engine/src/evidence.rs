//! Why a decision was made: what was imported, every scoping clause, what was matched, what
//! changed from what to what. Stored with each decision; the log and the on-demand answer are two
//! renderings of it.

use serde::{Deserialize, Serialize};
use syncline_model::{EntityKind, ObjectId, Text};

use crate::{Failure, SkipReason};

/// Everything known when the decision was made. Texts are as the log shows them; redacted values
/// are already `[Redact]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    pub kind: EntityKind,
    pub source: ObjectId,
    pub source_display_name: Text,
    /// userPrincipalName of a user, display name of a group.
    pub source_name: Text,
    pub import: Import,
    /// Imported attributes by engine name, as text.
    pub imported: Vec<(Text, Text)>,
    pub scoping: Option<Scoping>,
    pub matching: Option<Matching>,
    pub target: Option<ObjectId>,
    pub target_display_name: Text,
    /// userPrincipalName (or display name) of the target object: `ReportableIdentifier`.
    pub target_name: Text,
    pub outcome: EvidenceOutcome,
    pub modified: Vec<Modified>,
    pub references: Vec<ReferenceEvidence>,
    /// Display names of the two systems.
    pub source_system: Text,
    pub target_system: Text,
}

/// What kind of change was received from the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Import {
    /// First seen by this job.
    Add,
    Update,
    /// Soft- or hard-deleted in the source.
    Delete,
}

/// How scope was evaluated. Entitled and enabled are separate facts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scoping {
    pub active: bool,
    pub assigned: bool,
    pub sync_all: bool,
    pub has_role: bool,
    pub filter_passed: bool,
    /// `("<group>.<attr> <OP> '<value>'", result)` for every clause of every group.
    pub clauses: Vec<(Text, bool)>,
}

/// What was asked of the target and what it answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matching {
    /// By the stored link, or by this attribute and value.
    pub attribute: Option<(Text, Text)>,
    /// Target objects found.
    pub found: Vec<ObjectId>,
}

/// What was decided and, once carried out, what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EvidenceOutcome {
    Created,
    Updated {
        adopted: bool,
    },
    Disabled,
    SoftDeleted,
    Restored,
    HardDeleted,
    Released,
    /// Held by the accidental-deletion gate.
    Staged,
    Unchanged {
        adopted: bool,
    },
    Skipped(SkipReason),
    Failed(Failure),
    /// Only references were written.
    ReferencesOnly,
}

/// One modified property, as the log shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Modified {
    pub name: Text,
    pub old: Option<Text>,
    pub new: Option<Text>,
}

/// A reference written, removed or waiting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReferenceEvidence {
    /// e.g. `manager`.
    pub name: Text,
    /// The source object referred to, when one is.
    pub source: Option<ObjectId>,
    pub state: ReferenceState,
}

/// What became of a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReferenceState {
    /// Written to this target object.
    Set(ObjectId),
    /// Removed; this target object was referred to before.
    Removed(ObjectId),
    /// Waits until the source object it names is linked.
    Waiting,
}

/// Evidence in the store's compact form, but for what shows only when the decision is carried out:
/// the target object, the outcome and the references. Packing is most of the work, and can be done
/// ahead.
#[derive(Debug)]
pub struct Packed(Vec<u8>);

/// What is written behind packed evidence, and counts instead of what was packed.
type Settled = (Option<ObjectId>, EvidenceOutcome, Vec<ReferenceEvidence>);

/// Bytes that a created user takes before compression, about: saves growing.
const USUAL: usize = 2048;

/// Rows of this version end with [`Settled`]; those of version 1 do not.
const VERSION: u8 = 2;

impl Evidence {
    /// Packs everything that is known when the decision is made.
    pub fn pack(&self) -> Packed {
        // Serializing plain data into a growing vector can not fail; an empty row would still
        // render as "no evidence" rather than stop a cycle.
        let plain = postcard::to_extend(self, Vec::with_capacity(USUAL)).unwrap_or_default();
        let body = lz4_flex::compress_prepend_size(&plain);
        let mut row = Vec::with_capacity(body.len() + 64);
        row.push(VERSION);
        row.extend_from_slice(&u32::try_from(body.len()).unwrap_or(u32::MAX).to_le_bytes());
        row.extend_from_slice(&body);
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

    /// Compact form for the store: a version byte, the length of the compressed evidence, that
    /// evidence, and what became of it.
    pub fn encode(&self) -> Vec<u8> {
        self.pack().seal(self)
    }

    /// Reads [`Evidence::encode`], of this version and those before; `None` when the row was
    /// damaged.
    pub fn decode(row: &[u8]) -> Option<Self> {
        match row.split_first()? {
            (1, body) => unpack(body),
            (2, rest) => {
                let (length, rest) = rest.split_first_chunk()?;
                let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
                let (body, settled) = rest.split_at_checked(length)?;
                let (target, outcome, references): Settled = postcard::from_bytes(settled).ok()?;
                Some(Self {
                    target,
                    outcome,
                    references,
                    ..unpack(body)?
                })
            }
            _ => None,
        }
    }
}

fn unpack(body: &[u8]) -> Option<Evidence> {
    // The size is prepended by the encoder; a damaged one must not make us allocate wildly.
    let size = u32::from_le_bytes(*body.first_chunk()?);
    if size > 16 * 1024 * 1024 {
        return None;
    }
    postcard::from_bytes(&lz4_flex::decompress_size_prepended(body).ok()?).ok()
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
