//! The figures of a [`Status`] as OpenMetrics text. `docs/src/monitoring.md` says what each is.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::{Registry, Unit};

use crate::account::{Account, WAITS};
use crate::broker::{GpuStatus, Status, TenantStatus};

/// What the text is.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The text.
pub fn text(status: Arc<Status>) -> Result<String, fmt::Error> {
    let mut registry = Registry::with_prefix("pillion");
    registry.register_collector(Box::new(Figures(status)));
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &registry)?;
    Ok(text)
}

#[derive(Debug)]
struct Figures(Arc<Status>);

impl Collector for Figures {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut page = Page(encoder);
        let status = &*self.0;
        page.server(status)?;
        page.gpus(&status.gpus)?;
        page.identities(&status.tenants)
    }
}

/// The labels of a line.
type Labels<'a, const N: usize> = [(&'static str, Cow<'a, str>); N];

struct Page<'a>(DescriptorEncoder<'a>);

impl Page<'_> {
    fn server(&mut self, status: &Status) -> fmt::Result {
        let build = [
            ("version", label(&status.version)),
            ("protocol", status.protocol.to_string().into()),
            ("device", label(&status.device)),
        ];
        self.family("build", "The server's version", None, MetricType::Info)?
            .encode_info(&build)?;
        let seconds = Some(Unit::Seconds);
        self.gauge(
            "uptime",
            "Since the server started",
            seconds,
            status.uptime_seconds,
        )?;
        self.gauge(
            "draining",
            "1: nobody is accepted any more",
            None,
            u64::from(status.draining),
        )?;
        self.gauge("sessions", "Sessions that run", None, status.sessions.len())?;
        self.gauge(
            "sessions_limit",
            "Most sessions at once",
            None,
            status.max_sessions,
        )?;
        self.counter("sessions_begun", "Sessions that have begun", status.served)?;
        let failed = status.tenants.iter().map(|tenant| tenant.failed);
        let failed = failed.fold(0, u64::saturating_add);
        self.counter(
            "sessions_failed",
            "Sessions that did not end by their clients' leaving",
            failed,
        )?;
        self.counter(
            "clients_refused",
            "Clients that were not let in",
            status.refused,
        )?;
        self.gauge(
            "clients_waiting",
            "Clients that wait for a worker, or for a place on the devices",
            None,
            status.waiting,
        )?;
        self.gauge(
            "clients_queued",
            "Those of them that wait for a place on the devices",
            None,
            status.queue.len(),
        )?;
        let workers = &status.workers;
        let states = [
            ("starting", workers.starting),
            ("ready", workers.ready),
            ("serving", workers.serving),
            ("stopping", workers.stopping),
        ];
        let mut family = self.family("workers", "Worker processes", None, MetricType::Gauge)?;
        for (state, count) in states {
            let labels = [("state", Cow::from(state))];
            ConstGauge::new(whole(count)).encode(family.encode_family(&labels)?)?;
        }
        Ok(())
    }

    fn gpus(&mut self, gpus: &[GpuStatus]) -> fmt::Result {
        let bytes = || Some(Unit::Bytes);
        self.each_gpu(
            gpus,
            "gpu_memory",
            "Device memory that it has",
            bytes(),
            |gpu| gpu.memory,
        )?;
        self.each_gpu(
            gpus,
            "gpu_promised",
            "Device memory that is promised to sessions",
            bytes(),
            |gpu| gpu.promised,
        )?;
        self.each_gpu(
            gpus,
            "gpu_sessions",
            "Sessions that are on it",
            None,
            |gpu| u64::from(gpu.sessions),
        )?;
        self.each_gpu(
            gpus,
            "gpu_exclusive",
            "1: a session has it to itself",
            None,
            |gpu| u64::from(gpu.exclusive),
        )?;
        self.each_gpu(
            gpus,
            "gpu_parked_sessions",
            "Sessions whose device memory is parked on the host",
            None,
            |gpu| u64::from(gpu.parked),
        )?;
        self.each_gpu(
            gpus,
            "gpu_parked",
            "Device memory that is promised to those, and not held",
            bytes(),
            |gpu| gpu.parked_memory,
        )
    }

    fn each_gpu(
        &mut self,
        gpus: &[GpuStatus],
        name: &str,
        help: &str,
        unit: Option<Unit>,
        value: impl Fn(&GpuStatus) -> u64,
    ) -> fmt::Result {
        let unit = unit.as_ref();
        let mut family = self
            .0
            .encode_descriptor(name, help, unit, MetricType::Gauge)?;
        for gpu in gpus {
            let labels: Labels<'_, 3> = [
                ("gpu", gpu.index.to_string().into()),
                ("name", label(&gpu.name)),
                ("uuid", label(&gpu.uuid)),
            ];
            ConstGauge::new(whole(value(gpu))).encode(family.encode_family(&labels)?)?;
        }
        Ok(())
    }

    fn identities(&mut self, all: &[TenantStatus]) -> fmt::Result {
        type Value = fn(&TenantStatus) -> u64;
        let gauges: [(&str, &str, Option<Unit>, Value); 4] = [
            ("sessions", "Sessions that run", None, |of| {
                of.sessions as u64
            }),
            ("waiting", "Clients that wait", None, |of| of.waiting as u64),
            (
                "memory",
                "Device memory that its sessions hold",
                Some(Unit::Bytes),
                |of| of.used.memory,
            ),
            (
                "memory_peak",
                "The most device memory that one of its sessions has held",
                Some(Unit::Bytes),
                |of| of.used.peak_memory,
            ),
        ];
        for (name, help, unit, value) in gauges {
            let name = format!("identity_{name}");
            let unit = unit.as_ref();
            let mut family = self
                .0
                .encode_descriptor(&name, help, unit, MetricType::Gauge)?;
            for of in all {
                let labels = identity(of);
                ConstGauge::new(whole(value(of))).encode(family.encode_family(&labels)?)?;
            }
        }
        let counters: [(&str, &str, Option<Unit>, Value); 10] = [
            ("sessions_begun", "Sessions that have begun", None, |of| {
                of.begun
            }),
            (
                "sessions_failed",
                "Sessions that did not end by their clients' leaving",
                None,
                |of| of.failed,
            ),
            (
                "refused",
                "Clients that were known and not let in",
                None,
                |of| of.refused,
            ),
            ("commands", "Commands executed", None, |of| of.used.commands),
            ("launches", "Kernels launched", None, |of| of.used.launches),
            (
                "errors",
                "Commands and waits that came to an error",
                None,
                |of| of.used.errors,
            ),
            (
                "received",
                "Received from clients",
                Some(Unit::Bytes),
                |of| of.used.bytes_in,
            ),
            ("sent", "Sent to clients", Some(Unit::Bytes), |of| {
                of.used.bytes_out
            }),
            (
                "cached",
                "Not received, as the content cache had it",
                Some(Unit::Bytes),
                |of| of.used.bytes_cached,
            ),
            (
                "saved",
                "Neither sent nor received, as what has it was packed",
                Some(Unit::Bytes),
                |of| of.used.bytes_saved,
            ),
        ];
        for (name, help, unit, value) in counters {
            let name = format!("identity_{name}");
            let unit = unit.as_ref();
            let mut family = self
                .0
                .encode_descriptor(&name, help, unit, MetricType::Counter)?;
            for of in all {
                let labels = identity(of);
                ConstCounter::new(value(of)).encode(family.encode_family(&labels)?)?;
            }
        }
        let seconds = Unit::Seconds;
        let mut family = self.0.encode_descriptor(
            "identity_device_time",
            "Time during which a device had something of a session's to do, alone or beside others",
            Some(&seconds),
            MetricType::Counter,
        )?;
        for of in all {
            let labels = identity(of);
            let busy = ConstCounter::new(in_seconds(of.used.busy));
            busy.encode(family.encode_family(&labels)?)?;
        }
        type Times = fn(&TenantStatus) -> (&[u64; WAITS], u64);
        let histograms: [(&str, &str, Times); 2] = [
            (
                "wait",
                "How long a program waited for the device, each time",
                |of: &TenantStatus| {
                    let Account { waits, waited, .. } = &of.used;
                    (waits, *waited)
                },
            ),
            (
                "start",
                "How long a client waited from its greeting to its session's beginning",
                |of| (&of.starts, of.starting),
            ),
        ];
        for (name, help, times) in histograms {
            let name = format!("identity_{name}");
            let kind = MetricType::Histogram;
            let mut family = self
                .0
                .encode_descriptor(&name, help, Some(&seconds), kind)?;
            for of in all {
                let labels = identity(of);
                let (classes, sum) = times(of);
                histogram(family.encode_family(&labels)?, classes, sum)?;
            }
        }
        Ok(())
    }

    fn family<'s>(
        &'s mut self,
        name: &'s str,
        help: &str,
        unit: Option<&'s Unit>,
        kind: MetricType,
    ) -> Result<MetricEncoder<'s>, fmt::Error> {
        self.0.encode_descriptor(name, help, unit, kind)
    }

    fn gauge(
        &mut self,
        name: &str,
        help: &str,
        unit: Option<Unit>,
        value: impl TryInto<i64>,
    ) -> fmt::Result {
        let gauge = ConstGauge::new(whole(value));
        gauge.encode(self.family(name, help, unit.as_ref(), MetricType::Gauge)?)
    }

    fn counter(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        let counter = ConstCounter::new(value);
        counter.encode(self.family(name, help, None, MetricType::Counter)?)
    }
}

