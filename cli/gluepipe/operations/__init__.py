"""What goes on in a deployed environment: its files, runs, queues, tables, rows set aside, and their cost."""
