//! Turns at the table: whatever some endpoints hold, want and weigh, every other one is read within a known number
//! of reads, and what stands behind a place is found within a minute.

use proptest::prelude::*;

use super::*;

/// Many endpoints, of which some always have more in the table than anybody can send.
struct Crowd {
    lanes: Lanes,
    busy: Vec<EndpointId>,
    /// In how many reads running each endpoint wanted to be read and was not.
    waited: HashMap<EndpointId, usize>,
    ms: u64,
    began: Instant,
}

impl Crowd {
    fn of(idle: usize, busy: usize) -> Self {
        let mut lanes = Lanes::new(4_096);
        let mut ids: Vec<_> = (0..idle + busy).map(|_| EndpointId::generate()).collect();
        for id in &ids {
            lanes.open(view(*id, true, 64), 1, START);
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
        let wants = self.lanes.wants(true, false);
        self.waited.values_mut().for_each(|reads| *reads += 1);
        let mut rows = Vec::new();
        for want in &wants {
            self.waited.insert(want.endpoint, 0);
            if self.busy.contains(&want.endpoint) {
                let row = || (heavy(want.endpoint, row_bytes), false);
                rows.extend((0..want.room).map(|_| row()));
            }
        }
        self.lanes.filled(&wants, rows, now);
        let at = START + Duration::from_millis(self.ms);
        while let Some(picked) = self.lanes.take(at, now) {
            self.lanes.finished(&picked, Finish::Accepted, at);
            self.lanes.recorded(&picked, true, now);
        }
        wants.len()
    }
}

/// A row of about that many bytes.
fn heavy(endpoint: EndpointId, bytes: usize) -> QueuedDelivery {
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
        let mut crowd = Crowd::of(idle, busy);
        // Each lane has an eighth of the room at most, and an idle one 128 kB.
        let within = (idle + busy).div_ceil(512) + busy.div_ceil(4) + 1;
        for _ in 0..3 * within {
            let asked = crowd.read(row_bytes);
            prop_assert!(asked > 0, "a read that asks nobody");
            let longest = crowd.waited.values().max().unwrap();
            prop_assert!(*longest <= within, "{longest} reads, not {within}");
        }
    }
}

#[test]
fn whoever_does_not_fit_is_waited_for() {
    let mut scene = Scene::new();
    // One endpoint's rows weigh a megabyte each; of the others' room less than that falls free at a time.
    let large = scene.endpoint;
    let first = heavy(large, 1 << 20);
    scene.read(&[(first, false)]);
    assert!(scene.take().is_some());
    for _ in 0..40 {
        let id = EndpointId::generate();
        scene.lanes.open(view(id, true, 64), 1, START);
    }
    let mut reads_without = 0;
    for _ in 0..300 {
        scene.ms += 10;
        let wants = scene.lanes.wants(true, false);
        reads_without = match wants.iter().any(|want| want.endpoint == large) {
            true => 0,
            false => reads_without + 1,
        };
        // Each of the 40 others is asked at least once in the meantime, then its megabyte falls free in a few reads.
        assert!(reads_without <= 60, "passed over {reads_without} times");
        let rows = wants.iter().filter(|want| want.endpoint != large);
        let rows =
            rows.flat_map(|want| (0..want.room).map(|_| (heavy(want.endpoint, 60_000), false)));
        let rows = rows.collect();
        scene.lanes.filled(&wants, rows, scene.instant());
        for picked in (0..8).filter_map(|_| scene.take()).collect::<Vec<_>>() {
            scene.finish(&picked, Finish::Accepted);
            scene.record(&picked, true);
        }
    }
}

#[test]
fn what_commits_behind_the_place_is_found_within_a_minute_by_polls_alone() {
    let mut scene = Scene::new();
    scene.ms = 40_000;
    let ahead = scene.delivery();
    scene.read(&[(ahead.clone(), false)]);
    let picked = scene.take().unwrap();
    scene.finish(&picked, Finish::Accepted);
    scene.record(&picked, true);
    // As after a transaction of a quarter of a minute, or a clock that was set back.
    let behind = delivery(scene.endpoint, OrderId::generate(), 0);
    let (from, mut found) = (scene.ms, None);
    while found.is_none() {
        scene.ms += 250;
        assert!(scene.ms - from <= 60_000, "not found within a minute");
        let now = scene.instant();
        scene.lanes.tick(now);
        scene.read(&[(behind.clone(), false)]);
        found = scene.take();
    }
    assert_eq!(found.unwrap().delivery.id, behind.id);
}

#[test]
fn a_hint_leads_back_to_what_it_tells_of() {
    let mut scene = Scene::new();
    scene.ms = 40_000;
    let ahead = scene.delivery();
    scene.read(&[(ahead, false)]);
    assert!(scene.take().is_some());
    let behind = delivery(scene.endpoint, OrderId::generate(), 0);
    let shards = [Shard::of(scene.endpoint)];
    scene.lanes.hint(&shards, None);
    scene.read(&[(behind.clone(), false)]);
    assert!(scene.take().is_none(), "half a second back");
    scene.lanes.hint(&shards, Some(behind.due_at));
    scene.read(&[(behind.clone(), false)]);
    assert_eq!(scene.take().unwrap().delivery.id, behind.id);
}