/// A gauge's value. The library's have a sign, and more than fits is an error of it, with which nothing would be told any more.
fn whole(value: impl TryInto<i64>) -> i64 {
    value.try_into().unwrap_or(i64::MAX)
}

fn identity(of: &TenantStatus) -> Labels<'_, 1> {
    [("identity", label(&of.identity))]
}

/// Nanoseconds.
fn in_seconds(nanos: u64) -> f64 {
    nanos as f64 / 1e9
}

/// The classes of waits as a histogram. What a worker has written that somebody has taken over may be anything, and is added up.
fn histogram(mut encoder: MetricEncoder<'_>, classes: &[u64; WAITS], sum: u64) -> fmt::Result {
    let mut count = 0_u64;
    let mut buckets = [(f64::MAX, 0); WAITS];
    for (class, (bucket, more)) in buckets.iter_mut().zip(classes).enumerate() {
        let more = (*more).min(u64::MAX - count);
        count += more;
        // The last one has no end, which the library writes for this number.
        let end = match class {
            _ if class == WAITS - 1 => f64::MAX,
            _ => (2_u64 << class) as f64 / 1e6,
        };
        *bucket = (end, more);
    }
    encoder.encode_histogram::<NoLabelSet>(in_seconds(sum), count, &buckets, None)
}

