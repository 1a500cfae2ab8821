"""What bench.py is made of: servers and rows to measure, drivers that measure them, and the report."""
