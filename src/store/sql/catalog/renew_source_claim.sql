-- The pull lives: its claim goes on, unless it was lost.
UPDATE feed_sources SET until = now() + make_interval(secs => $2::double precision) WHERE claim = $1
