"""The contract as a machine that runs on facts: the chart, the pure decision, what follows and why."""
