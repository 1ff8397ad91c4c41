//! Who may come in where, and for what.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use pillion_transport::{PeerInfo, Uri};

use super::identity::Identity;
use crate::settings::{Authentication, Config, Endpoint, IdentityRule, Part, Problem, Reach};
use crate::tokens::{Moment, Scope, Shown, Stamp, TokenName, Tokens};

/// What a client has to do with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Whom we take it for.
    pub identity: Identity,
    /// Where it came in, by its place in the settings.
    pub endpoint: usize,
    /// The token that it showed.
    pub token: Option<TokenName>,
    /// It may ask about the devices, and not use them.
    pub asks_only: bool,
    /// It may end and change all sessions, and not its own alone.
    pub manages: bool,
}

/// What a client wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// To use the devices.
    Use,
    /// To ask about them.
    Ask,
    /// To hear of all sessions.
    Status,
    /// To end or change a session, or the server.
    Order,
}

/// What a client comes with.
#[derive(Debug, Clone, Default)]
pub struct Caller<'a> {
    /// The token of its greeting, or nothing.
    pub token: &'a str,
    /// Nobody in between hears what it says.
    pub is_private: bool,
    /// Its user, on this machine.
    pub uid: Option<u32>,
    /// The virtual machine of this host that it is in.
    pub cid: Option<u32>,
    /// The certificate that the transport has verified.
    pub certificate: Option<Certificate<'a>>,
}

/// A client's certificate.
#[derive(Debug, Clone)]
pub struct Certificate<'a> {
    /// Its name, or nothing.
    pub name: &'a str,
    /// Its SHA-256 hash.
    pub fingerprint: [u8; 32],
}

impl<'a> Caller<'a> {
    /// A peer that has greeted with `token`.
    pub fn new(token: &'a str, peer: &'a PeerInfo) -> Self {
        Caller {
            token,
            is_private: peer.is_private(),
            uid: peer.uid,
            cid: peer.cid,
            certificate: peer.certificate.as_ref().map(|shown| Certificate {
                name: &shown.name,
                fingerprint: shown.fingerprint,
            }),
        }
    }
}

/// Who a client has shown to be.
#[derive(Debug)]
pub struct Proven {
    identity: Identity,
    shown: Option<Shown>,
}

impl Proven {
    /// Whether it was a token that has shown it.
    pub fn showed_token(&self) -> bool {
        self.shown.is_some()
    }
}

/// Why a client may not come in, as a sentence for it.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    /// What it has shown is no good. That counts as a failed attempt.
    Wrong(String),
    /// It has shown nothing that could be wrong, or may not do what it wants.
    Plain(String),
}

/// Who may come in where: one state of the settings and the token file.
#[derive(Debug, Clone)]
pub struct Policy {
    endpoints: Vec<Endpoint>,
    identities: Vec<IdentityRule>,
    everybody: Part,
    token_file: Option<PathBuf>,
    tokens: Arc<Tokens>,
}

impl Policy {
    /// What the settings say, and the token file that they name.
    ///
    /// # Errors
    ///
    /// What is wrong with the token file.
    pub fn read(config: &Config) -> Result<(Self, Option<Stamp>), Vec<Problem>> {
        let (tokens, stamp) = match &config.token_file {
            Some(path) => {
                let (tokens, stamp) = Tokens::read(path)?;
                (tokens, Some(stamp))
            }
            None => (Tokens::default(), None),
        };
        let policy = Policy {
            endpoints: config.endpoints.clone(),
            identities: config.identities.clone(),
            everybody: config.everybody.clone(),
            token_file: config.token_file.clone(),
            tokens: Arc::new(tokens),
        };
        Ok((policy, stamp))
    }

    /// That of a server with one endpoint, which asks for a token where there are any.
    pub fn of_one(listen: Uri, tokens: Option<Tokens>) -> Self {
        let mut endpoint = Endpoint::new(listen, Reach::Machine);
        if tokens.is_some() {
            endpoint.authentication = Authentication::Token;
        }
        Policy {
            endpoints: vec![endpoint],
            identities: Vec::new(),
            everybody: Part::default(),
            token_file: None,
            tokens: Arc::new(tokens.unwrap_or_default()),
        }
    }

