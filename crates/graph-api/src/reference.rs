//! References to objects in bodies: `@odata.id` and `x@odata.bind`.

use syncline_model::{ObjectId, Problem};
use syncline_odata::path::{Segment, resolve};
use syncline_store::{ObjectState, Reader, Stored};

use crate::{Body, Call};

/// The object a URL such as `https://graph.microsoft.com/v1.0/directoryObjects/{id}` names. Only
/// the last two segments count: clients hard-code Microsoft's host and any version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The id, or a user principal name.
    pub key: String,
}

impl Reference {
    /// Reads the URL of a reference.
    ///
    /// # Errors
    /// 400 when it names no object of the directory.
    pub fn parse(url: &str) -> Result<Self, Problem> {
        let bad = || {
            Problem::bad_request(format!(
                "Invalid URL format specified in '{url}'. Send the URL of a directory object, e.g. https://graph.microsoft.com/v1.0/directoryObjects/{{id}}."
            ))
        };
        let path = match url.split_once("://") {
            Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
            None => url,
        };
        let mut segments = resolve(&format!("/{path}"))?;
        // A cast after the id changes nothing.
        if matches!(segments.last(), Some(Segment::Name(it)) if it.starts_with("microsoft.graph."))
        {
            segments.pop();
        }
        let (Some(last), Some(Segment::Name(collection))) = (segments.pop(), segments.pop()) else {
            return Err(bad());
        };
        let known = [
            "directoryObjects",
            "users",
            "groups",
            "servicePrincipals",
            "applications",
            "contacts",
            "devices",
        ];
        if !known.iter().any(|it| it.eq_ignore_ascii_case(&collection)) {
            return Err(bad());
        }
        match last {
            Segment::Name(key) | Segment::Key(key) => Ok(Self { key }),
            Segment::Arguments(_) => Err(bad()),
        }
    }

    /// The `@odata.id` of a `$ref` body.
    pub fn of_body(body: &Body) -> Result<Self, Problem> {
        match body.member("@odata.id").and_then(|it| it.as_str()) {
            Some(url) => Self::parse(url),
            None => Err(Problem::bad_request(
                "The body of a reference must hold the URL of the object: {\"@odata.id\": \"…/directoryObjects/{id}\"}.",
            )),
        }
    }

    /// The live object of the caller's tenant.
    ///
    /// # Errors
    /// 404 when there is none.
    pub fn resolve(&self, call: &Call<'_>, reader: &Reader<'_>) -> Result<Stored, Problem> {
        let Ok(id) = self.key.parse::<ObjectId>() else {
            return syncline_directory::users::find(reader, call.tenant(), &self.key);
        };
        let found = reader
            .object(call.tenant(), id)?
            .filter(|it| it.state == ObjectState::Live);
        found.ok_or_else(|| Problem::not_found(&self.key))
    }
}
