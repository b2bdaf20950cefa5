//! One statement, two databases.
//!
//! Statements are written once, with `?1`, `?2`, … for values. SQLite takes them as they are and
//! runs them row by row in a loop, which costs it nothing. PostgreSQL pays for every round trip, so
//! a statement for many rows is sent once: the values that differ from row to row travel as one
//! array each, are unnested into a table `i`, and the statement is joined to it.
//!
//! This is text surgery on statements of this crate alone, all of one plain shape (`SELECT … WHERE`,
//! `INSERT … VALUES`, `INSERT … SELECT … WHERE`, `UPDATE … SET … WHERE`, `DELETE FROM … WHERE`, with
//! ` WHERE ` and ` VALUES ` in capitals); the conformance suite runs every one of them on both.

use std::fmt::Write as _;

use super::param::Param;

/// PostgreSQL's text of a statement that is run once.
pub(super) fn single(sql: &str, params: &[Param<'_>]) -> String {
    substitute(sql, |number, text| {
        // Writing to a string can not fail.
        let _ = write!(text, "${number}::{}", type_of(params, number));
    })
}

/// PostgreSQL's text of a statement for many rows: `shared` values are the same for all of them and
/// come first, those of `row` differ. A `SELECT` says in its last column which row it answers
/// (from 1).
pub(super) fn many(sql: &str, shared: &[Param<'_>], row: &[Param<'_>]) -> String {
    let joined = substitute(sql, |number, text| {
        let _ = if number <= shared.len() {
            write!(text, "${number}::{}", type_of(shared, number))
        } else {
            write!(text, "i.c{}", number - shared.len())
        };
    });
    let arrays: Vec<String> = row
        .iter()
        .enumerate()
        .map(|(at, param)| format!("${}::{}[]", shared.len() + at + 1, param.type_name()))
        .collect();
    let names: Vec<String> = (1..=row.len()).map(|at| format!("c{at}")).collect();
    let (arrays, names) = (arrays.join(", "), names.join(", "));

    if joined.starts_with("SELECT ") {
        return format!(
            "SELECT found.*, i.n FROM UNNEST({arrays}) WITH ORDINALITY AS i({names}, n) CROSS JOIN LATERAL ({joined}) AS found ORDER BY i.n"
        );
    }
    let table = format!("UNNEST({arrays}) AS i({names})");
    if joined.starts_with("DELETE ") {
        return joined.replacen(" WHERE ", &format!(" USING {table} WHERE "), 1);
    }
    match values_of(&joined) {
        Some((before, values, after)) => format!("{before} SELECT {values} FROM {table}{after}"),
        None => joined.replacen(" WHERE ", &format!(" FROM {table} WHERE "), 1),
    }
}

/// SQLite's text of an `INSERT` of several rows that stops at the row that breaks a rule and leaves those before it, as a
/// loop would. To undo them, SQLite would keep a journal for each statement: the old image of every page that it touches, in memory.
pub(super) fn as_a_loop(sql: &str) -> String {
    sql.replacen("INSERT INTO", "INSERT OR FAIL INTO", 1)
}

/// SQLite's text of an `INSERT … VALUES` for so many rows at once, [as a loop](as_a_loop); `None` for other statements.
pub(super) fn rows_of_values(sql: &str, shared: usize, rows: usize) -> Option<String> {
    let (before, values, after) = values_of(sql)?;
    let own = (1..=64)
        .rev()
        .find(|number| mentions(values, *number))?
        .checked_sub(shared)?;
    let mut text = as_a_loop(before);
    text.push_str(" VALUES ");
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ", (" });
        text.push_str(&substitute(values, |number, text| {
            let number = if number > shared {
                number + row * own
            } else {
                number
            };
            // Writing to a string can not fail.
            let _ = write!(text, "?{number}");
        }));
        text.push(')');
    }
    text.push_str(after);
    Some(text)
}

fn mentions(sql: &str, number: usize) -> bool {
    let mut found = false;
    substitute(sql, |it, _| found |= it == number);
    found
}

/// For `INSERT … ON CONFLICT (…) DO UPDATE`: which of the row's values are its key. Two rows with
/// one key in one statement are an error to PostgreSQL, where a loop would let the last one win.
pub(super) fn conflict_key(sql: &str, shared: usize) -> Vec<usize> {
    let inner = |text: &str, after: &str| -> Option<Vec<String>> {
        let list = text
            .split_once(after)?
            .1
            .split_once('(')?
            .1
            .split_once(')')?
            .0;
        Some(list.split(',').map(|it| it.trim().to_owned()).collect())
    };
    if !sql.contains(" DO UPDATE ") {
        return Vec::new();
    }
    let (Some(columns), Some(values), Some(key)) = (
        inner(sql, "INSERT INTO "),
        inner(sql, " VALUES "),
        inner(sql, " ON CONFLICT "),
    ) else {
        return Vec::new();
    };
    columns
        .iter()
        .zip(values)
        .filter(|(column, _)| key.contains(column))
        .filter_map(|(_, value)| value.strip_prefix('?')?.parse::<usize>().ok())
        .filter_map(|number| number.checked_sub(shared + 1))
        .collect()
}

