//! Why an object failed.

mod codes;
mod hiding;

use serde::{Deserialize, Serialize};
use serde_json::json;
use syncline_model::ObjectId;
use syncline_model::policy::PolicyRefusal;

pub use codes::{Category, ERROR_CODES, ErrorCode, ErrorCodes, category, recommended_action};

use crate::escrow::Timetable;
use crate::{Fault, FaultKind};

/// Why an object failed (`provisioningErrorInfo`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// `errorCode`, e.g. `DuplicateSourceEntries`, `Conflict`.
    pub code: String,
    pub reason: String,
    pub recommended_action: String,
    /// Worth another try in the next cycle; otherwise by the escrow timetable.
    pub transient: bool,
    /// The source object that has what this failure is about, and may let go of it. Whoever keeps the failure keeps this
    /// beside it: what is encoded does not tell it.
    #[serde(skip)]
    pub held_by: Option<ObjectId>,
}

impl Failure {
    /// The code of a unique value that somebody else has.
    pub const CONFLICT: &str = "Conflict";

    /// The code of a target object that is another source object's.
    pub const DUPLICATE_SOURCE: &str = "DuplicateSourceEntries";

    /// A failure that stays until somebody changes something; the recommended action comes from
    /// the table of codes.
    pub fn new(code: &str, reason: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            reason: reason.into(),
            recommended_action: recommended_action(code).to_owned(),
            transient: false,
            held_by: None,
        }
    }

    /// The target object found is linked to another source object. Also for the second of two
    /// source objects that match one target object in the same page.
    pub fn duplicate_source(target: ObjectId, holder: ObjectId) -> Self {
        let reason = format!(
            "the matching target object {target} is already linked to the source object {holder}"
        );
        Self {
            held_by: Some(holder),
            ..Self::new(Self::DUPLICATE_SOURCE, reason)
        }
    }

    /// Another source object of the same page is to be created with the anchor of this one.
    pub fn same_anchor(holder: ObjectId) -> Self {
        let reason = format!("the source object {holder} has the same matching value");
        Self {
            held_by: Some(holder),
            ..Self::new(Self::DUPLICATE_SOURCE, reason)
        }
    }

    /// [`Failure::held_by`] of a failure that was kept without it: whom the reason names last. Only of
    /// [`Failure::DUPLICATE_SOURCE`].
    pub fn held_by_its_reason(&self) -> Option<ObjectId> {
        let mut words = self.reason.split_whitespace().rev();
        let named = words.find_map(|word| word.parse().ok());
        named.filter(|_| self.code == Self::DUPLICATE_SOURCE)
    }

    /// Several target objects match.
    pub fn duplicate_target(found: &[ObjectId]) -> Self {
        let ids: Vec<String> = found.iter().map(ObjectId::to_string).collect();
        Self::new(
            "DuplicateTargetEntries",
            format!("several target objects match: {}", ids.join(", ")),
        )
    }

    /// Every value of a mapping that must be unique is taken in the target, or promised to somebody else
    /// who is created now: should he fail it is free again, so the next cycle tries. `values` is left
    /// out when they are not to be shown.
    pub fn no_unique_value(
        attribute: &str,
        count: usize,
        values: Option<&str>,
        promised: bool,
        withheld: bool,
    ) -> Self {
        let by = if promised {
            " or by others who are created with it"
        } else {
            ""
        };
        let or = if withheld {
            ", or are not this source's to give (an address at a domain of another tenant, a name that no external user of this source has)"
        } else {
            ""
        };
        let shown = values
            .map(|values| format!(": {values}"))
            .unwrap_or_default();
        let failure = Self::new(
            "Conflict",
            format!(
                "all {count} values that `{attribute}` may have are taken in the target{by}{or}{shown}; add another rule to its `SelectUniqueValue`"
            ),
        );
        Self {
            transient: promised,
            ..failure
        }
    }

    /// As it is kept beside an object that failed: JSON text, without whom it is held by.
    pub fn to_stored(&self) -> String {
        json!({
            "code": self.code,
            "reason": self.reason,
            "recommended_action": self.recommended_action,
            "transient": self.transient,
        })
        .to_string()
    }

    /// What [`Failure::to_stored`] has made; `None` of anything else.
    pub fn from_stored(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// Whether the target lets nothing of the object's kind in. That is no try that failed: it waits until the target
    /// does, for as long as that takes.
    pub fn awaits_consent(&self) -> bool {
        self.code == PolicyRefusal::CODE
    }

    /// The same, of what failed for as long as the timetable goes.
    #[must_use]
    pub fn given_up(self, timetable: &Timetable) -> Self {
        Self {
            reason: format!(
                "{}; it has failed for {} and is given up: it is tried again when it or the configuration changes, or when the job is restarted",
                self.reason,
                timetable.patience()
            ),
            ..self
        }
    }

    /// The target can not be asked whether the object is there: nobody knows whether it is to be created.
    pub fn unfindable(problem: &str) -> Self {
        Self {
            recommended_action: "Correct the mapping of groups in the schema as the reason says; the next cycle tries again."
                .to_owned(),
            ..Self::new(
                "AttributeValidationFailed",
                format!("the object cannot be looked for in the target: {problem}"),
            )
        }
    }

    /// Required target attributes would be without value.
    pub fn missing_values(attributes: &[String]) -> Self {
        Self::new(
            "MissingValues",
            format!(
                "the source object has no value for what the target requires: {}",
                attributes.join(", ")
            ),
        )
    }

    /// Required target attributes would be without value because nothing is mapped to them.
    pub(crate) fn unmapped(attributes: &[String]) -> Self {
        Self::new(
            "MissingValues",
            format!(
                "nothing is mapped to what the target requires: {}; add the mapping to the schema",
                attributes.join(", ")
            ),
        )
    }

    /// A clause of the scoping filter can not be evaluated. Neither in scope nor out of it: the
    /// object stays as it is.
    pub fn undecidable_scope(problem: &str) -> Self {
        Self::new(
            "AttributeValidationFailed",
            format!("it cannot be decided whether the object is in scope: {problem}"),
        )
    }

    /// All values that the mappings yield have more bytes together than one object may be given.
    pub(crate) fn too_large(bytes: usize, most: usize) -> Self {
        Self::new(
            "AttributeValidationFailed",
            format!(
                "the mappings yield values of {bytes} bytes together, and one object is given at most {most}: map less, or shorten texts with `Left`"
            ),
        )
    }

    /// The value of a mapping can not be computed, or does not fit. `expression` is left out when
    /// it is not to be shown.
    pub fn attribute_validation(attribute: &str, expression: Option<&str>, problem: &str) -> Self {
        let by = expression
            .map(|expression| format!(" by `{expression}`"))
            .unwrap_or_default();
        Self::new(
            "AttributeValidationFailed",
            format!("target attribute `{attribute}` cannot be filled{by}: {problem}"),
        )
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        let code = if fault.code.is_empty() {
            default_code(fault.kind).to_owned()
        } else {
            fault.code
        };
        Self {
            recommended_action: fault
                .action
                .unwrap_or_else(|| recommended_action(&code))
                .to_owned(),
            code,
            reason: fault.message,
            transient: fault.transient,
            held_by: None,
        }
    }
}

fn default_code(kind: FaultKind) -> &'static str {
    match kind {
        FaultKind::NotFound => "InvalidAnchor",
        FaultKind::Conflict => "Conflict",
        FaultKind::Invalid => "UnprocessableEntity",
        FaultKind::Forbidden => "InsufficientRights",
        FaultKind::Limited => "TooManyRequests",
        FaultKind::Unavailable => "InternalServerError",
    }
}
