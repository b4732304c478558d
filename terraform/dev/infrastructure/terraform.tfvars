alarm_emails              = []
log_retention_days        = 14
quarantine_retention_days = 30