    /// What the settings say of an endpoint.
    pub fn endpoint(&self, endpoint: usize) -> Option<&Endpoint> {
        self.endpoints.get(endpoint)
    }

    /// All of them.
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    /// What the settings say of an identity.
    pub fn rule(&self, identity: &Identity) -> Option<&IdentityRule> {
        let name = identity.name()?;
        self.identities.iter().find(|rule| rule.name == name)
    }

    /// What sessions of an identity get of the devices.
    pub fn part(&self, identity: &Identity) -> Part {
        match self.rule(identity) {
            Some(rule) => rule.part.or(&self.everybody),
            None => self.everybody.clone(),
        }
    }

    /// The public part of the caller's token, if that is looked at and the server knows it.
    pub fn claimed(&self, endpoint: usize, token: &str) -> Option<&str> {
        let endpoint = self.endpoints.get(endpoint)?;
        let asks = matches!(
            endpoint.authentication,
            Authentication::Token | Authentication::Either
        );
        self.tokens.claimed(token).filter(|_| asks)
    }

    /// Who the caller is.
    ///
    /// # Errors
    ///
    /// Why that is not known.
    pub fn prove(
        &self,
        endpoint: usize,
        caller: &Caller<'_>,
        now: Moment,
    ) -> Result<Proven, Refusal> {
        let Some(endpoint) = self.endpoints.get(endpoint) else {
            return Err(Refusal::Plain("this endpoint is closed".to_string()));
        };
        let known = |identity| Proven {
            identity,
            shown: None,
        };
        match endpoint.authentication {
            Authentication::None => {
                let vouched = self.by_certificate(caller).or_else(|| self.by_user(caller));
                Ok(known(vouched.unwrap_or(match (caller.uid, caller.cid) {
                    (Some(uid), _) => Identity::User(uid),
                    (None, Some(cid)) => Identity::Guest(cid),
                    (None, None) => Identity::Anonymous,
                })))
            }
            Authentication::Token => self.by_token(caller, now),
            Authentication::Certificate => self
                .by_certificate(caller)
                .map(known)
                .ok_or_else(|| Refusal::Plain("this server wants a certificate".to_string())),
            Authentication::Either if caller.token.is_empty() => {
                let vouched = self.by_certificate(caller).or_else(|| self.by_user(caller));
                vouched.map(known).ok_or_else(|| {
                    Refusal::Plain(
                        "this server does not know who this is, and then wants a token: set PILLION_TOKEN"
                            .to_string(),
                    )
                })
            }
            Authentication::Either => self.by_token(caller, now),
        }
    }

    fn by_token(&self, caller: &Caller<'_>, now: Moment) -> Result<Proven, Refusal> {
        if !caller.is_private {
            return Err(Refusal::Plain(
                "this server wants a token, and a token travels only over tls://, wss://, a Unix socket or loopback: \
                 ask its operator for a tls:// or wss:// address, or come in through an SSH tunnel"
                    .to_string(),
            ));
        }
        if caller.token.is_empty() {
            return Err(Refusal::Plain(
                "this server wants a token: set PILLION_TOKEN".to_string(),
            ));
        }
        let shown = self
            .tokens
            .check(caller.token, now)
            .map_err(Refusal::Wrong)?;
        Ok(Proven {
            identity: Identity::Named(shown.identity.clone()),
            shown: Some(shown),
        })
    }

    /// Whose token this is that the web view has been shown. The settings say who may see that in the clear.
    ///
    /// # Errors
    ///
    /// Why it is none.
    pub fn prove_viewer(&self, token: &str, now: Moment) -> Result<Proven, Refusal> {
        let caller = Caller {
            token,
            is_private: true,
            ..Caller::default()
        };
        self.by_token(&caller, now)
    }

    /// The public part of such a token, if the server knows it.
    pub fn claimed_by_viewer(&self, token: &str) -> Option<&str> {
        self.tokens.claimed(token)
    }

