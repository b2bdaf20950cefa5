//! Whether a signed-in user has to agree to something, may, and did.

use std::collections::BTreeSet;

use syncline_access::consent::{self, ScopeDecision};
use syncline_access::{Client, DirectoryRole, Refusal, RequestedScopes, grants, roles};
use syncline_model::ObjectId;
use syncline_store::Reader;

use crate::Identity;
use crate::asked::Asked;
use crate::browser::Browser;
use crate::pages::Deciding;
use crate::tickets::session::{self, Session};

/// What comes next.
pub(super) enum ConsentStep {
    Nothing,
    /// Ask for these; `for_all`: the user may agree for the whole tenant.
    Ask {
        scopes: Vec<String>,
        for_all: bool,
    },
    /// These need an administrator, and the user is none.
    NeedsAdmin {
        scopes: Vec<String>,
    },
}

/// Decides. `again`: ask also for what was agreed to before, and with `.default` for what the application
/// declares by now (`prompt=consent`).
pub(super) fn decide(
    identity: &Identity,
    session: &Session,
    client: &Client,
    requested: &RequestedScopes,
    again: bool,
) -> Result<ConsentStep, Refusal> {
    let (decision, held) = identity
        .store
        .read(|reader| standing(reader, session, client, requested, again))?;
    let mut scopes = decision.missing;
    if !consent::user_may_consent(client, &held, &scopes) {
        return Ok(ConsentStep::NeedsAdmin { scopes });
    }
    if again {
        scopes.extend(decision.granted);
    }
    if scopes.is_empty() {
        return Ok(ConsentStep::Nothing);
    }
    let for_all = consent::may_consent_to_scopes_for_all(&held, &scopes);
    Ok(ConsentStep::Ask { scopes, for_all })
}

/// Writes what the user agreed to on the page; false when more was asked for than the page showed. What may be
/// agreed to is decided anew: the form is not asked. `again`: as the page was made ([`decide`]).
pub(super) fn accept(
    identity: &Identity,
    asked: &Asked,
    session: &Session,
    client: &Client,
    requested: &RequestedScopes,
    again: bool,
) -> Result<bool, Refusal> {
    let agreed = |reader: &Reader<'_>, client: &Client| {
        let (decision, held) = standing(reader, session, client, requested, again)?;
        Ok::<_, Refusal>(Agreed::of(asked, session, client, &decision, &held))
    };
    let wanted = identity.store.read(|reader| agreed(reader, client))?;
    if wanted.scopes.is_empty() {
        return Ok(wanted.is_all);
    }
    let tenant = session.tenant;
    let client_id = client.app_id.to_string();
    let written = identity.store.write(|tx| {
        tx.enter(&[tenant])?;
        // It may have waited for its turn: the rights are those of now.
        session.still_good(tx)?;
        let client = Client::find(tx, tenant, &client_id)?;
        let agreed = agreed(tx, &client)?;
        if !agreed.scopes.is_empty() {
            let graph = consent::graph_service_principal(tx, tenant)?;
            let principal = client.service_principal.id;
            grants::grant(tx, tenant, principal, graph, agreed.by, &agreed.scopes)?;
        }
        Ok::<_, Refusal>(agreed)
    })?;
    if !written.scopes.is_empty() {
        // Only now: what the database refused, nobody has agreed to.
        tracing::info!(
            %tenant,
            user = %session.user,
            app_id = %client.app_id,
            for_all = written.by.is_none(),
            scopes = written.scopes.join(" "),
            "consented"
        );
    }
    Ok(written.is_all)
}

/// What somebody agreed to on a page and may agree to.
struct Agreed {
    /// On whose behalf; `None`: everybody's.
    by: Option<ObjectId>,
    scopes: Vec<String>,
    /// Whether that is all that was asked for.
    is_all: bool,
}

impl Agreed {
    fn of(
        asked: &Asked,
        session: &Session,
        client: &Client,
        decision: &ScopeDecision,
        held: &BTreeSet<DirectoryRole>,
    ) -> Self {
        let for_himself = Some(session.user);
        if !consent::user_may_consent(client, held, &decision.missing) {
            return Self {
                by: for_himself,
                scopes: Vec::new(),
                is_all: false,
            };
        }
        let shown = |scope: &&String| asked.was_shown(scope);
        let missing: Vec<String> = decision.missing.iter().filter(shown).cloned().collect();
        let is_all = missing.len() == decision.missing.len();
        // Others lack also what was granted before to this user alone.
        let granted = decision.granted.iter().filter(shown).cloned();
        let all: Vec<String> = missing.iter().cloned().chain(granted).collect();
        let for_all = asked.form.get("for_all").is_some()
            && consent::may_consent_to_scopes_for_all(held, &all);
        let (by, scopes) = if for_all {
            (None, all)
        } else {
            (for_himself, missing)
        };
        Self { by, scopes, is_all }
    }
}

/// What every page says on which this user decides for a client. `fields`: hidden ones of its form.
pub(super) fn deciding<'d>(
    identity: &Identity,
    browser: &Browser,
    session: &Session,
    client: &'d Client,
    fields: &'d [(&'d str, &'d str)],
) -> Result<Deciding<'d>, Refusal> {
    Ok(Deciding {
        seal: browser.form_seal(),
        user_name: session::user_name(identity, session)?,
        client: client.display_name(),
        fields,
    })
}

/// What the user's client may use and what not, and the roles with which the user decides.
fn standing(
    reader: &Reader<'_>,
    session: &Session,
    client: &Client,
    requested: &RequestedScopes,
    again: bool,
) -> Result<(ScopeDecision, BTreeSet<DirectoryRole>), Refusal> {
    let (tenant, user) = (session.tenant, session.user);
    let decision = consent::decide(reader, tenant, client, user, requested, again)?;
    Ok((decision, roles::held(reader, tenant, user)?))
}
