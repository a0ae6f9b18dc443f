"""Small scripts that measure; run one as ``python -m benchmarks.NAME``."""
