max_concurrent_runs = 3
max_workers         = 2
timeout_minutes     = 60
