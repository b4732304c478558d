alarm_emails              = []
log_retention_days        = 365
quarantine_retention_days = 90
