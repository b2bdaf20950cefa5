//! Typed ids. A tenant id can not be passed where an object id is meant.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Text;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// The all-zero id, which no object ever has.
            pub const NIL: Self = Self(Uuid::nil());

            /// The sixteen bytes, in the order in which ids sort.
            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// The id with these sixteen bytes.
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// 36 characters, lower case.
            pub fn text(&self) -> Text {
                Text::from(&*self.0.hyphenated().encode_lower(&mut Uuid::encode_buffer()))
            }

            /// 32 hexadecimal digits without dashes, lower case.
            pub fn simple(&self) -> String {
                self.0.simple().to_string()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0.hyphenated())
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                // Graph writes ids with dashes only; other spellings of a GUID are not ids.
                if text.len() != 36 {
                    return Uuid::parse_str("").map(Self);
                }
                Uuid::parse_str(text).map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    };
}

uuid_id!(
    /// A tenant (Graph: `tenantId`, `organization/id`).
    TenantId
);
uuid_id!(
    /// A directory object inside one tenant. Ids we mint are time-ordered (UUID version 7), so that
    /// keys arrive in order.
    ObjectId
);
uuid_id!(
    /// The client id of an application (`appId`), shared by all its service principals.
    AppId
);
uuid_id!(
    /// One run of a job over its source.
    CycleId
);
uuid_id!(
    /// One HTTP request: the `request-id` of its answer, its log lines and its trace.
    RequestId
);

/// The id of a synchronization job: `{templateId}.{tenant id, 32 hex digits}.{appId}`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobId(pub String);

impl JobId {
    /// Composes the id as Graph does for a configuration of `tenant`.
    pub fn compose(template: &str, tenant: TenantId, app: AppId) -> Self {
        Self(format!("{template}.{}.{app}", tenant.simple()))
    }

    /// The tenant that such an id names.
    pub fn tenant(&self) -> Option<TenantId> {
        let simple = self.0.split('.').nth(1).filter(|it| it.len() == 32)?;
        Uuid::parse_str(simple).ok().map(TenantId)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JobId({})", self.0)
    }
}
