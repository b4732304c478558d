alarm_emails              = []
log_retention_days        = 365
quarantine_retention_days = 90

alarm_limits = {
  daily_dpu_hours = 100
  freshness_hours = 0 # hours without a loaded file after which somebody is told; 0 is never
}
