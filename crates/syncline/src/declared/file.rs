//! What a file says.

use std::fmt;
use std::path::PathBuf;

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use syncline_engine::SynchronizationSchema;
use syncline_model::duration;
use syncline_model::fold::fold;
use syncline_model::job::INTERVAL_SECONDS;

use super::{notifications, retries, yaml};
use crate::failure::Failure;
use crate::given::Given;

/// As long as Graph lets a display name be.
const LONGEST_NAME: usize = 256;

const HELP: &str =
    "examples/sync.yaml and docs/recipes/configurations-as-a-file.md show what such a file says";

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    pub configurations: Vec<Configuration>,
}

/// One configuration and its job. What is left out stays as it is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Configuration {
    /// Display name, by which it is found in the source.
    pub name: String,
    /// The name that it had before, by which it is found where none has the new one.
    pub renamed_from: Option<String>,
    /// Domain or id of the source tenant.
    pub source: String,
    /// Domain or id of the target tenant.
    pub target: String,
    #[serde(default)]
    pub policy: Policy,
    pub scope: Option<Scope>,
    pub assigned: Option<Assigned>,
    pub accidental_deletion_threshold: Option<Threshold>,
    pub notifications: Option<notifications::Wanted>,
    /// When failed objects are tried again.
    pub retries: Option<retries::Wanted>,
    /// Whoever leaves the scope stays in the target as they are.
    pub skip_out_of_scope_deletions: Option<bool>,
    pub interval: Option<Interval>,
    /// Changes are followed at once, between the scheduled cycles.
    pub continuous: Option<bool>,
    /// A file as `syncline schema export` writes it, beside this one.
    pub schema: Option<PathBuf>,
    /// What stands in it.
    #[serde(skip)]
    pub wanted_schema: Option<SynchronizationSchema>,
    pub state: Option<State>,
}

/// What the cross-tenant access policies of the two tenants say of each other.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Policy {
    /// The target lets users of the source be synchronized into it.
    pub users: Option<bool>,
    /// The same for groups.
    pub groups: Option<bool>,
    /// Invitations are redeemed without asking, on both sides.
    pub automatic_redemption: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Everybody who is in the scope of the mappings.
    All,
    /// Of those, who is assigned to the configuration.
    Assigned,
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::All => "all users and groups",
            Self::Assigned => "assigned users and groups",
        })
    }
}

/// Who is assigned: of each kind all of them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assigned {
    /// userPrincipalName or id.
    pub users: Option<Vec<String>>,
    /// displayName or id.
    pub groups: Option<Vec<String>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threshold {
    At(u64),
    Off,
}

impl Threshold {
    /// Whether more may be deleted at once than with another one.
    pub fn lets_more_through_than(self, other: Self) -> bool {
        match (self, other) {
            (Self::At(these), Self::At(those)) => these > those,
            (Self::Off, Self::At(_)) => true,
            (_, Self::Off) => false,
        }
    }
}

/// As a file has it.
impl Serialize for Threshold {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::At(number) => serializer.serialize_u64(*number),
            Self::Off => serializer.serialize_str("off"),
        }
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(number) => write!(f, "{number}"),
            Self::Off => f.write_str("off"),
        }
    }
}

impl<'de> Deserialize<'de> for Threshold {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberOrOff;

        impl Visitor<'_> for NumberOrOff {
            type Value = Threshold;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of deletions, or off")
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Threshold, E> {
                Ok(Threshold::At(number))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Threshold, E> {
                let number = u64::try_from(number);
                number
                    .map(Threshold::At)
                    .map_err(|_| E::custom("there is no threshold below zero"))
            }

            // What `off` means to readers of older YAML.
            fn visit_bool<E: de::Error>(self, on: bool) -> Result<Threshold, E> {
                match on {
                    false => Ok(Threshold::Off),
                    true => Err(E::invalid_type(de::Unexpected::Bool(on), &self)),
                }
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Threshold, E> {
                match text {
                    "off" => Ok(Threshold::Off),
                    // Any scalar is a text as well.
                    _ => text
                        .parse()
                        .map(Threshold::At)
                        .map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self)),
                }
            }
        }

        deserializer.deserialize_any(NumberOrOff)
    }
}

/// Of a job, in seconds; an ISO 8601 duration in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval(pub u32);

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&duration::show(self.0))
    }
}

impl Serialize for Interval {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Interval {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let seconds = duration::parse(&text).filter(|it| INTERVAL_SECONDS.contains(it));
        seconds.map(Self).ok_or_else(|| {
            let expected = "an ISO 8601 duration from PT5M to PT24H, e.g. PT40M";
            de::Error::invalid_value(de::Unexpected::Str(&text), &expected)
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Started,
    Paused,
}

impl File {
    /// What a file says; paths in it begin where it lies ([`Given::named`]), and what they lead to is not in it yet.
    ///
    /// # Errors
    /// All that is wrong with it by itself, with the place.
    pub(super) fn parse(given: &Given) -> Result<Self, Failure> {
        let Given { path, text, .. } = given;
        let wrong =
            |what: &str| Failure::new(format!("{}: {what}", path.display())).with_help(HELP);
        if text.trim_start().starts_with('{') && text.contains("synchronizationRules") {
            return Err(wrong("is a schema, which belongs to one job").with_help(
                "`syncline plan --job JOB --file FILE` says what it would change; name it in a file of configurations as `schema:`",
            ));
        }
        let mut file: Self = yaml::parse(text).map_err(|told| wrong(&told))?;
        if file.configurations.is_empty() {
            return Err(wrong("has no configuration"));
        }
        for configuration in &mut file.configurations {
            configuration.check().map_err(|what| {
                let name = configuration.name.escape_debug();
                wrong(&format!("the configuration `{name}`: {what}"))
            })?;
            if let Some(schema) = &mut configuration.schema {
                *schema = given.named(schema);
            }
        }
        Ok(file)
    }
}

impl Configuration {
    /// Whether it had this name before.
    pub fn is_renamed_from(&self, name: &str) -> bool {
        let old = self.renamed_from.as_deref();
        old.is_some_and(|old| fold(old) == fold(name))
    }

    fn check(&self) -> Result<(), String> {
        for name in [Some(&self.name), self.renamed_from.as_ref()]
            .into_iter()
            .flatten()
        {
            let length = name.chars().count();
            let blank = name.trim() != name || name.chars().any(char::is_control);
            if blank || length == 0 || length > LONGEST_NAME {
                return Err(
                    "a name has 1 to 256 characters, no blanks around it and no control characters"
                        .to_owned(),
                );
            }
        }
        if self.is_renamed_from(&self.name) {
            return Err("`renamedFrom` is the name that it has".to_owned());
        }
        if let Some(retries) = &self.retries {
            retries.check()?;
        }
        if self.assigned.is_some() && self.scope == Some(Scope::All) {
            return Err(
                "nobody needs to be assigned where the scope is `all`; leave `assigned` out, or make the scope `assigned`".to_owned(),
            );
        }
        Ok(())
    }
}
