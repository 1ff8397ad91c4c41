//! Which proxy leads to a server, by the variables that programs customarily look at.

use std::fmt;
use std::net::IpAddr;

/// An HTTP proxy that makes tunnels (CONNECT).
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    pub(crate) host: String,
    pub(crate) port: u16,
    /// `USER:PASSWORD`.
    pub(crate) credentials: Option<String>,
}

/// The port of a proxy whose address names none.
const DEFAULT_PORT: u16 = 80;

impl Proxy {
    /// Parses `http://[USER:PASSWORD@]HOST[:PORT]`, of which the scheme may be missing.
    fn parse(text: &str) -> Result<Self, &'static str> {
        let rest = match text.split_once("://") {
            None => text,
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => rest,
            Some((scheme, _)) if scheme.eq_ignore_ascii_case("https") => {
                return Err("proxies that are themselves reached by TLS are not supported");
            }
            Some(_) => return Err("only proxies with http:// are supported"),
        };
        let rest = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let (credentials, authority) = match rest.rsplit_once('@') {
            Some((credentials, authority)) => (Some(credentials), authority),
            None => (None, rest),
        };
        let wrong = "it is not http://[USER:PASSWORD@]HOST:PORT";
        let (host, port) = crate::tcp::authority(authority, DEFAULT_PORT).map_err(|_| wrong)?;
        let credentials = match credentials {
            Some(both) => {
                let both = match both.split_once(':') {
                    Some((user, password)) => {
                        let user = decoded(user).filter(|user| !user.contains(':'));
                        Some(format!(
                            "{}:{}",
                            user.ok_or(wrong)?,
                            decoded(password).ok_or(wrong)?
                        ))
                    }
                    None => decoded(both).map(|user| user + ":"),
                };
                Some(both.ok_or(wrong)?)
            }
            None => None,
        };
        if port == 0 {
            return Err(wrong);
        }
        Ok(Self {
            host,
            port,
            credentials,
        })
    }
}

/// Without the password, nor whose it is.
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("http://")?;
        crate::tcp::display(&self.host, &self.port, f)
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Percent-decoded.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::new();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => {
                let mut digit = || char::from(bytes.next()?).to_digit(16);
                (digit()? << 4 | digit()?) as u8
            }
            byte => byte,
        });
    }
    String::from_utf8(decoded).ok()
}

/// Which proxy leads to which server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies {
    secure: Option<Proxy>,
    plain: Option<Proxy>,
    direct: Vec<Direct>,
    /// Even to this machine.
    always: bool,
}

/// What no proxy leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Direct {
    what: Hosts,
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Hosts {
    All,
    /// A name, and those within it.
    Name(String),
    /// The names within it alone.
    Within(String),
    /// Addresses that begin with so many of its bits.
    Network(IpAddr, u32),
}

impl Proxies {
    /// As these variables say: `PILLION_PROXY` (an address, or `none`), else `HTTPS_PROXY` for `wss://` and `http_proxy` for `ws://`,
    /// else `ALL_PROXY`, but not for the hosts in `NO_PROXY` nor for this machine. But for `http_proxy`, which somebody else may have
    /// set in capitals, either case will do, and small letters come first.
    ///
    /// # Errors
    /// A sentence that names the variable.
    pub fn of(variable: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let set = |name: &str| {
            let value = variable(name)?.trim().to_owned();
            (!value.is_empty()).then_some(value)
        };
        let proxy = |names: &[&str]| {
            for name in names {
                if let Some(value) = set(name) {
                    // The value may have a password in it.
                    return match Proxy::parse(&value) {
                        Ok(proxy) => Ok(Some(proxy)),
                        Err(why) => Err(format!("{name}: {why}")),
                    };
                }
            }
            Ok(None)
        };
        if let Some(value) = set("PILLION_PROXY") {
            if value.eq_ignore_ascii_case("none") {
                return Ok(Self::default());
            }
            let proxy = proxy(&["PILLION_PROXY"])?;
            return Ok(Self {
                secure: proxy.clone(),
                plain: proxy,
                direct: Vec::new(),
                always: true,
            });
        }
        let direct = set("no_proxy")
            .or_else(|| set("NO_PROXY"))
            .unwrap_or_default();
        Ok(Self {
            secure: proxy(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])?,
            plain: proxy(&["http_proxy", "all_proxy", "ALL_PROXY"])?,
            direct: direct
                .split(|c: char| c == ',' || c.is_whitespace())
                .filter(|one| !one.is_empty())
                .map(Direct::parse)
                .collect(),
            always: false,
        })
    }

    /// The one that leads to a host.
    #[must_use]
    pub fn to(&self, host: &str, port: u16, secure: bool) -> Option<&Proxy> {
        let proxy = if secure { &self.secure } else { &self.plain };
        let proxy = proxy.as_ref()?;
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        // The zone of an address is this machine's business.
        let address = host.split_once('%').map_or(&*host, |(address, _)| address);
        let address: Option<IpAddr> = address.parse().ok();
        let address = address.map(|address| address.to_canonical());
        let here = host == "localhost" || address.is_some_and(|address| address.is_loopback());
        let direct = self
            .direct
            .iter()
            .any(|direct| direct.is(&host, address, port));
        (self.always || !here && !direct).then_some(proxy)
    }
}

