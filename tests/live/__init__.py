"""Event streams and polls, whose clients and servers come and go."""
