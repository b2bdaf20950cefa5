//! Whether a signed-in user has to agree to something, may, and did.

use syncline_access::{Client, Refusal, RequestedScopes, consent, grants, roles};

use crate::Identity;
use crate::asked::Asked;
use crate::tickets::session::Session;

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

/// Decides. `again`: ask also for what was agreed to before (`prompt=consent`).
pub(super) fn decide(
    identity: &Identity,
    session: &Session,
    client: &Client,
    requested: &RequestedScopes,
    again: bool,
) -> Result<ConsentStep, Refusal> {
    identity.store.read(|reader| {
        let decision = consent::decide(reader, session.tenant, client, session.user, requested)?;
        let mut scopes = decision.missing;
        let held = roles::held(reader, session.tenant, session.user)?;
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
    })
}

/// Writes what the user agreed to on the page. What may be agreed to is decided anew: the form is
/// not asked.
pub(super) fn accept(
    identity: &Identity,
    asked: &Asked,
    session: &Session,
    client: &Client,
    requested: &RequestedScopes,
) -> Result<(), Refusal> {
    let ConsentStep::Ask {
        mut scopes,
        for_all,
    } = decide(identity, session, client, requested, false)?
    else {
        return Ok(());
    };
    scopes.retain(|scope| asked.was_shown(scope));
    if scopes.is_empty() {
        return Ok(());
    }
    let principal = if for_all && asked.form.get("for_all").is_some() {
        None
    } else {
        Some(session.user)
    };
    tracing::info!(
        tenant = %session.tenant,
        user = %session.user,
        app_id = %client.app_id,
        for_all = principal.is_none(),
        "consented"
    );
    identity.store.write(|tx| {
        let graph = consent::graph_service_principal(tx, session.tenant)?;
        grants::grant(
            tx,
            session.tenant,
            client.service_principal.id,
            graph,
            principal,
            &scopes,
        )?;
        Ok(())
    })
}
