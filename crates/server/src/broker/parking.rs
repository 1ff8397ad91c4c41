//! Parking: the memory of idle sessions is moved to the host's, so that others have a place, and back when their programs go on.
//!
//! Who is parked for whom, and who comes back when, is [`pillion_tenancy::placement`]'s to decide; here it is said to the workers, and heard
//! what has come of it. What a worker says of it has to be what comes next, or the session ends. One that somebody has taken over can say
//! that it is parked when it is not; it could as well hold more than its quota, which is imposed there.
//!
//! ```text
//!   running --Park--> parking --Parked--> parked --Wants--> waiting --Return--> returning --Back--> running
//!                        |                                                          |
//!                        +------Stays-------> running                               +---Lost---> ends
//! ```

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use pillion_tenancy::Session;

use super::places::Places;
use super::process::{State, Worker};
use super::status::SessionState;
use crate::worker::reports::{Report, Why};
use crate::worker::said::Said;

/// How long a session whose memory cannot be moved is not asked again. What is in the way may go: memory that other processes have.
const CANNOT: Duration = Duration::from_secs(600);
/// How often it is looked, while somebody waits, whether sessions have become idle: they say so in memory, and wake nobody.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long a worker may take to move memory, and for how many bytes more a second more: a gigabyte in a second was measured, and more. It
/// hears nothing meanwhile, and a driver that does not come back is nobody's.
const MOVES_WITHIN: Duration = Duration::from_secs(60);
const BYTES_A_SECOND: u64 = 128 << 20;
/// How long a worker may take to end that has said what none says.
const STOP_LIMIT: Duration = Duration::from_secs(2);

/// Has idle sessions parked for those who wait and cannot begin.
pub fn attend(workers: &mut [Worker], places: &mut Places, now: Instant) {
    if !places.parks() {
        return;
    }
    let idle = idle(workers, now);
    for session in places.park(&idle, now) {
        order(workers, session, &Said::Park, SessionState::Parking);
    }
}

/// When to attend again though nothing has happened.
pub fn attend_at(workers: &[Worker], places: &Places) -> Option<Instant> {
    if !places.parks() {
        return None;
    }
    let now = Instant::now();
    let ripe = places.park_at(&idle(workers, now), now);
    ripe.into_iter().chain([now + LOOK_EVERY]).min()
}

/// A parked session has its place again.
pub fn returns(workers: &mut [Worker], session: Session) {
    order(workers, session, &Said::Return, SessionState::Returning);
}

/// A worker says what has come of it.
pub fn heard(worker: &mut Worker, report: &Report, places: &mut Places, now: Instant) {
    let pid = worker.pid();
    let State::Serving(served) = &mut worker.state else {
        return wrong(worker, report, now);
    };
    let Some(place) = served.place else {
        return wrong(worker, report, now);
    };
    let session = &mut served.session;
    let is_next = match (report, session.state) {
        (Report::Parked, SessionState::Parking) => {
            session.state = SessionState::Parked;
            session.parked += 1;
            places.parked(place, now)
        }
        (Report::Stays(why), SessionState::Parking) => {
            tracing::info!(session = session.id, ?why, "is not parked");
            session.state = SessionState::Running;
            let spared = match why {
                Why::Busy => Duration::ZERO,
                Why::Cannot => CANNOT,
            };
            places.stays(place, spared, now)
        }
        (Report::Wants, SessionState::Parked) => {
            session.state = SessionState::Waiting;
            places.returns(place, now)
        }
        (Report::Back, SessionState::Returning) => {
            session.state = SessionState::Running;
            true
        }
        (Report::Lost(status), SessionState::Parking | SessionState::Returning) => {
            tracing::error!(
                session = session.id,
                worker = pid,
                "its memory cannot be moved back to the device: CUDA error {status}"
            );
            let reason = format!(
                "it was idle and its memory was moved to the host, and could not be moved back to the device (CUDA error {status})"
            );
            // The worker says so to its client, and ends by itself.
            served.ending.get_or_insert(reason);
            worker.closing(now + STOP_LIMIT);
            true
        }
        _ => false,
    };
    if is_next && !matches!(report, Report::Lost(_)) {
        worker.kill_by(None);
    }
    if !is_next {
        wrong(worker, report, now);
    }
}

/// A worker is about to be killed, perhaps as it does not come back from moving memory.
pub fn give_up(worker: &mut Worker) {
    if let State::Serving(served) = &mut worker.state
        && matches!(
            served.session.state,
            SessionState::Parking | SessionState::Returning
        )
    {
        let reason =
            "the device's driver does not come back from moving its memory to the host or back";
        served.ending.get_or_insert(reason.to_string());
    }
}

/// A worker has said what does not come next: it is not what it should be.
fn wrong(worker: &mut Worker, report: &Report, now: Instant) {
    tracing::error!(
        worker = worker.pid(),
        "it says {report:?}, which does not come next"
    );
    worker.end("its worker says what no worker says", now + STOP_LIMIT);
}

/// Since when sessions have nothing to do, of those that can be parked.
fn idle(workers: &[Worker], now: Instant) -> BTreeMap<Session, Instant> {
    let idle = workers.iter().filter_map(|worker| {
        let served = worker.serving()?;
        // What others have mapped for it, and who has the device at the same time, cannot be left out.
        let may = served.session.state == SessionState::Running
            && served.quota.is_some()
            && worker.sort.dense.is_none()
            && !worker.sort.networked;
        let session = served.place.filter(|_| may)?;
        Some((session, worker.page().idle_since(now)?))
    });
    idle.collect()
}

/// The worker of a session, unless that is being ended.
fn of(workers: &mut [Worker], session: Session) -> Option<&mut Worker> {
    let is_its = |worker: &&mut Worker| {
        let served = worker.serving();
        served.is_some_and(|served| served.place == Some(session))
    };
    workers.iter_mut().find(is_its)
}

/// Says something to a session's worker, which changes where its memory is.
fn order(workers: &mut [Worker], session: Session, said: &Said, state: SessionState) {
    let Some(worker) = of(workers, session) else {
        return;
    };
    let pid = worker.pid();
    if let State::Serving(served) = &mut worker.state {
        tracing::info!(
            session = served.session.id,
            identity = served.session.identity,
            worker = pid,
            "is {state}"
        );
        served.session.state = state;
        let bytes = served.quota.unwrap_or(0);
        let most = MOVES_WITHIN + Duration::from_secs(bytes / BYTES_A_SECOND);
        worker.kill_by(Some(Instant::now() + most));
    }
    worker.say(said);
}