impl Direct {
    fn parse(text: &str) -> Self {
        let text = text.to_ascii_lowercase();
        let bare = |text: &str| {
            text.trim_start_matches('[')
                .trim_end_matches(']')
                .parse()
                .ok()
        };
        // An address with colons, or a name with a port.
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if bare(&text).is_none() && !text.contains('/') => {
                match port.parse() {
                    Ok(port) => (host, Some(port)),
                    Err(_) => (&*text, None),
                }
            }
            _ => (&*text, None),
        };
        let network = || {
            let (address, bits) = match host.split_once('/') {
                Some((address, bits)) => (address, Some(bits)),
                None => (host, None),
            };
            let address: IpAddr = bare(address)?;
            let most = if address.is_ipv4() { 32 } else { 128 };
            let bits = bits.map_or(Some(most), |bits| bits.parse().ok());
            Some(Hosts::Network(address, bits.filter(|bits| *bits <= most)?))
        };
        let what = match (host, network()) {
            ("*", _) => Hosts::All,
            (_, Some(network)) => network,
            _ => match host.strip_prefix("*.").or_else(|| host.strip_prefix('.')) {
                Some(domain) => Hosts::Within(format!(".{domain}")),
                None => Hosts::Name(host.trim_end_matches('.').to_owned()),
            },
        };
        Self { what, port }
    }

    fn is(&self, host: &str, address: Option<IpAddr>, port: u16) -> bool {
        if self.port.is_some_and(|own| own != port) {
            return false;
        }
        match &self.what {
            Hosts::All => true,
            Hosts::Name(name) => {
                host == name
                    || host
                        .strip_suffix(&**name)
                        .is_some_and(|rest| rest.ends_with('.') && address.is_none())
            }
            Hosts::Within(domain) => host.ends_with(&**domain) && address.is_none(),
            Hosts::Network(network, bits) => match (network, address) {
                (IpAddr::V4(network), Some(IpAddr::V4(address))) => {
                    let differ = network.to_bits() ^ address.to_bits();
                    differ.leading_zeros() >= *bits
                }
                (IpAddr::V6(network), Some(IpAddr::V6(address))) => {
                    let differ = network.to_bits() ^ address.to_bits();
                    differ.leading_zeros() >= *bits
                }
                _ => false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(set: &[(&str, &str)]) -> Result<Proxies, String> {
        Proxies::of(|name| {
            let found = set.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn variables_count_as_everywhere() {
        let to = |set: &[(&str, &str)], host: &str, secure| {
            let proxies = of(set).unwrap();
            proxies.to(host, 443, secure).map(Proxy::to_string)
        };
        let a = Some("http://a:80".to_owned());
        assert_eq!(to(&[], "gpu", true), None);
        assert_eq!(to(&[("HTTPS_PROXY", "http://a")], "gpu", true), a);
        assert_eq!(to(&[("HTTPS_PROXY", "http://a")], "gpu", false), None);
        assert_eq!(to(&[("http_proxy", "a:80")], "gpu", false), a);
        // A web server's CGI programs get what a visitor sends as `Proxy:` so.
        assert_eq!(to(&[("HTTP_PROXY", "http://a")], "gpu", false), None);
        assert_eq!(to(&[("ALL_PROXY", "http://a/")], "gpu", false), a);
        let both = [
            ("https_proxy", "a"),
            ("HTTPS_PROXY", "b"),
            ("all_proxy", "c"),
        ];
        assert_eq!(to(&both, "gpu", true), a);
        assert_eq!(
            to(&[("https_proxy", ""), ("ALL_PROXY", "a")], "gpu", true),
            a
        );
        for here in ["localhost", "127.3.2.1", "::1", "::ffff:127.0.0.1"] {
            assert_eq!(to(&[("ALL_PROXY", "a")], here, true), None, "{here}");
            assert_eq!(to(&[("PILLION_PROXY", "a")], here, true), a, "{here}");
        }
        let overridden = [("PILLION_PROXY", "none"), ("ALL_PROXY", "b")];
        assert_eq!(to(&overridden, "gpu", true), None);
        let overriding = [
            ("PILLION_PROXY", "a"),
            ("ALL_PROXY", "b"),
            ("NO_PROXY", "*"),
        ];
        assert_eq!(to(&overriding, "gpu", true), a);
    }

    #[test]
    fn no_proxy_leads_where_none_should() {
        let direct = |list: &str, host: &str| {
            let proxies = of(&[("ALL_PROXY", "a"), ("NO_PROXY", list)]).unwrap();
            proxies.to(host, 443, true).is_none()
        };
        for (list, host, expected) in [
            ("*", "gpu", true),
            ("gpu", "gpu", true),
            ("GPU.", "gpu", true),
            ("gpu", "GPU.", true),
            ("example.org", "gpu.example.org", true),
            ("example.org", "gpuexample.org", false),
            (".example.org", "gpu.example.org", true),
            (".example.org", "example.org", false),
            ("*.example.org", "gpu.example.org", true),
            ("a, b c,,gpu", "gpu", true),
            ("a,b", "gpu", false),
            ("gpu:443", "gpu", true),
            ("gpu:80", "gpu", false),
            ("10.0.0.1", "10.0.0.1", true),
            ("10.0.0.1", "10.0.0.2", false),
            ("10.0.0.0/8", "10.200.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.0.0.0/0", "11.0.0.1", true),
            ("10.0.0.0/33", "10.0.0.1", false),
            ("0.0.1", "10.0.0.1", false),
            ("fe80::/10", "fe80::1%eth0", true),
            ("[fd00::1]:443", "fd00::1", true),
            ("[fd00::1]:444", "fd00::1", false),
            ("fd00::1", "fd00::1", true),
            ("10.0.0.0/8", "::ffff:10.0.0.1", true),
        ] {
            assert_eq!(direct(list, host), expected, "{list:?} {host}");
        }
    }

    #[test]
    fn a_proxy_has_an_address_and_keeps_its_password() {
        let proxy = Proxy::parse("http://me%40home:p%3a%25ss@[::1]:3128/").unwrap();
        assert_eq!(proxy.credentials.as_deref(), Some("me@home:p:%ss"));
        assert_eq!(
            format!("{proxy} {proxy:?}"),
            "http://[::1]:3128 http://[::1]:3128"
        );
        assert_eq!(
            Proxy::parse("me@p").unwrap().credentials.as_deref(),
            Some("me:")
        );
        for (wrong, word) in [
            ("https://secret@p", "TLS"),
            ("socks5://secret@p", "only proxies"),
            ("http://", "HOST"),
            ("http://me:secret%zz@p", "HOST"),
            ("http://me%3a:secret@p", "HOST"),
            ("http://p:secret", "HOST"),
            ("http://p:0", "HOST"),
        ] {
            let error = of(&[("ALL_PROXY", wrong)]).unwrap_err();
            assert!(
                error.contains(word) && error.starts_with("all_proxy")
                    || error.starts_with("ALL_PROXY"),
                "{error}"
            );
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
