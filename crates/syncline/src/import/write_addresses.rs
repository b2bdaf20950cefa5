//! Hands over the mail addresses that somebody of the file has and another row gets, before anybody else is written:
//! wherever the two rows stand, the address is free by then.

use syncline_directory::{Context, users};
use syncline_model::{Attr, Value};
use syncline_store::Tx;

use super::check_users::People;
use super::moves::{Move, Together};
use super::pages::Pages;
use super::problems::not_written;
use super::{End, PAGE, Summary};
use crate::failure::Failure;
use crate::progress::{Progress, Step};

/// Gives those who give an address up the one that their rows say.
pub(super) fn write(
    pages: &Pages<'_>,
    people: &People,
    summary: &mut Summary,
    progress: &dyn Progress,
) -> Result<(), End> {
    let mut left = &people.moves[..];
    let total = left.len() as u64;
    while !left.is_empty() {
        if progress.gone() {
            return Err(End::Interrupted);
        }
        progress.step(Step {
            label: "handing addresses over".to_owned(),
            done: total - left.len() as u64,
            total,
        });
        let (page, rest) = left.split_at(on_a_page(left));
        pages.carry_out(|tx, context| {
            page.iter()
                .try_for_each(|together| hand_over(tx, context, together))
        })?;
        summary.addresses_handed_over += page.iter().map(|it| it.moves.len() as u64).sum::<u64>();
        left = rest;
    }
    Ok(())
}

/// How many of these are written in one transaction.
fn on_a_page(left: &[Together<Move>]) -> usize {
    let mut moves = 0;
    let fit = left.iter().take_while(|together| {
        moves += together.moves.len();
        moves <= PAGE
    });
    // No ring is longer than a page.
    fit.count().max(1)
}

fn hand_over(
    tx: &mut Tx<'_>,
    context: &Context<'_>,
    together: &Together<Move>,
) -> Result<(), Failure> {
    let mut set = |it: &Move, mail: Option<Value>| {
        users::update(tx, context, it.id, &[(Attr::MAIL, mail)])
            .map(|_| ())
            .map_err(|problem| not_written(&it.user_principal_name, &problem))
    };
    // Nobody of a ring can be the first: one of them has none for a moment.
    if let (Some(last), true) = (together.moves.last(), together.is_ring) {
        set(last, None)?;
    }
    together
        .moves
        .iter()
        .try_for_each(|it| set(it, Some(Value::text(it.mail.as_str()))))
}
