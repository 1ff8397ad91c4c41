//! What a browser says of itself: the token that it shows, and the name by which it has come here.

use std::net::{Ipv4Addr, Ipv6Addr};

use axum::http::{HeaderMap, HeaderName, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

/// What somebody shows.
#[derive(Debug, PartialEq, Eq)]
pub enum Shown {
    /// Nothing.
    Nothing,
    /// A token.
    Token(String),
    /// What is neither `Basic` nor `Bearer`, or not as these are written.
    Malformed,
}

/// The token of the header `Authorization`: what `Bearer` has, or of `Basic` the password, whatever the name before it.
pub fn shown(headers: &HeaderMap) -> Shown {
    let said = match only(headers, header::AUTHORIZATION) {
        Ok(None) => return Shown::Nothing,
        Ok(Some(said)) => said,
        Err(Several) => return Shown::Malformed,
    };
    let Some((scheme, rest)) = said.split_once(' ') else {
        return Shown::Malformed;
    };
    let rest = rest.trim_matches(' ');
    let token = if scheme.eq_ignore_ascii_case("bearer") {
        Some(rest.to_string())
    } else if scheme.eq_ignore_ascii_case("basic") {
        let pair = BASE64.decode(rest).ok();
        let pair = pair.and_then(|pair| String::from_utf8(pair).ok());
        pair.and_then(|pair| Some(pair.split_once(':')?.1.to_string()))
    } else {
        None
    };
    match token {
        Some(token) if !token.is_empty() => Shown::Token(token),
        _ => Shown::Malformed,
    }
}

/// Whether the request was made to an address, or to this machine by its own name. A page from elsewhere whose own name somebody has
/// made lead here, so that a browser takes both for one, is seen by that.
pub fn is_meant(headers: &HeaderMap, authority: Option<&str>) -> bool {
    let Ok(Some(host)) = only(headers, header::HOST) else {
        return false;
    };
    is_address(host) && authority.is_none_or(is_address)
}

/// Whether that is an address or `localhost`, with a port behind it or not.
fn is_address(host: &str) -> bool {
    let (good, rest) = match host.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((name, rest)) => (name.parse::<Ipv6Addr>().is_ok(), rest),
            None => return false,
        },
        None => {
            let end = host.find(':').unwrap_or(host.len());
            let (name, rest) = host.split_at(end);
            let is_local = name.eq_ignore_ascii_case("localhost");
            (is_local || name.parse::<Ipv4Addr>().is_ok(), rest)
        }
    };
    let is_port = |rest: &str| {
        let digits = rest.strip_prefix(':');
        digits.is_some_and(|digits| {
            digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.parse::<u16>().is_ok()
        })
    };
    good && (rest.is_empty() || is_port(rest))
}

/// There is more than one such header, or it is no text.
struct Several;

