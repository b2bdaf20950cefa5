//! The id Graph shows: 32 bytes as 43 characters of base64url.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use syncline_model::ObjectId;
use syncline_store::AssignmentId;

/// The id as Graph shows it.
pub fn id_text(id: &AssignmentId) -> String {
    let mut bytes = Vec::with_capacity(32);
    bytes.extend_from_slice(id.principal.as_bytes());
    bytes.extend_from_slice(&id.suffix);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The id behind a text; `None` when it is no such id.
pub fn parse_id(text: &str) -> Option<AssignmentId> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (principal, suffix) = bytes.split_at_checked(16)?;
    Some(AssignmentId {
        principal: ObjectId::from_bytes(principal.try_into().ok()?),
        suffix: suffix.try_into().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_43_characters_and_reads_back() {
        let id = AssignmentId {
            principal: ObjectId::from_bytes([7; 16]),
            suffix: [0xfe; 16],
        };
        let text = id_text(&id);
        assert_eq!(text.len(), 43);
        assert_eq!(parse_id(&text), Some(id));
    }

    #[test]
    fn other_texts_are_no_ids() {
        for text in ["", "AAAA", "not base64!", &"A".repeat(44)] {
            assert_eq!(parse_id(text), None, "{text}");
        }
    }
}
