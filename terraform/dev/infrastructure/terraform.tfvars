alarm_emails              = []
log_retention_days        = 14
quarantine_retention_days = 30

alarm_limits = {
  daily_dpu_hours = 10
  freshness_hours = 0 # hours without a loaded file after which somebody is told; 0 is never
}
