//! `DELETE /servicePrincipals/{id}`: into the recycle bin.

use syncline_directory::service_principals;
use syncline_model::Problem;

use crate::actions::lookup;
use crate::{Call, Reply};

pub fn delete(call: &Call<'_>) -> Result<Reply, Problem> {
    call.write(|tx, context| {
        let id = lookup::service_principal(call, tx)?.entry.id;
        service_principals::delete(tx, context, id)
    })?;
    Ok(Reply::no_content())
}
