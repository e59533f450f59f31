//! Turns at the table: whatever some endpoints hold, want and weigh, every other one is read within a known number
//! of reads, and what stands behind a place is found within a minute.

use proptest::prelude::*;

use super::*;

/// Many endpoints, of which some always have more in the table than anybody can send.
struct LoadFixture {
    lanes: Lanes,
    busy: Vec<EndpointId>,
    /// In how many reads running each endpoint wanted to be read and was not.
    waited: HashMap<EndpointId, usize>,
    ms: u64,
    began: Instant,
}

impl LoadFixture {
    fn with_endpoints(idle: usize, busy: usize) -> Self {
        let mut lanes = Lanes::new(4_096);
        let mut ids: Vec<_> = (0..idle + busy).map(|_| EndpointId::generate()).collect();
        for id in &ids {
            lanes.open(active_endpoint(*id, true, 64), 1, START);
        }
        Self {
            lanes,
            busy: ids.split_off(idle),
            waited: ids.into_iter().map(|id| (id, 0)).collect(),
            ms: 0,
            began: Instant::now(),
        }
    }

    /// One read of a poll, in which busy endpoints bring all they are asked for, in rows of this size.
    fn read(&mut self, row_bytes: usize) -> usize {
        self.ms += 250;
        let now = self.began + Duration::from_millis(self.ms);
        self.lanes.tick(now);
        let requests = self.lanes.plan_read(true, false);
        self.waited.values_mut().for_each(|reads| *reads += 1);
        let mut rows = Vec::new();
        for request in &requests {
            self.waited.insert(request.endpoint, 0);
            if self.busy.contains(&request.endpoint) {
                let row = || (row_of_size(request.endpoint, row_bytes), false);
                rows.extend((0..request.limit).map(|_| row()));
            }
        }
        self.lanes.fill(&requests, rows, now);
        let at = START + Duration::from_millis(self.ms);
        while let Some(picked) = self.lanes.take(at, now) {
            self.lanes
                .on_finished(&picked, EndpointSignal::Accepted, at);
            self.lanes.on_recorded(&picked, true, now);
        }
        requests.len()
    }
}

/// A row of about that many bytes.
fn row_of_size(endpoint: EndpointId, bytes: usize) -> QueuedDelivery {
    let light = delivery(endpoint, OrderId::generate(), 0);
    let event = Event {
        data: "x".repeat(bytes).into(),
        ..Event::clone(&light.event)
    };
    QueuedDelivery {
        event: Arc::new(event),
        ..light
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn a_lane_asked_in_every_poll_is_read_within_as_many_polls_as_all_lanes_need(
        idle in 1..1_500_usize,
        busy in 0..12_usize,
        row_bytes in prop_oneof![Just(1), Just(2_000), Just(100_000)],
    ) {
        let mut fixture = LoadFixture::with_endpoints(idle, busy);
        // Each lane has an eighth of the room at most, and an idle one 128 kB.
        let within = (idle + busy).div_ceil(512) + busy.div_ceil(4) + 1;
        for _ in 0..3 * within {
            let lanes_read = fixture.read(row_bytes);
            prop_assert!(lanes_read > 0, "a read that asks nobody");
            let longest = fixture.waited.values().max().unwrap();
            prop_assert!(*longest <= within, "{longest} reads, not {within}");
        }
    }
}

#[test]
fn whoever_does_not_fit_is_waited_for() {
    let mut fixture = LanesFixture::new();
    // One endpoint's rows weigh a megabyte each; of the others' room less than that falls free at a time.
    let large = fixture.endpoint;
    let first = row_of_size(large, 1 << 20);
    fixture.read(&[(first, false)]);
    assert!(fixture.take().is_some());
    for _ in 0..40 {
        let id = EndpointId::generate();
        fixture.lanes.open(active_endpoint(id, true, 64), 1, START);
    }
    let mut reads_without = 0;
    for _ in 0..300 {
        fixture.ms += 10;
        let requests = fixture.lanes.plan_read(true, false);
        reads_without = match requests.iter().any(|request| request.endpoint == large) {
            true => 0,
            false => reads_without + 1,
        };
        // Each of the 40 others is asked at least once in the meantime, then its megabyte falls free in a few reads.
        assert!(reads_without <= 60, "passed over {reads_without} times");
        let rows = requests.iter().filter(|request| request.endpoint != large);
        let rows = rows.flat_map(|request| {
            (0..request.limit).map(|_| (row_of_size(request.endpoint, 60_000), false))
        });
        let rows = rows.collect();
        fixture.lanes.fill(&requests, rows, fixture.instant());
        for picked in (0..8).filter_map(|_| fixture.take()).collect::<Vec<_>>() {
            fixture.finish(&picked, EndpointSignal::Accepted);
            fixture.record(&picked, true);
        }
    }
}

#[test]
fn what_commits_behind_the_place_is_found_within_a_minute_by_polls_alone() {
    let mut fixture = LanesFixture::new();
    fixture.ms = 40_000;
    let ahead = fixture.delivery();
    fixture.read(&[(ahead.clone(), false)]);
    let picked = fixture.take().unwrap();
    fixture.finish(&picked, EndpointSignal::Accepted);
    fixture.record(&picked, true);
    // As after a transaction of a quarter of a minute, or a clock that was set back.
    let behind = delivery(fixture.endpoint, OrderId::generate(), 0);
    let (from, mut found) = (fixture.ms, None);
    while found.is_none() {
        fixture.ms += 250;
        assert!(fixture.ms - from <= 60_000, "not found within a minute");
        let now = fixture.instant();
        fixture.lanes.tick(now);
        fixture.read(&[(behind.clone(), false)]);
        found = fixture.take();
    }
    assert_eq!(found.unwrap().delivery.id, behind.id);
}

#[test]
fn a_hint_leads_back_to_what_it_tells_of() {
    let mut fixture = LanesFixture::new();
    fixture.ms = 40_000;
    let ahead = fixture.delivery();
    fixture.read(&[(ahead, false)]);
    assert!(fixture.take().is_some());
    let behind = delivery(fixture.endpoint, OrderId::generate(), 0);
    let shards = [Shard::of(fixture.endpoint)];
    fixture.lanes.hint(&shards, None);
    fixture.read(&[(behind.clone(), false)]);
    assert!(fixture.take().is_none(), "half a second back");
    fixture.lanes.hint(&shards, Some(behind.due_at));
    fixture.read(&[(behind.clone(), false)]);
    assert_eq!(fixture.take().unwrap().delivery.id, behind.id);
}
