"""``python -m benchmarks``: every measurement, one line each."""

from benchmarks import following, keeping, listing, render, start, wire

for benchmark in (start, wire, render, listing, following, keeping):
    benchmark.main()
