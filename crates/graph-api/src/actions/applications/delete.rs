//! `DELETE /applications/{id}`: into the recycle bin.

use syncline_directory::applications;
use syncline_model::Problem;

use crate::actions::lookup;
use crate::{Call, Reply};

pub fn delete(call: &Call<'_>) -> Result<Reply, Problem> {
    call.write(|tx, context| {
        let id = lookup::application(call, tx)?.entry.id;
        applications::delete(tx, context, id)
    })?;
    Ok(Reply::no_content())
}