fn only(headers: &HeaderMap, name: HeaderName) -> Result<Option<&str>, Several> {
    let mut all = headers.get_all(name).iter();
    match (all.next(), all.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| Several),
        (Some(_), Some(_)) => Err(Several),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn with(name: HeaderName, values: &[&[u8]]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(&name, HeaderValue::from_bytes(value).unwrap());
        }
        headers
    }

    fn says(value: &str) -> Shown {
        shown(&with(header::AUTHORIZATION, &[value.as_bytes()]))
    }

    #[test]
    fn tokens_are_shown_in_two_ways() {
        let token = || Shown::Token("pln_12_34".to_string());
        assert_eq!(shown(&HeaderMap::new()), Shown::Nothing);
        for good in [
            "Bearer pln_12_34".to_string(),
            "bEARER   pln_12_34".to_string(),
            format!("Basic {}", BASE64.encode("anybody:pln_12_34")),
            format!("basic {}", BASE64.encode(":pln_12_34")),
        ] {
            assert_eq!(says(&good), token(), "{good}");
        }
        // What follows the first colon is the password.
        let several = says(&format!("Basic {}", BASE64.encode("a:b:c")));
        assert_eq!(several, Shown::Token("b:c".to_string()));
        for bad in [
            String::new(),
            "Bearer".to_string(),
            "Bearer ".to_string(),
            "pln_12_34".to_string(),
            "Digest pln_12_34".to_string(),
            "Basic pln_12_34".to_string(),
            "Basic =".to_string(),
            format!("Basic {}", BASE64.encode("no colon")),
            format!("Basic {}", BASE64.encode("no password:")),
            format!("Basic {}", BASE64.encode(b"a:\xff")),
            format!("Basic {} more", BASE64.encode("a:b")),
        ] {
            assert_eq!(says(&bad), Shown::Malformed, "{bad}");
        }
        let twice = with(header::AUTHORIZATION, &[b"Bearer a", b"Bearer a"]);
        assert_eq!(shown(&twice), Shown::Malformed);
        let odd = with(header::AUTHORIZATION, &[b"Bearer \xe4"]);
        assert_eq!(shown(&odd), Shown::Malformed);
    }

    #[test]
    fn addresses_are_told_from_names() {
        let meant = |host: &str| is_meant(&with(header::HOST, &[host.as_bytes()]), None);
        for good in [
            "127.0.0.1",
            "127.0.0.1:7721",
            "localhost",
            "LocalHost:80",
            "[::1]",
            "[::1]:7721",
            "10.1.2.3:65535",
        ] {
            assert!(meant(good), "{good}");
        }
        for bad in [
            "",
            ":80",
            "example.org",
            "127.0.0.1.example.org",
            "localhost.example.org",
            "127.0.0.1:80.example.org",
            "127.0.0.1:",
            "127.0.0.1:+80",
            "127.0.0.1:65536",
            "127.0.0.1@example.org",
            "::1",
            "[::1",
            "[::1]x",
            "[127.0.0.1]",
            "[localhost]",
            "2130706433",
            "127.1",
            "0x7f.0.0.1",
            " 127.0.0.1",
        ] {
            assert!(!meant(bad), "{bad}");
        }
        assert!(!is_meant(&HeaderMap::new(), None));
        assert!(!is_meant(
            &with(header::HOST, &[b"127.0.0.1", b"127.0.0.1"]),
            None
        ));
        let host = with(header::HOST, &[b"127.0.0.1"]);
        assert!(is_meant(&host, Some("127.0.0.1:80")) && !is_meant(&host, Some("example.org")));
    }

    proptest! {
        #[test]
        fn whatever_is_said_is_read(value in prop::collection::vec(any::<u8>(), 0..200)) {
            let Ok(value) = HeaderValue::from_bytes(&value) else {
                return Ok(());
            };
            let mut headers = HeaderMap::new();
            headers.append(header::AUTHORIZATION, value.clone());
            headers.append(header::HOST, value.clone());
            if let Shown::Token(token) = shown(&headers) {
                // Nothing is made of what was not there.
                prop_assert!(!token.is_empty() && token.len() <= value.len());
            }
            let _ = is_meant(&headers, None);
        }

        #[test]
        fn passwords_are_found(name in "[^:]{0,20}", token in ".{1,100}", scheme in "[Bb][Aa][Ss][Ii][Cc]") {
            let said = format!("{scheme} {}", BASE64.encode(format!("{name}:{token}")));
            prop_assert_eq!(says(&said), Shown::Token(token));
        }

        #[test]
        fn bearers_are_found(token in "[!-~]{1,100}", scheme in "[Bb][Ee][Aa][Rr][Ee][Rr]", gap in " {1,3}") {
            prop_assert_eq!(says(&format!("{scheme}{gap}{token}")), Shown::Token(token));
        }

        #[test]
        fn every_address_is_one(four: Ipv4Addr, six: Ipv6Addr, port: u16) {
            for host in [format!("{four}"), format!("{four}:{port}"), format!("[{six}]"), format!("[{six}]:{port}")] {
                prop_assert!(is_address(&host), "{}", host);
            }
        }

        #[test]
        fn no_name_is_an_address(host in "[a-z0-9.:\\[\\]-]{0,12}[g-z]{1,8}(\\.[a-z]{2,3})(:[0-9]{1,5})?") {
            prop_assert!(!is_address(&host), "{}", host);
        }
    }
}
