"""What the job costs, measured side by side with its peers. `make bench` runs it; nothing here asserts on a clock."""
