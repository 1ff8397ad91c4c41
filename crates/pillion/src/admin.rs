//! `pillion cancel`, `change`, `drain` and `reload`: what an operator has a server do while it runs.

use std::process::ExitCode;

use pillion_server::broker::{Change, Order};
use pillion_server::settings::{self, Priority};

use crate::{Servers, client};

/// Where to, and how to tell of it.
#[derive(clap::Args)]
struct Common {
    #[command(flatten)]
    servers: Servers,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// `pillion cancel`.
#[derive(clap::Args)]
pub struct Cancel {
    /// The session, as `pillion status` names it: the beginning of its identity, or w and a number for one that waits
    session: String,
    /// What its program is told
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    common: Common,
}

/// `pillion change`.
#[derive(clap::Args)]
pub struct Changing {
    /// The session, as `pillion status` names it: the beginning of its identity, or w and a number for one that waits
    session: String,
    /// How much of each of its devices' memory it may hold, such as 20G
    #[arg(long, value_name = "SIZE", value_parser = settings::size)]
    memory: Option<u64>,
    /// What it gets in proportion to others, who have 100 unless something else is said
    #[arg(long, value_name = "N")]
    weight: Option<u32>,
    /// Whether it goes before others: low, normal or high
    #[arg(long, value_name = "CLASS")]
    priority: Option<Priority>,
    #[command(flatten)]
    common: Common,
}

/// `pillion drain`.
#[derive(clap::Args)]
pub struct Drain {
    /// End the sessions that are left after so many seconds [default: as the server's settings say]
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<u64>,
    #[command(flatten)]
    common: Common,
}

/// `pillion reload`.
#[derive(clap::Args)]
pub struct Reload {
    #[command(flatten)]
    common: Common,
}

/// Ends a session.
pub fn cancel(options: Cancel) -> anyhow::Result<ExitCode> {
    let Cancel {
        session,
        reason,
        common,
    } = options;
    give(&common, &Order::Cancel { session, reason })
}

/// Changes what a session has.
pub fn change(options: Changing) -> anyhow::Result<ExitCode> {
    let to = Change {
        memory: options.memory,
        weight: options.weight,
        priority: options.priority,
    };
    let session = options.session;
    give(&options.common, &Order::Change { session, to })
}

/// Has the server end once its sessions have.
pub fn drain(options: &Drain) -> anyhow::Result<ExitCode> {
    let timeout = options.timeout;
    give(&options.common, &Order::Drain { timeout })
}

/// Has the server read its settings again.
pub fn reload(options: &Reload) -> anyhow::Result<ExitCode> {
    give(&options.common, &Order::Reload)
}

fn give(common: &Common, order: &Order) -> anyhow::Result<ExitCode> {
    let uri = common.servers.to_be_managed("takes orders")?;
    let done = client::order(&uri, order)?;
    if common.json {
        println!("{}", serde_json::to_string_pretty(&done)?);
    } else {
        for sentence in &done.said {
            println!("{sentence}");
        }
    }
    Ok(ExitCode::SUCCESS)
}
