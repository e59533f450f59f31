-- Nothing of the bulk that was just written may be left for the measurement to write out.
CHECKPOINT
