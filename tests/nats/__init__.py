"""A cluster of NATS servers for tests, and a client of it."""
