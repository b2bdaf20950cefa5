//! `mail` and `proxyAddresses`: the mail address is the primary (`SMTP:`) proxy address.

use std::borrow::Cow;

use idna::AsciiDenyList;
use syncline_model::{Attr, Attrs, Value};

const PRIMARY: &str = "SMTP:";

/// Makes `proxyAddresses` follow `mail`: the address becomes the primary one, the former primary
/// one goes, further (`smtp:`) addresses stay.
pub(crate) fn follow_mail(attrs: &mut Attrs) {
    let mail = attrs.text(Attr::MAIL).map(str::to_owned);
    let mut addresses: Vec<Value> = Vec::new();
    if let Some(mail) = &mail {
        addresses.push(Value::text(format!("{PRIMARY}{mail}")));
    }
    if let Some(present) = attrs.get(Attr::PROXY_ADDRESSES) {
        for address in present.as_slice() {
            let Some(text) = address.as_text() else {
                continue;
            };
            let is_primary = text.starts_with(PRIMARY);
            let is_mail = mail
                .as_ref()
                .is_some_and(|mail| without_prefix(text).eq_ignore_ascii_case(mail));
            if !is_primary && !is_mail {
                addresses.push(address.clone());
            }
        }
    }
    let value = (!addresses.is_empty()).then_some(Value::List(addresses));
    attrs.put(Attr::PROXY_ADDRESSES, value);
}

/// Takes away every address, the primary one included, of which `unwanted` says so; it is asked
/// without the prefix.
pub(crate) fn remove(attrs: &mut Attrs, unwanted: impl Fn(&str) -> bool) {
    if attrs.text(Attr::MAIL).is_some_and(&unwanted) {
        attrs.remove(Attr::MAIL);
    }
    let present = attrs
        .get(Attr::PROXY_ADDRESSES)
        .map_or(&[][..], Value::as_slice);
    let kept: Vec<Value> = present
        .iter()
        .filter(|it| {
            it.as_text()
                .is_none_or(|text| !unwanted(without_prefix(text)))
        })
        .cloned()
        .collect();
    attrs.put(
        Attr::PROXY_ADDRESSES,
        (!kept.is_empty()).then_some(Value::List(kept)),
    );
}

/// `SMTP:a@b.example` → `a@b.example`.
pub(crate) fn without_prefix(address: &str) -> &str {
    address.split_once(':').map_or(address, |(_, rest)| rest)
}

/// A domain as tenants have it, which is in ASCII. What is no domain in any spelling is nobody's.
pub(crate) fn verified_as(domain: &str) -> Cow<'_, str> {
    if domain.is_ascii() {
        return Cow::Borrowed(domain);
    }
    let ascii = idna::domain_to_ascii_cow(domain.as_bytes(), AsciiDenyList::EMPTY);
    let ascii = ascii.unwrap_or(Cow::Borrowed(domain));
    // `。` and its like at the end are the root's dot.
    match ascii.strip_suffix('.') {
        Some(below) => Cow::Owned(below.to_owned()),
        None => ascii,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(mail: Option<&str>, before: &[&str]) -> Vec<syncline_model::Text> {
        let mut attrs = Attrs::new().with(
            Attr::PROXY_ADDRESSES,
            Value::List(before.iter().map(|it| Value::text(*it)).collect()),
        );
        attrs.put(Attr::MAIL, mail.map(Value::text));
        follow_mail(&mut attrs);
        attrs
            .get(Attr::PROXY_ADDRESSES)
            .map_or_else(Vec::new, |value| {
                value.as_slice().iter().map(Value::display_text).collect()
            })
    }

    #[test]
    fn a_new_mail_address_replaces_the_primary_one_and_keeps_the_others() {
        assert_eq!(
            addresses(
                Some("b@x.example"),
                &["SMTP:a@x.example", "smtp:c@x.example", "smtp:B@x.example"]
            ),
            ["SMTP:b@x.example", "smtp:c@x.example"]
        );
    }

    #[test]
    fn without_mail_only_further_addresses_are_left() {
        assert_eq!(addresses(None, &["SMTP:a@x.example"]), Vec::<String>::new());
    }
}
