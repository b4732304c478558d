"""Whether all is well: with this machine and the accounts (`doctor`), and with an environment (`status`)."""
