//! Why a decision was made: what was imported, every scoping clause, what was matched, what
//! changed from what to what. Stored with each decision; the log and the on-demand answer are two
//! renderings of it.

mod name;
mod packed;
mod packing;
mod texts;
mod words;

pub use name::AttributeName;
pub(crate) use name::Name;
pub use packed::Packed;
pub(crate) use packing::Packing;
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
    /// Whether the job keeps the target object in step, where the outcome does not say it: `None` of most, and of all in
    /// entries of earlier versions.
    #[serde(skip)]
    pub keeping: Option<Keeping>,
    pub modified: Vec<Modified>,
    pub references: Vec<ReferenceEvidence>,
    /// Display names of the two systems.
    pub source_system: Text,
    pub target_system: Text,
}

/// In which form a decision tells its evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvidenceForm {
    /// All of it in [`Evidence`].
    Open,
    /// As the store keeps it, where the log will tell it.
    Packed,
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
    /// A removal that nothing was decided of yet: a cycle counts it with others first. Told on demand, and in no log.
    PutAside,
}

/// Whether a live link of the job led to the target object before, and does so since.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keeping {
    pub before: bool,
    pub after: bool,
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
    /// Of one that there can be one of: it was set where there was none, so that taking it out again makes it what it
    /// was. Where it is not, another one was replaced (which is told beside it), or it is not known whether there was
    /// one: entries of earlier versions do not say, nor do those of references that waited.
    #[serde(skip)]
    pub fills: bool,
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