/// A label's value as the text has it: the library writes it as it is. Names of certificates are a stranger's text.
fn label(value: &str) -> Cow<'_, str> {
    if !value.contains(['\\', '"']) && !value.contains(char::is_control) {
        return Cow::Borrowed(value);
    }
    let mut escaped = String::with_capacity(value.len() + 8);
    for c in value.chars() {
        match c {
            '\\' | '"' => escaped.extend(['\\', c]),
            '\n' => escaped.push_str("\\n"),
            // They would be allowed, and are of use to nobody.
            _ if c.is_control() => escaped.push('\u{fffd}'),
            _ => escaped.push(c),
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(identity: &str) -> TenantStatus {
        TenantStatus {
            identity: identity.to_string(),
            ..TenantStatus::default()
        }
    }

    fn text_of(tenants: Vec<TenantStatus>) -> String {
        let status = Status {
            tenants,
            ..Status::default()
        };
        text(Arc::new(status)).unwrap()
    }

    #[test]
    fn names_stay_within_their_quotes() {
        let text = text_of(vec![of("certificate a\"b\\c\nd\re } 1\u{7f}ü")]);
        let line = "pillion_identity_commands_total{identity=\"certificate a\\\"b\\\\c\\nd\u{fffd}e } 1\u{fffd}ü\"} 0";
        assert!(text.lines().any(|other| other == line), "{text}");
        assert!(!text.contains(['\r', '\u{7f}']));
        assert!(text.lines().all(|line| line.starts_with(['#', 'p'])));
    }

    #[test]
    fn classes_of_waits_become_buckets() {
        let mut ada = of("ada");
        (
            ada.used.waits[0],
            ada.used.waits[1],
            ada.used.waits[WAITS - 1],
        ) = (3, 4, 5);
        ada.used.waited = 2_500_000_000;
        ada.used.busy = 1_500_000_000;
        let text = text_of(vec![ada]);
        let has =
            |wanted: &str| assert!(text.lines().any(|line| line == wanted), "{wanted}\n{text}");
        has("pillion_identity_wait_seconds_sum{identity=\"ada\"} 2.5");
        has("pillion_identity_wait_seconds_count{identity=\"ada\"} 12");
        has("pillion_identity_wait_seconds_bucket{le=\"0.000002\",identity=\"ada\"} 3");
        has("pillion_identity_wait_seconds_bucket{le=\"0.000004\",identity=\"ada\"} 7");
        has("pillion_identity_wait_seconds_bucket{le=\"0.524288\",identity=\"ada\"} 7");
        has("pillion_identity_wait_seconds_bucket{le=\"+Inf\",identity=\"ada\"} 12");
        has("pillion_identity_start_seconds_bucket{le=\"+Inf\",identity=\"ada\"} 0");
        has("pillion_identity_device_time_seconds_total{identity=\"ada\"} 1.5");
        has("# UNIT pillion_identity_wait_seconds seconds");
        assert!(text.ends_with("# EOF\n"));
    }

    #[test]
    fn what_a_worker_makes_up_is_told() {
        let mut eve = of("eve");
        eve.used.waits = [u64::MAX; WAITS];
        (eve.used.waited, eve.used.busy, eve.used.memory) = (u64::MAX, u64::MAX, u64::MAX);
        eve.failed = u64::MAX;
        let text = text_of(vec![eve.clone(), of("ada"), eve]);
        let most = u64::MAX;
        let count = format!("pillion_identity_wait_seconds_count{{identity=\"eve\"}} {most}");
        assert!(text.contains(&count), "{text}");
        assert!(text.contains(&format!(
            "pillion_identity_memory_bytes{{identity=\"eve\"}} {}\n",
            i64::MAX
        )));
        assert!(text.contains(&format!("pillion_sessions_failed_total {most}\n")));
    }
}
