"""``python -m benchmarks``: every measurement, one line each."""

from benchmarks import following, keeping, render, start, wire

for benchmark in (start, wire, render, following, keeping):
    benchmark.main()