    /// Whether who has shown that may see what needs `scope`.
    ///
    /// # Errors
    ///
    /// Why not, as a sentence for it.
    pub fn allow_viewer(&self, proven: &Proven, scope: Scope) -> Result<(), String> {
        let Some(shown) = &proven.shown else {
            return Err("this wants a token".to_string());
        };
        if !shown.endpoints.is_empty() {
            return Err("this token is for some of the server's endpoints alone".to_string());
        }
        if !shown.scopes.iter().any(|own| own.covers(scope)) {
            let scopes: Vec<String> = shown.scopes.iter().map(Scope::to_string).collect();
            return Err(format!(
                "this token is good for {}, and this needs one for {scope}",
                scopes.join(" and ")
            ));
        }
        Ok(())
    }

    fn by_certificate(&self, caller: &Caller<'_>) -> Option<Identity> {
        let certificate = caller.certificate.as_ref()?;
        let Certificate { name, fingerprint } = certificate;
        let shows = |rule: &&IdentityRule| rule.is_shown_by(name, fingerprint);
        Some(match self.identities.iter().find(shows) {
            Some(rule) => Identity::Named(rule.name.clone()),
            // Its authority says who it is, and the settings no more.
            None if name.is_empty() => {
                let digits = fingerprint.iter().map(|byte| format!("{byte:02x}"));
                Identity::Certificate(format!("sha256:{}", digits.collect::<String>()))
            }
            None => Identity::Certificate(name.to_string()),
        })
    }

    fn by_user(&self, caller: &Caller<'_>) -> Option<Identity> {
        let uid = caller.uid?;
        let rule = self.identities.iter().find(|rule| rule.uid == Some(uid))?;
        Some(Identity::Named(rule.name.clone()))
    }

    /// Whether who has shown who it is may do what it wants there. The endpoint listens at `place`.
    ///
    /// # Errors
    ///
    /// Why not, as a sentence for it.
    pub fn allow(
        &self,
        proven: Proven,
        endpoint: usize,
        place: &str,
        want: Want,
    ) -> Result<Grant, String> {
        let Proven { identity, shown } = proven;
        let Some(settings) = self.endpoints.get(endpoint) else {
            return Err("this endpoint is closed".to_string());
        };
        if let Some(admitted) = &settings.identities
            && !identity
                .name()
                .is_some_and(|name| admitted.iter().any(|other| other == name))
        {
            return Err(format!("{identity} may not come in at this endpoint"));
        }
        let (mut asks_only, mut manages) = (false, false);
        match &shown {
            None if want == Want::Status => {
                return Err(
                    "the server's state is told on its own machine, to its own user (use --server unix://... or shm://...), \
                     and to who has a token for administration (admin)"
                        .to_string(),
                );
            }
            // Who has no name is nobody in particular, and others are it as well.
            None if want == Want::Order && matches!(identity, Identity::Anonymous) => {
                return Err(
                    "sessions are ended and changed by the server's own user on its machine (use --server unix://... or shm://...), by who \
                     has a token for that (manage), and by those whose they are, if the server knows them"
                        .to_string(),
                );
            }
            None => {}
            Some(shown) => {
                let listen = settings.listen.to_string();
                let ends = &shown.endpoints;
                if !ends.is_empty() && !ends.iter().any(|end| *end == listen || end == place) {
                    return Err("the token in PILLION_TOKEN is not for this endpoint".to_string());
                }
                let covers = |needs| shown.scopes.iter().any(|scope| scope.covers(needs));
                manages = covers(Scope::Manage);
                let needs = match want {
                    // One's own sessions.
                    Want::Order if manages => Scope::Manage,
                    Want::Use | Want::Order => Scope::Cuda,
                    Want::Ask => Scope::Nvml,
                    Want::Status => Scope::Admin,
                };
                if !covers(needs) {
                    let scopes: Vec<String> = shown.scopes.iter().map(Scope::to_string).collect();
                    return Err(format!(
                        "the token in PILLION_TOKEN is good for {}, and this needs one for {needs}",
                        scopes.join(" and ")
                    ));
                }
                asks_only = !covers(Scope::Cuda);
            }
        }
        Ok(Grant {
            identity,
            endpoint,
            token: shown.map(|shown| shown.token),
            asks_only,
            manages,
        })
    }