fn type_of(params: &[Param<'_>], number: usize) -> &'static str {
    number
        .checked_sub(1)
        .and_then(|at| params.get(at))
        .map_or("text", Param::type_name)
}

/// Before, inside and after the list behind ` VALUES `.
fn values_of(sql: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = sql.split_once(" VALUES (")?;
    let mut depth = 1;
    let end = rest.char_indices().find_map(|(at, c)| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        (depth == 0).then_some(at)
    })?;
    Some((before, &rest[..end], &rest[end + 1..]))
}

fn substitute(sql: &str, mut value: impl FnMut(usize, &mut String)) -> String {
    let mut text = String::with_capacity(sql.len() + 64);
    let mut rest = sql;
    while let Some((before, after)) = rest.split_once('?') {
        text.push_str(before);
        let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, after) = after.split_at(digits);
        match number.parse() {
            Ok(number) => value(number, &mut text),
            Err(_) => text.push('?'),
        }
        rest = after;
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that can not go on should stop")]
mod tests {
    use super::*;
    use crate::driver::param::{blob, int, text};

    #[test]
    fn one_statement_names_the_type_of_every_value() {
        assert_eq!(
            single(
                "SELECT a FROM t WHERE b = ?1 AND c > ?2",
                &[int(1), blob(b"x")]
            ),
            "SELECT a FROM t WHERE b = $1::bigint AND c > $2::bytea"
        );
    }

    #[test]
    fn a_look_up_of_many_says_which_row_it_answers() {
        assert_eq!(
            many(
                "SELECT a FROM t WHERE b = ?1 AND c = ?2",
                &[int(1)],
                &[blob(b"x")]
            ),
            "SELECT found.*, i.n FROM UNNEST($2::bytea[]) WITH ORDINALITY AS i(c1, n) CROSS JOIN LATERAL (SELECT a FROM t WHERE b = $1::bigint AND c = i.c1) AS found ORDER BY i.n"
        );
    }

    #[test]
    fn an_insert_of_many_reads_its_values_from_the_arrays() {
        assert_eq!(
            many(
                "INSERT INTO t (a, b, c) VALUES (?1, ?2, 0) ON CONFLICT DO NOTHING",
                &[int(1)],
                &[text("x")]
            ),
            "INSERT INTO t (a, b, c) SELECT $1::bigint, i.c1, 0 FROM UNNEST($2::text[]) AS i(c1) ON CONFLICT DO NOTHING"
        );
    }

    /// A journal of the statement alone would undo them, and hold what they were written over until then.
    #[test]
    fn rows_that_are_found_are_inserted_as_by_a_loop() {
        let file = rusqlite::Connection::open_in_memory().unwrap();
        file.execute_batch(
            "CREATE TABLE t (a INTEGER PRIMARY KEY); CREATE TABLE f (a INTEGER); INSERT INTO t VALUES (3); INSERT INTO f VALUES (1), (2), (3), (4); BEGIN",
        )
        .unwrap();
        let connection = crate::driver::connection::Connection::Sqlite(&file);
        let refused = connection.insert_found("INSERT INTO t (a) SELECT a FROM f ORDER BY a", &[]);
        assert!(refused.is_err());
        let kept: i64 = file
            .query_row("SELECT COUNT(*) FROM t", [], |row| row.get(0))
            .unwrap();
        assert_eq!(kept, 3);
    }

    #[test]
    fn several_rows_of_values_are_numbered_on() {
        assert_eq!(
            rows_of_values(
                "INSERT INTO t (a, b, c, d) VALUES (?1, ?2, 0, ?3) ON CONFLICT DO NOTHING",
                1,
                2
            )
            .unwrap(),
            "INSERT OR FAIL INTO t (a, b, c, d) VALUES (?1, ?2, 0, ?3), (?1, ?4, 0, ?5) ON CONFLICT DO NOTHING"
        );
        assert_eq!(rows_of_values("DELETE FROM t WHERE a = ?1", 0, 2), None);
    }

    #[test]
    fn updates_and_deletes_of_many_are_joined() {
        assert_eq!(
            many(
                "UPDATE t SET a = ?2 WHERE b = ?1 AND c = ?3",
                &[int(1)],
                &[int(1), blob(b"x")]
            ),
            "UPDATE t SET a = i.c1 FROM UNNEST($2::bigint[], $3::bytea[]) AS i(c1, c2) WHERE b = $1::bigint AND c = i.c2"
        );
        assert_eq!(
            many("DELETE FROM t WHERE b = ?1", &[], &[int(1)]),
            "DELETE FROM t USING UNNEST($1::bigint[]) AS i(c1) WHERE b = i.c1"
        );
    }

    #[test]
    fn the_key_of_an_upsert_is_known() {
        let sql = "INSERT INTO t (a, b, c, d) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (a, c) DO UPDATE SET d = excluded.d";
        assert_eq!(conflict_key(sql, 1), [1]);
        assert!(conflict_key("INSERT INTO t (a) VALUES (?1) ON CONFLICT DO NOTHING", 0).is_empty());
    }
}
