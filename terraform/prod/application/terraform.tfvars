max_concurrent_runs = 10
max_workers         = 10
timeout_minutes     = 120
