//! Where a gateway is killed: at an effect, before or after each of the steps that make it.
//!
//! The gateway knows nothing of it. Triggers in the test's database make the step wait, and faults at the processor make
//! its request wait; then the process gets SIGKILL.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio_postgres::Client;

use super::Deployment;
use crate::support::api::Answer;
use crate::support::postgres::connect;

/// How long the processor waits: longer than a process takes to die, and no other fault has it.
const FAULT_MS: u64 = 400;

/// Which step of an effect is not survived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// The decision that leads to it is not committed, and lost.
    Deciding,
    /// It is committed; nothing was called.
    Decided,
    /// The processor has received the request, and carries it out after the gateway's death.
    Received,
    /// The processor has carried it out, and its reply is lost.
    CarriedOut,
    /// It was carried out; the result is not committed, and lost.
    Performed,
    /// The result is committed; what follows was not called.
    Recorded,
}

/// An effect and a step of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct KillPoint {
    pub(super) effect: &'static str,
    pub(super) step: Step,
}

/// The effects, with the operation at the processor that each of them is.
const EFFECTS: [(&str, Option<&str>); 13] = [
    ("take_hold", None),
    ("open_session", Some("create_session")),
    ("place_order", None),
    ("capture", Some("capture")),
    ("cancel_order", None),
    ("refund", Some("refund")),
    ("expire_session", Some("expire")),
    ("release_hold", None),
    ("void", Some("cancel")),
    ("ask_processor", Some("read")),
    ("send_receipt", None),
    ("send_notice", None),
    ("extend_hold", None),
];

/// Every step of every effect.
pub(super) fn all() -> Vec<KillPoint> {
    let local = [
        Step::Performed,
        Step::Decided,
        Step::Recorded,
        Step::Deciding,
    ];
    let remote = [Step::CarriedOut, Step::Received];
    let steps = local.into_iter().chain(remote);
    let points = steps.flat_map(|step| {
        let effects = EFFECTS.into_iter();
        let effects =
            effects.filter(move |(_, operation)| local.contains(&step) || operation.is_some());
        effects.map(move |(effect, _)| KillPoint { effect, step })
    });
    points.collect()
}

impl KillPoint {
    /// The fault that makes the processor's part of the step wait.
    fn fault(self) -> Option<(&'static str, &'static str)> {
        let kind = match self.step {
            Step::Received => "delay",
            Step::CarriedOut => "timeout",
            _ => return None,
        };
        let (_, operation) = EFFECTS
            .into_iter()
            .find(|(effect, _)| *effect == self.effect)?;
        operation.map(|operation| (operation, kind))
    }
}

/// Steps wait for an advisory lock that the trap has.
const TRIGGERS: &str = "
    CREATE TABLE kill_point (effect text NOT NULL, step text NOT NULL);
    CREATE FUNCTION wait_at_kill_point() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE own text := CASE TG_OP WHEN 'DELETE' THEN OLD.effect ELSE NEW.effect END ->> 'action';
    BEGIN
        IF EXISTS (SELECT FROM kill_point k WHERE k.effect = own AND k.step = TG_ARGV[0]) THEN
            PERFORM pg_advisory_xact_lock_shared(7077);
        END IF;
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END $$;
    CREATE TRIGGER deciding BEFORE INSERT ON checkout_effects
        FOR EACH ROW EXECUTE FUNCTION wait_at_kill_point('Deciding');
    CREATE CONSTRAINT TRIGGER decided AFTER INSERT ON checkout_effects DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION wait_at_kill_point('Decided');
    CREATE TRIGGER performed BEFORE DELETE ON checkout_effects
        FOR EACH ROW EXECUTE FUNCTION wait_at_kill_point('Performed');
    CREATE CONSTRAINT TRIGGER recorded AFTER DELETE ON checkout_effects DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION wait_at_kill_point('Recorded');
    SELECT pg_advisory_lock(7077);
";

const WAITING: &str = "FROM pg_locks WHERE locktype = 'advisory' AND objid = 7077 AND NOT granted \
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

/// A step that is waited for, with a connection of its own: the story's may have to wait for what the step has locked.
pub(super) struct Trap {
    point: KillPoint,
    sql: Client,
    /// The connections of the test.
    own: [i32; 2],
}

impl Deployment {
    /// Makes the next of these steps wait.
    pub(super) async fn set_trap(&self, point: KillPoint) -> Trap {
        let sql = connect(&self.database.url.parse().unwrap()).await;
        sql.batch_execute(TRIGGERS).await.unwrap();
        match point.fault() {
            Some((operation, kind)) => self.fault(operation, kind, 1, FAULT_MS).await,
            None => {
                let step = format!("{:?}", point.step);
                let insert = "INSERT INTO kill_point VALUES ($1, $2)";
                sql.execute(insert, &[&point.effect, &step]).await.unwrap();
            }
        }
        let own = [pid(&self.sql).await, pid(&sql).await];
        Trap { point, sql, own }
    }

    /// Kills the gateway at the step and starts it again. False: the story has ended before.
    pub(super) async fn kill_at(&self, trap: &Trap, has_ended: &AtomicBool) -> bool {
        while !self.is_reached(trap).await {
            if has_ended.load(Ordering::SeqCst) {
                return false;
            }
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
        let mut nodes = self.nodes.lock().await;
        nodes[0].kill();
        trap.open().await;
        nodes[0].run().await;
        // A minute later, what the dead process has claimed is anybody's.
        let due = "UPDATE checkout_effects SET due_at = now()";
        trap.sql.execute(due, &[]).await.unwrap();
        true
    }

    async fn is_reached(&self, trap: &Trap) -> bool {
        let Some((operation, _)) = trap.point.fault() else {
            let waiting = format!("SELECT count(*) {WAITING}");
            let row = trap.sql.query_one(&waiting, &[]).await.unwrap();
            return row.get::<_, i64>(0) > 0;
        };
        let url = format!("http://{}/_control/faults", self.sandbox.address());
        let waiting = Answer::send(self.browser.get(url)).await.json();
        let mut waiting = waiting["data"].as_array().unwrap().iter();
        !waiting.any(|one| one["on"] == operation && one["ms"] == FAULT_MS)
    }
}

impl Trap {
    /// The process is dead: what it has sent to the database is carried out or lost, as the step says.
    async fn open(&self) {
        let disarm = "DELETE FROM kill_point";
        self.sql.execute(disarm, &[]).await.unwrap();
        if matches!(self.point.step, Step::Deciding | Step::Performed) {
            // It died before it could say COMMIT.
            let end = format!("SELECT pg_terminate_backend(pid, 5000) {WAITING}");
            self.sql.query(&end, &[]).await.unwrap();
        }
        let unlock = "SELECT pg_advisory_unlock(7077)";
        self.sql.execute(unlock, &[]).await.unwrap();
        let others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> ALL($1) \
                      AND backend_type = 'client backend'";
        loop {
            let row = self.sql.query_one(others, &[&self.own.as_slice()]).await;
            if row.unwrap().get::<_, i64>(0) == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

async fn pid(sql: &Client) -> i32 {
    let row = sql.query_one("SELECT pg_backend_pid()", &[]).await;
    row.unwrap().get(0)
}