    /// Why what was granted is over, if it is.
    pub fn over(&self, grant: &Grant) -> Option<&'static str> {
        if let Some(token) = &grant.token {
            let name = grant.identity.name().unwrap_or_default();
            if !self.tokens.keeps(token, name) {
                return Some("its token has been revoked");
            }
        } else if let Identity::Named(name) = &grant.identity
            && !self.identities.iter().any(|rule| rule.name == *name)
        {
            return Some("the settings do not know its identity any more");
        }
        let admitted = self.endpoints.get(grant.endpoint)?.identities.as_ref()?;
        let name = grant.identity.name();
        let is_admitted = name.is_some_and(|name| admitted.iter().any(|other| other == name));
        (!is_admitted).then_some("its identity may not come in at its endpoint any more")
    }
}

/// The policy that is in force, which changes while the server runs.
pub struct Door {
    state: Mutex<State>,
}

struct State {
    policy: Arc<Policy>,
    /// The token file that was read last, or that somebody is reading.
    seen: Option<Stamp>,
}

impl Door {
    /// A door with that policy.
    pub fn new(policy: Policy, seen: Option<Stamp>) -> Self {
        Door {
            state: Mutex::new(State {
                policy: Arc::new(policy),
                seen,
            }),
        }
    }

    /// The policy in force.
    pub fn policy(&self) -> Arc<Policy> {
        Arc::clone(&self.lock().policy)
    }

    /// Reads the token file again if it has changed, and says whether it had. One that cannot be read changes nothing: that half of an
    /// edit locks everybody out, or lets a revoked token in, is worse than that it waits for the other half.
    pub fn look(&self) -> bool {
        let policy = self.policy();
        let Some(path) = &policy.token_file else {
            return false;
        };
        let there = Stamp::of(path);
        {
            // Whoever sees the change first reads; the others go on with what was.
            let mut state = self.lock();
            if state.seen == there {
                return false;
            }
            state.seen = there;
        }
        let read = Tokens::read(path);
        let mut state = self.lock();
        if state.seen != there || state.policy.token_file != policy.token_file {
            // It has changed again, and another thread reads that.
            return false;
        }
        match read {
            Ok((tokens, stamp)) => {
                let (all, dead) = tokens.count(Moment::now());
                state.seen = Some(stamp);
                state.policy = Arc::new(Policy {
                    tokens: Arc::new(tokens),
                    ..(*state.policy).clone()
                });
                drop(state);
                tracing::info!(tokens = all, dead, "the token file has changed");
                true
            }
            Err(problems) => {
                drop(state);
                for problem in problems {
                    tracing::error!("the tokens known so far stay good: {}", problem.sentence());
                }
                false
            }
        }
    }

