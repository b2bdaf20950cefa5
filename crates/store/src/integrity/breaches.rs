//! Which rows break a rule: a page of them at a time, each in a snapshot of its own.

use super::rules::{Rule, Table};
use crate::driver::{Param, Row, blob, int};
use crate::{Checked, Reader, Result};

/// A place among the rows of a rule's table: the key of one of them.
#[derive(Clone, Debug)]
pub struct RulePlace(Vec<Part>);

#[derive(Clone, Debug)]
enum Part {
    Number(i64),
    Bytes(Vec<u8>),
}

impl Reader<'_> {
    /// Looks at a page of the rows of a rule's table; `broken` has an id of each that breaks the rule.
    pub fn check_rule(
        &self,
        rule: &Rule,
        after: Option<&RulePlace>,
        limit: usize,
    ) -> Result<Checked<RulePlace>> {
        let mut params: Vec<Param<'_>> = vec![int(limit)];
        if let Some(RulePlace(parts)) = after {
            params.extend(parts.iter().map(Part::param));
        }
        let width = rule.table.key.len();
        let mut wrong = Vec::new();
        let places = self
            .connection
            .query(&statement(rule, after.is_some()), &params, |row| {
                if row.flag(0)? {
                    let id = row.id(1, uuid::Uuid::from_bytes);
                    wrong.push(
                        id.map_or_else(|_| "one without an id".to_owned(), |id| id.to_string()),
                    );
                }
                let place = (2..2 + width).map(|column| Part::of(row, column));
                Ok(RulePlace(place.collect::<Result<_>>()?))
            })?;
        Ok(Checked {
            looked_at: places.len() as u64,
            broken: wrong,
            next: places.into_iter().nth(limit - 1),
        })
    }
}

/// Of each row of a page: whether it breaks the rule, an id of it, and its key.
fn statement(rule: &Rule, behind_another: bool) -> String {
    let Rule {
        table: Table { name, key },
        broken,
        example,
        ..
    } = rule;
    let columns = key.join(", ");
    let behind = match behind_another {
        false => String::new(),
        true => {
            let places: Vec<String> = (2..2 + key.len()).map(|it| format!("?{it}")).collect();
            format!("WHERE ({columns}) > ({})", places.join(", "))
        }
    };
    format!(
        "SELECT CAST(CASE WHEN {broken} THEN 1 ELSE 0 END AS bigint), {example}, {columns} FROM {name} {behind} ORDER BY {columns} LIMIT ?1"
    )
}

impl Part {
    fn of(row: &Row<'_>, column: usize) -> Result<Self> {
        match row.int(column) {
            Ok(number) => Ok(Self::Number(number)),
            Err(_) => Ok(Self::Bytes(row.blob(column)?.to_vec())),
        }
    }

    fn param(&self) -> Param<'_> {
        match self {
            Self::Number(number) => int(*number),
            Self::Bytes(bytes) => blob(bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RULES;

    /// Neither is a table sorted for a page, nor another one gone through for a row.
    #[test]
    fn a_page_costs_its_rows_and_what_is_looked_up_for_each() {
        for rule in &RULES {
            for behind_another in [false, true] {
                let statement = statement(rule, behind_another);
                let plan = crate::driver::plan(&statement);
                let scanned = |step: &&str| step.contains("SCAN") || step.contains("TEMP B-TREE");
                let scans: Vec<&str> = plan.lines().filter(scanned).collect();
                let whole = format!("SCAN {}", rule.table.name);
                let allowed = |step: &&str| !behind_another && step.starts_with(&whole);
                assert!(scans.iter().all(allowed), "{statement}\n{plan}");
            }
        }
    }
}
