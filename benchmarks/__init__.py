"""How near the program comes to its floors: ratios, measured side by side in one run.

No figure here is a test: machines are shared and noisy. `python -m benchmarks [part …] [--json]`.
"""