    /// Puts another policy in force.
    pub fn set(&self, policy: Policy, seen: Option<Stamp>) {
        let mut state = self.lock();
        state.policy = Arc::new(policy);
        state.seen = seen;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
pub mod tests {
    use std::path::Path;

    use super::*;
    use crate::settings::{Given, load};
    use crate::tokens::{Wanted, make, write};

    /// The policy of settings with this text and these tokens.
    pub fn policy(text: &str, tokens: Tokens) -> Policy {
        let path = std::env::temp_dir().join(format!(
            "pillion-policy-{}-{:?}",
            std::process::id(),
            std::thread::current().id()
        ));
        std::fs::write(&path, text).unwrap();
        let given = Given {
            config: Some(path.clone()),
            ..Given::default()
        };
        let (config, problems) = load(&given);
        std::fs::remove_file(&path).unwrap();
        let config = config.unwrap_or_else(|| panic!("{problems:?}"));
        Policy {
            endpoints: config.endpoints,
            everybody: Part::default(),
            identities: config.identities,
            token_file: None,
            tokens: Arc::new(tokens),
        }
    }

    /// Endpoints for each way to come in, as `load` would not take them without files.
    fn endpoints(policy: &mut Policy, with: &[(Authentication, Option<&[&str]>)]) {
        let one = policy.endpoints[0].clone();
        policy.endpoints = with
            .iter()
            .map(|(authentication, identities)| {
                let mut endpoint = one.clone();
                endpoint.authentication = *authentication;
                endpoint.identities =
                    identities.map(|names| names.iter().map(|name| name.to_string()).collect());
                endpoint
            })
            .collect();
    }

    fn wanted(identity: &str, scopes: &[Scope], endpoints: &[&str]) -> Wanted {
        Wanted {
            identity: identity.to_string(),
            lasts: None,
            scopes: scopes.to_vec(),
            endpoints: endpoints.iter().map(|end| end.to_string()).collect(),
        }
    }

    const RULES: &str = "listen = ['tcp://127.0.0.1:0']\n\
        [[identity]]\nname = 'ada'\nuid = 1000\ncertificate = 'ada.example'\n\
        [[identity]]\nname = 'bob'\ncertificate = 'sha256:1111111111111111111111111111111111111111111111111111111111111111'\n";

    fn come(
        policy: &Policy,
        endpoint: usize,
        caller: &Caller<'_>,
        want: Want,
    ) -> Result<Grant, String> {
        match policy.prove(endpoint, caller, Moment::now()) {
            Ok(proven) => policy.allow(proven, endpoint, "tcp://127.0.0.1:5", want),
            Err(Refusal::Wrong(reason) | Refusal::Plain(reason)) => Err(reason),
        }
    }

    fn local(token: &str, uid: Option<u32>) -> Caller<'_> {
        Caller {
            token,
            is_private: true,
            uid,
            cid: None,
            certificate: None,
        }
    }

    #[test]
    fn every_way_in_admits_whom_it_should() {
        let (text, record) = make(wanted("carol", &[], &[])).unwrap();
        let tokens = Tokens::parse(&write(&[record]), Path::new("t")).unwrap();
        let mut policy = policy(RULES, tokens);
        use Authentication::{Certificate as ByCertificate, Either, None as Nothing, Token};
        endpoints(
            &mut policy,
            &[
                (Nothing, None),
                (Token, None),
                (ByCertificate, None),
                (Either, None),
            ],
        );
        let certificate = |name, byte| Caller {
            certificate: Some(Certificate {
                name,
                fingerprint: [byte; 32],
            }),
            ..Caller::default()
        };
        let callers = [
            local("", None),
            local("", Some(1000)),
            local("", Some(7)),
            local(&text, Some(7)),
            local("pln_wrong", Some(1000)),
            certificate("ada.example", 9),
            certificate("mallory", 0x11),
            certificate("mallory", 9),
            Caller {
                token: &text,
                ..Caller::default()
            },
        ];
        let expected = [
            [
                "anonymous",
                "ada",
                "uid 7",
                "uid 7",
                "ada",
                "ada",
                "bob",
                "certificate mallory",
                "anonymous",
            ],
            ["", "", "", "carol", "", "", "", "", ""],
            ["", "", "", "", "", "ada", "bob", "certificate mallory", ""],
            [
                "",
                "ada",
                "",
                "carol",
                "",
                "ada",
                "bob",
                "certificate mallory",
                "",
            ],
        ];
        for (endpoint, expected) in expected.iter().enumerate() {
            for (caller, expected) in callers.iter().zip(expected) {
                let came = come(&policy, endpoint, caller, Want::Use);
                let came = came
                    .map(|grant| grant.identity.to_string())
                    .unwrap_or_default();
                assert_eq!(came, *expected, "{endpoint}: {caller:?}");
            }
        }
        // Only a token that is no good is a failed attempt.
        let failed = |caller: &Caller<'_>| {
            matches!(
                policy.prove(1, caller, Moment::now()),
                Err(Refusal::Wrong(_))
            )
        };
        assert_eq!(
            callers.each_ref().map(failed),
            [false, false, false, false, true, false, false, false, false]
        );
    }

