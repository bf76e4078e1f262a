//! A runtime whose clock is wrong (protocol 8): everything else is the deterministic runtime.

use commonware_runtime::{
    BlobVersion, Clock, Error, Handle, Metrics, Name, Spawner, Storage, Supervisor, deterministic,
    signal::Signal,
    telemetry::metrics::{Metric, Registered},
};
use governor::clock::{Clock as GovernorClock, ReasonablyRealtime};
use rand_core::{TryCryptoRng, TryRng};
use std::{
    convert::Infallible,
    future::Future,
    ops::RangeInclusive,
    time::{Duration, SystemTime},
};

/// The deterministic runtime with a clock that is `offset_ms` ahead (or, negative, behind).
pub struct Skewed {
    inner: deterministic::Context,
    offset_ms: i64,
}

impl Skewed {
    /// Wraps `inner`.
    #[must_use]
    pub const fn new(inner: deterministic::Context, offset_ms: i64) -> Self {
        Self { inner, offset_ms }
    }

    const fn with(&self, inner: deterministic::Context) -> Self {
        Self { inner, offset_ms: self.offset_ms }
    }

    fn shift(&self, time: SystemTime, sign: i64) -> SystemTime {
        let offset = self.offset_ms * sign;
        let by = Duration::from_millis(offset.unsigned_abs());
        let shifted = if offset < 0 { time.checked_sub(by) } else { time.checked_add(by) };
        shifted.unwrap_or(SystemTime::UNIX_EPOCH)
    }
}

impl Supervisor for Skewed {
    fn name(&self) -> Name {
        self.inner.name()
    }
    fn child(&self, label: &'static str) -> Self {
        self.with(self.inner.child(label))
    }
    fn with_attribute(self, key: &'static str, value: impl std::fmt::Display) -> Self {
        let Self { inner, offset_ms } = self;
        Self { inner: inner.with_attribute(key, value), offset_ms }
    }
}

impl Spawner for Skewed {
    fn shared(self, blocking: bool) -> Self {
        let Self { inner, offset_ms } = self;
        Self { inner: inner.shared(blocking), offset_ms }
    }
    fn dedicated(self) -> Self {
        let Self { inner, offset_ms } = self;
        Self { inner: inner.dedicated(), offset_ms }
    }
    fn spawn<F, Fut, T>(self, f: F) -> Handle<T>
    where
        F: FnOnce(Self) -> Fut + Send + 'static,
        Fut: Future<Output = T> + Send + 'static,
        T: Send + 'static,
    {
        let Self { inner, offset_ms } = self;
        inner.spawn(move |inner| f(Self { inner, offset_ms }))
    }
    fn stop(self, value: i32, timeout: Option<Duration>) -> impl Future<Output = Result<(), Error>> + Send {
        self.inner.stop(value, timeout)
    }
    fn stopped(&self) -> Signal {
        self.inner.stopped()
    }
}

impl Metrics for Skewed {
    fn register<N: Into<String>, H: Into<String>, M: Metric>(&self, name: N, help: H, metric: M) -> Registered<M> {
        self.inner.register(name, help, metric)
    }
    fn encode(&self) -> String {
        self.inner.encode()
    }
}

impl GovernorClock for Skewed {
    type Instant = SystemTime;
    fn now(&self) -> SystemTime {
        self.current()
    }
}
impl ReasonablyRealtime for Skewed {}

impl Clone for Skewed {
    fn clone(&self) -> Self {
        self.with(self.inner.child("clock"))
    }
}

impl Clock for Skewed {
    fn current(&self) -> SystemTime {
        self.shift(self.inner.current(), 1)
    }
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send + 'static + use<> {
        self.inner.sleep(duration)
    }
    fn sleep_until(&self, deadline: SystemTime) -> impl Future<Output = ()> + Send + 'static + use<> {
        self.inner.sleep_until(self.shift(deadline, -1))
    }
}

impl TryRng for Skewed {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.inner.try_next_u32()
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.inner.try_next_u64()
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.inner.try_fill_bytes(bytes)
    }
}
impl TryCryptoRng for Skewed {}

impl Storage for Skewed {
    type Blob = <deterministic::Context as Storage>::Blob;

    async fn open_versioned(
        &self,
        partition: &str,
        name: &[u8],
        versions: RangeInclusive<BlobVersion>,
    ) -> Result<(Self::Blob, u64, BlobVersion), Error> {
        self.inner.open_versioned(partition, name, versions).await
    }
    async fn remove(&self, partition: &str, name: Option<&[u8]>) -> Result<(), Error> {
        self.inner.remove(partition, name).await
    }
    async fn scan(&self, partition: &str) -> Result<Vec<Vec<u8>>, Error> {
        self.inner.scan(partition).await
    }
}
