//! References to objects: `@odata.id` and `x@odata.bind` in bodies, `@id` in addresses.

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

    /// What `DELETE …/{placeholder}/$ref` or `DELETE …/$ref?@id={url}` is to remove; newer clients send the second.
    ///
    /// # Errors
    /// 404 for a placeholder that stands for no id, 400 for a URL that names no object of the directory, and where there
    /// is neither.
    pub fn to_remove(call: &Call<'_>, placeholder: &str) -> Result<Self, Problem> {
        if call.captures.key(placeholder).is_some() {
            let key = call.object_id(placeholder)?.to_string();
            return Ok(Self { key });
        }
        match call
            .query
            .custom
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("@id"))
        {
            Some((_, url)) => Self::parse(url),
            None => Err(Problem::bad_request(
                "Say which reference to remove: send DELETE to '…/{id}/$ref', or to '…/$ref?@id={url}' with the URL of the object, e.g. https://graph.microsoft.com/v1.0/directoryObjects/{id}.",
            )),
        }
    }

    /// The id, of an object that may be in the recycle bin or gone.
    ///
    /// # Errors
    /// 404 for a name that nobody has.
    pub fn id(&self, call: &Call<'_>, reader: &Reader<'_>) -> Result<ObjectId, Problem> {
        let id = match self.key.parse() {
            Ok(id) => id,
            Err(_) => self.resolve(call, reader)?.entry.id,
        };
        call.trace.names(id.0);
        Ok(id)
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