    #[test]
    fn a_token_is_good_where_and_for_what_it_says() {
        let mut records = Vec::new();
        let mut token = |scopes: &[Scope], endpoints: &[&str]| {
            let (text, record) = make(wanted("ada", scopes, endpoints)).unwrap();
            records.push(record);
            text
        };
        let asks = token(&[Scope::Nvml], &[]);
        let rules = token(&[Scope::Admin], &[]);
        let all = token(&[Scope::Cuda, Scope::Admin], &[]);
        let manages = token(&[Scope::Manage], &[]);
        let here = token(&[], &["tcp://127.0.0.1:5"]);
        let there = token(&[], &["unix:///elsewhere"]);
        let tokens = Tokens::parse(&write(&records), Path::new("t")).unwrap();
        let mut policy = policy(RULES, tokens);
        endpoints(
            &mut policy,
            &[
                (Authentication::Token, None),
                (Authentication::Token, Some(&["bob"])),
            ],
        );
        for (token, good) in [
            (&asks, [false, true, false, false]),
            (&rules, [false, false, true, false]),
            (&all, [true, true, true, true]),
            (&manages, [false, false, true, true]),
            (&here, [true, true, false, true]),
            (&there, [false, false, false, false]),
        ] {
            let wants = [Want::Use, Want::Ask, Want::Status, Want::Order];
            for (want, good) in wants.into_iter().zip(good) {
                let came = come(&policy, 0, &local(token, None), want);
                assert_eq!(came.is_ok(), good, "{want:?}: {came:?}");
                assert!(come(&policy, 1, &local(token, None), want).is_err());
            }
        }
        let grant = |token: &str| come(&policy, 0, &local(token, None), Want::Ask).unwrap();
        assert!(grant(&asks).asks_only && !grant(&here).asks_only);
        let order = |token: &str| come(&policy, 0, &local(token, None), Want::Order).unwrap();
        assert!(order(&manages).manages && !order(&all).manages && !order(&here).manages);
    }

    #[test]
    fn what_was_granted_is_over_when_its_ground_is_gone() {
        let (text, record) = make(wanted("carol", &[], &[])).unwrap();
        let tokens = |record: &[crate::tokens::Record]| {
            Arc::new(Tokens::parse(&write(record), Path::new("t")).unwrap())
        };
        let mut policy = policy(RULES, Tokens::default());
        policy.tokens = tokens(&[record]);
        endpoints(&mut policy, &[(Authentication::Either, None)]);
        let by_token = come(&policy, 0, &local(&text, None), Want::Use).unwrap();
        let by_user = come(&policy, 0, &local("", Some(1000)), Want::Use).unwrap();
        let over = |policy: &Policy| {
            [
                policy.over(&by_token).is_some(),
                policy.over(&by_user).is_some(),
            ]
        };
        assert_eq!(over(&policy), [false, false]);
        let without = Policy {
            tokens: tokens(&[]),
            ..policy.clone()
        };
        assert_eq!(over(&without), [true, false]);
        let without = Policy {
            identities: Vec::new(),
            ..policy.clone()
        };
        assert_eq!(over(&without), [false, true]);
        endpoints(&mut policy, &[(Authentication::Either, Some(&["ada"]))]);
        assert_eq!(over(&policy), [true, false]);
    }

    #[test]
    fn a_door_sees_that_its_file_has_changed() {
        let path = std::env::temp_dir().join(format!("pillion-door-{}", std::process::id()));
        let (text, record) = make(wanted("ada", &[], &[])).unwrap();
        crate::tokens::update(&path, |records| {
            records.push(record.clone());
            Ok(())
        })
        .unwrap();
        let mut policy = policy(RULES, Tokens::default());
        policy.token_file = Some(path.clone());
        endpoints(&mut policy, &[(Authentication::Token, None)]);
        let door = Door::new(policy, None);
        let comes = || come(&door.policy(), 0, &local(&text, None), Want::Use).is_ok();
        assert!(!comes());
        assert!(door.look() && comes() && !door.look());
        // What cannot be read changes nothing, and is told once.
        std::fs::write(&path, "version = 1\n[[token").unwrap();
        assert!(!door.look() && !door.look() && comes());
        std::fs::remove_file(&path).unwrap();
        assert!(!door.look() && comes());
        crate::tokens::update(&path, |records| {
            records.push(crate::tokens::Record {
                revoked: Some(record.created),
                ..record.clone()
            });
            Ok(())
        })
        .unwrap();
        assert!(door.look() && !comes());
        std::fs::remove_file(&path).unwrap();
    }
}
