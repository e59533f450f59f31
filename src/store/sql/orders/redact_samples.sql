-- Removes the samples of failure groups that are replies about this order. The next failure brings another.
UPDATE failure_groups SET sample = NULL, sample_order = NULL WHERE sample_order = $1
