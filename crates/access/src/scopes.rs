//! What a token request's `scope` (or `resource`) asks for.

use crate::clients::shorten;
use crate::{Audiences, Refusal};

/// Scopes of OpenID Connect: about the person, not about Graph; they need no permission.
pub const OIDC_SCOPES: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// Most words of a `scope`: more than there are permissions.
const MOST_SCOPES: usize = 100;
/// Longest `scope`, in bytes. It is kept for as long as a sign-in runs.
const LONGEST_SCOPE: usize = 8 * 1024;

/// A parsed `scope` parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestedScopes {
    /// Our spelling of the resource named, or our own origin.
    pub audience: String,
    /// `.default`: everything consented.
    pub default: bool,
    /// Names of delegated permissions, in the order asked, each once.
    pub names: Vec<String>,
    /// Which of [`OIDC_SCOPES`] were asked for.
    pub openid: Vec<String>,
    /// The words as they came: clients look tokens up by the very words they sent.
    pub asked: Vec<String>,
}

impl RequestedScopes {
    /// Reads `https://host/.default`, `https://host:port/Policy.Read.All`, `{guid}/.default`, bare
    /// names and the scopes of OpenID Connect, in any mixture of one resource.
    ///
    /// # Errors
    /// For more than 100 words or 8 KiB, an empty name, and resources that are not ours or differ.
    pub fn parse(audiences: &Audiences, scope: &str) -> Result<Self, Refusal> {
        let too_many = scope.split_ascii_whitespace().nth(MOST_SCOPES).is_some();
        if too_many || scope.len() > LONGEST_SCOPE {
            return Err(Refusal::ScopeInvalid(format!(
                "it is longer than {MOST_SCOPES} scopes or {LONGEST_SCOPE} bytes. Ask for what is needed, or for .default."
            )));
        }
        let mut found = Self {
            audience: audiences.own().to_owned(),
            default: false,
            names: Vec::new(),
            openid: Vec::new(),
            asked: scope.split_ascii_whitespace().map(str::to_owned).collect(),
        };
        let mut named: Option<String> = None;
        for word in scope.split_ascii_whitespace() {
            if let Some(known) = OIDC_SCOPES
                .iter()
                .find(|known| known.eq_ignore_ascii_case(word))
            {
                push_once(&mut found.openid, known);
                continue;
            }
            let name = match word.rsplit_once('/') {
                Some((resource, name)) => {
                    let audience = audiences
                        .known(resource)
                        .ok_or_else(|| Refusal::ResourceNotFound(shorten(resource)))?;
                    if named.as_deref().is_some_and(|before| before != audience) {
                        return Err(Refusal::ScopeInvalid(shorten(scope)));
                    }
                    named = Some(audience.to_owned());
                    name
                }
                None => word,
            };
            match name {
                "" => return Err(Refusal::ScopeInvalid(shorten(scope))),
                ".default" => found.default = true,
                name => push_once(&mut found.names, name),
            }
        }
        if let Some(audience) = named {
            found.audience = audience;
        }
        Ok(found)
    }

    /// The version 1 form: `resource` names the audience, and everything consented is asked for.
    pub fn of_resource(audiences: &Audiences, resource: &str) -> Result<Self, Refusal> {
        let audience = audiences
            .known(resource)
            .ok_or_else(|| Refusal::ResourceNotFound(shorten(resource)))?;
        Ok(Self {
            audience: audience.to_owned(),
            default: true,
            names: Vec::new(),
            openid: OIDC_SCOPES.iter().map(|name| (*name).to_owned()).collect(),
            asked: vec![format!("{resource}/.default")],
        })
    }

    pub fn wants(&self, openid_scope: &str) -> bool {
        self.openid.iter().any(|name| name == openid_scope)
    }

    /// The same, and a refresh token.
    #[must_use]
    pub fn with_offline_access(mut self) -> Self {
        push_once(&mut self.openid, "offline_access");
        self
    }

    /// The parameter again.
    pub fn to_text(&self) -> String {
        self.asked.join(" ")
    }
}

fn push_once(names: &mut Vec<String>, name: &str) {
    if !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
        names.push(name.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(scope: &str) -> Result<RequestedScopes, Refusal> {
        RequestedScopes::parse(&Audiences::of("https://localhost:8443"), scope)
    }

    #[test]
    fn every_spelling_of_default_is_understood() {
        for (scope, audience) in [
            ("https://localhost:8443/.default", "https://localhost:8443"),
            ("https://localhost:8443//.default", "https://localhost:8443"),
            ("https://localhost/.default", "https://localhost"),
            (
                "https://graph.microsoft.com/.default",
                "https://graph.microsoft.com",
            ),
            (
                "00000003-0000-0000-c000-000000000000/.default",
                "00000003-0000-0000-c000-000000000000",
            ),
            (".default", "https://localhost:8443"),
        ] {
            let scopes = parse(scope).unwrap();
            assert!(scopes.default, "{scope}");
            assert_eq!(scopes.audience, audience, "{scope}");
        }
    }

    #[test]
    fn names_mix_with_openid_scopes_and_survive_a_round_trip() {
        let scopes = parse("openid Policy.Read.All https://localhost:8443/User.Read policy.read.all offline_access").unwrap();
        assert_eq!(scopes.names, ["Policy.Read.All", "User.Read"]);
        assert_eq!(scopes.openid, ["openid", "offline_access"]);
        assert_eq!(parse(&scopes.to_text()).unwrap(), scopes);
    }

    #[test]
    fn a_foreign_resource_is_refused() {
        assert!(matches!(
            parse("https://vault.example/.default"),
            Err(Refusal::ResourceNotFound(_))
        ));
        assert!(matches!(
            parse("https://localhost/User.Read https://graph.microsoft.com/User.Read"),
            Err(Refusal::ScopeInvalid(_))
        ));
    }
}
