-- Write out everything, so that the measurement does not have to.
CHECKPOINT
