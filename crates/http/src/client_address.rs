//! From which address a request really comes: the proxy's word is taken only where the proxy is one of ours.

use actix_web::HttpRequest;
use actix_web::http::header::{FORWARDED, HeaderMap, HeaderName};
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// The proxies whose word is taken.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Arc<Vec<IpNet>>);

impl TrustedProxies {
    /// These addresses and networks.
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self(Arc::new(networks))
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

/// The address of the caller, for throttling and the log; nothing where the request came over no network.
pub fn client_address(request: &HttpRequest) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip().to_canonical();
    Some(match request.app_data::<TrustedProxies>() {
        Some(proxies) => behind(proxies, peer, request.headers()),
        None => peer,
    })
}

/// Each proxy appends the address that it was called from. So the list is read from its end, for as long as those
/// who wrote it are trusted; what stands before is the caller's own invention.
fn behind(proxies: &TrustedProxies, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    if !proxies.trusts(peer) {
        return peer;
    }
    let first_foreign = |chain: Vec<Option<IpAddr>>| {
        let mut nearest = peer;
        for hop in chain.into_iter().rev() {
            // A hop that hides its address ends what is known.
            let Some(address) = hop else { break };
            nearest = address;
            if !proxies.trusts(address) {
                break;
            }
        }
        nearest
    };
    let standard = values(headers, &FORWARDED).map(|hops| first_foreign(hops.map(forwarded_for).collect()));
    let common = HeaderName::from_static("x-forwarded-for");
    let common = values(headers, &common).map(|hops| first_foreign(hops.map(address).collect()));
    match (standard, common) {
        (Some(standard), Some(common)) if standard == common => standard,
        // A proxy writes one of them and may pass on the other as the caller sent it: nobody can tell which.
        (Some(_), Some(_)) | (None, None) => peer,
        (Some(one), None) | (None, Some(one)) => one,
    }
}

/// The items of a list over all fields of a name; nothing where there is no such field.
fn values<'a>(headers: &'a HeaderMap, name: &'a HeaderName) -> Option<impl Iterator<Item = &'a str>> {
    let fields = || headers.get_all(name);
    fields().next()?;
    Some(fields().flat_map(|value| value.to_str().unwrap_or_default().split(',')))
}

/// The `for` of one element of `Forwarded` (RFC 7239).
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let named = element.split(';').filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = named.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("for"))?;
    address(value.trim().trim_matches('"'))
}

/// An address with or without brackets and port.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let parsed = bare.parse().or_else(|_| text.parse::<SocketAddr>().map(|address| address.ip())).ok();
    parsed.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    #[test]
    fn only_what_our_proxies_wrote_is_believed() {
        let proxies = TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap(), "2001:db8::/32".parse().unwrap()]);
        let check = |peer: &str, fields: &[(&'static str, &str)], expected: &str| {
            let mut headers = HeaderMap::new();
            for (name, value) in fields {
                headers.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
            }
            assert_eq!(behind(&proxies, peer.parse().unwrap(), &headers).to_string(), expected, "{peer} {fields:?}");
        };
        let (common, standard) = ("x-forwarded-for", "forwarded");
        check("192.0.2.9", &[(common, "198.51.100.1")], "192.0.2.9");
        check("10.0.0.1", &[], "10.0.0.1");
        check("10.0.0.1", &[(common, "198.51.100.1")], "198.51.100.1");
        check("10.0.0.1", &[(common, "1.2.3.4, 198.51.100.1, 10.0.0.2")], "198.51.100.1");
        check("10.0.0.1", &[(common, "1.2.3.4"), (common, "198.51.100.1")], "198.51.100.1");
        check("10.0.0.1", &[(common, "10.0.0.3, 10.0.0.2")], "10.0.0.3");
        check("10.0.0.1", &[(common, "1.2.3.4, nonsense, 10.0.0.2")], "10.0.0.2");
        check("10.0.0.1", &[(standard, "for=198.51.100.1:4711;proto=https")], "198.51.100.1");
        check("2001:db8::1", &[(standard, r#"For="[2001:db9::7]:4711""#)], "2001:db9::7");
        check("10.0.0.1", &[(standard, "for=1.2.3.4, for=_hidden")], "10.0.0.1");
        check("10.0.0.1", &[(standard, r#"for="1.2.3.4, for=198.51.100.1"#)], "198.51.100.1");
        check("10.0.0.1", &[(standard, "for=1.2.3.4"), (common, "198.51.100.1")], "10.0.0.1");
        check("10.0.0.1", &[(standard, "for=198.51.100.1"), (common, "198.51.100.1")], "198.51.100.1");
    }
}
