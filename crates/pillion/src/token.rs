//! `pillion token`: the tokens by which a server knows its clients.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use pillion_server::tokens::{self, Moment, Record, Scope, Wanted};
use pillion_transport::Uri;

use crate::table;

/// `pillion token`.
#[derive(clap::Args)]
pub struct Options {
    #[command(subcommand)]
    command: Command,
    /// The token file [default: $XDG_CONFIG_HOME/pillion/tokens.toml or ~/.config/pillion/tokens.toml, for root
    /// /etc/pillion/tokens.toml]
    #[arg(long, global = true, value_name = "FILE")]
    file: Option<PathBuf>,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Make a token, and print it: it is told this once, and kept nowhere
    Create {
        /// Whose it is
        name: String,
        /// How long it opens sessions, such as 30d or 12h [default: until it is revoked]
        #[arg(long, value_name = "TIME", value_parser = time)]
        expires: Option<Duration>,
        /// What it is good for: cuda, nvml (asking about the devices alone), admin (asking about all sessions), manage (that, and ending
        /// and changing them) or metrics (the figures of the web view alone); may be repeated [default: cuda]
        #[arg(long, value_name = "SCOPE")]
        scope: Vec<Scope>,
        /// At which of the server's endpoints it is good, as its settings say them; may be repeated [default: all]
        #[arg(long, value_name = "URI", value_parser = crate::uri)]
        endpoint: Vec<Uri>,
    },
    /// List the tokens
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Revoke a token: it opens nothing any more, and the sessions that it has opened are ended
    Revoke {
        /// The part between pln_ and the next _
        id: String,
    },
    /// Remove the tokens that have expired or were revoked from the file
    Prune,
}

/// Does it.
pub fn run(options: Options) -> anyhow::Result<ExitCode> {
    let file = match options.file {
        Some(file) => file,
        None => default_file().context("this user has no home: name the token file with --file")?,
    };
    let failed = anyhow::Error::msg;
    match options.command {
        Command::Create {
            name,
            expires,
            scope,
            endpoint,
        } => {
            let wanted = Wanted {
                identity: name,
                lasts: expires,
                scopes: scope,
                endpoints: endpoint.iter().map(Uri::to_string).collect(),
            };
            let (text, record) = tokens::make(wanted).map_err(failed)?;
            let said = described(&record);
            tokens::update(&file, |records| {
                // 48 random bits may come twice, one day.
                if records.iter().any(|other| other.id == record.id) {
                    return Err("there is a token of this name already: try again".to_string());
                }
                records.push(record);
                Ok(())
            })
            .map_err(failed)?;
            eprintln!("{said}; in {}", file.display());
            println!("{text}");
        }
        Command::List { json } => {
            let records = tokens::list(&file).map_err(failed)?;
            if json {
                println!("{}", serde_json::to_string_pretty(&records)?);
            } else if records.is_empty() {
                println!("{} holds no token", file.display());
            } else {
                println!("{}", listed(&records));
            }
        }
        Command::Revoke { id } => {
            let said = tokens::update(&file, |records| {
                let record = records
                    .iter_mut()
                    .find(|record| record.id == id)
                    .ok_or_else(|| {
                        format!(
                            "{} has no token {}: `pillion token list` shows those that there are",
                            file.display(),
                            id.chars().take(40).collect::<String>()
                        )
                    })?;
                record.revoked.get_or_insert(Moment::now());
                Ok(format!("{} of {} is revoked", record.id, record.identity))
            })
            .map_err(failed)?;
            println!("{said}");
        }
        Command::Prune => {
            let now = Moment::now();
            let count = tokens::update(&file, |records| {
                let before = records.len();
                records.retain(|record| !record.is_dead(now));
                Ok(before - records.len())
            })
            .map_err(failed)?;
            println!("{count} removed");
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn time(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text)
        .map_err(|_| format!("{text:?} is no time such as 30d, 12h or 90min"))
}

fn default_file() -> Option<PathBuf> {
    let absolute = |name: &str| {
        let path = PathBuf::from(std::env::var_os(name)?);
        path.is_absolute().then_some(path)
    };
    let base = match absolute("XDG_CONFIG_HOME") {
        Some(base) => base,
        None if rustix::process::getuid().is_root() => PathBuf::from("/etc"),
        None => absolute("HOME")?.join(".config"),
    };
    Some(base.join("pillion/tokens.toml"))
}

fn described(record: &Record) -> String {
    let scopes: Vec<String> = record.scopes.iter().map(Scope::to_string).collect();
    let until = match record.expires {
        Some(expires) => format!("until {expires}"),
        None => "until it is revoked".to_string(),
    };
    let at = match record.endpoints.is_empty() {
        true => String::new(),
        false => format!(" at {}", record.endpoints.join(", ")),
    };
    format!(
        "token {} of {}, for {}{at}, {until}",
        record.id,
        record.identity,
        scopes.join(" and ")
    )
}

fn listed(records: &[Record]) -> impl std::fmt::Display {
    let now = Moment::now();
    let mut table = table::table(&["token", "of", "for", "at", "created", "state"]);
    for record in records {
        let scopes: Vec<String> = record.scopes.iter().map(Scope::to_string).collect();
        let state = match (record.revoked, record.expires) {
            (Some(revoked), _) => format!("revoked {revoked}"),
            (None, Some(expires)) if expires <= now => format!("expired {expires}"),
            (None, Some(expires)) => format!("until {expires}"),
            (None, None) => "good".to_string(),
        };
        table.add_row([
            record.id.clone(),
            record.identity.clone(),
            scopes.join(" "),
            record.endpoints.join(" "),
            record.created.to_string(),
            state,
        ]);
    }
    table
}
