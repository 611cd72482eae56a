"""The parts that windows are made of. They render immutable values and emit intents; none knows a store or a worker."""
