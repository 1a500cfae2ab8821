"""What daybook does with the engine `jetstream` while servers of NATS, or the way to them, fail."""
