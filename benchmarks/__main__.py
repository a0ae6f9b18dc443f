"""``python -m benchmarks``: every measurement, one line each."""

from benchmarks import render, start, wire

for benchmark in (start, wire, render):
    benchmark.main()
