//! `POST /me/changePassword`

use syncline_access::passwords;
use syncline_access::{PasswordsBusy, Refusal, SignedIn};
use syncline_model::{Problem, ProblemKind};

use crate::actions::lookup;
use crate::{Call, Reply};

/// Seconds that a lock lasts.
const LOCKED_FOR: u32 = 60;

/// The signed-in user's own: who knows the current password may replace it. Guesses at it count as those
/// at a sign-in.
pub fn change(call: &Call<'_>) -> Result<Reply, Problem> {
    let body = call.body("")?;
    body.only(&["currentPassword", "newPassword"])?;
    let current = body.required_text("currentPassword")?;
    let new = body.required_text("newPassword")?;
    let user = call.read(|reader| Ok(lookup::user(call, reader)?.entry.id))?;
    if call.signed_in_user() != Some(user) {
        return Err(Problem::denied());
    }
    let tenant = call.tenant();
    let who = SignedIn { tenant, user };
    let access = &call.api.access;
    // Both before the transaction: they take long.
    let right = access.check_own_password(who, current).map_err(refused)?;
    let hashed = access.hash_chosen_password(tenant, user, new)?;
    call.write(|tx, _| {
        if passwords::generation(tx, tenant, user)? != right.generation {
            return Err(wrong());
        }
        Ok(passwords::set(
            tx,
            tenant,
            user,
            &hashed,
            call.api.clock.as_ref(),
        )?)
    })?;
    tracing::info!(%tenant, %user, "chose a new password");
    Ok(Reply::no_content())
}

fn wrong() -> Problem {
    Problem::bad_request(
        "The current password is wrong. Please provide the password with which you sign in.",
    )
}

fn refused(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::Internal(problem) => problem,
        Refusal::AccountLocked => Problem::new(
            ProblemKind::TooManyRequests,
            "TooManyRequests",
            refusal.message(),
        )
        .with_retry_after(LOCKED_FOR),
        Refusal::SignInsTooMany(_) => PasswordsBusy::All.into(),
        _ => wrong(),
    }
}
