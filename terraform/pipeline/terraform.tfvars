approver_emails = []
branch          = "main"
repository      = "your-organisation/gluepipe"
