-- Creates the partitions of the days ahead, and yesterday's for clocks that differ.
SELECT make_day_partitions((now() AT TIME ZONE 'UTC')::date - 1, (now() AT TIME ZONE 'UTC')::date + 7)
